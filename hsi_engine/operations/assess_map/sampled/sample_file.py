"""A file of reference points, which states its design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ....errors import LabelError, ParameterError
from ....evaluation.design_based.reference_sample import Design
from ....io.labels.interpreted_points import cannot_be_told
from ....io.samples.interpreter_fields import read_interpreter_fields
from ....io.samples.layout import FIELDS
from ....io.samples.reference_sample import ReferenceSample
from ....io.samples.sample_reader import read_reference_sample
from ....phrases import counted
from ..operation import AssessMapParams
from .points import KnownStratum, MappedClass, ReferencePoints, Texts, listed_briefly, varying

REFERENCE_FIELD = "reference"
PURE_WARNING = (
    "Only pixels whose neighbours are of their class could be drawn. Maps are worse along borders, so the accuracies are too"
    " high, and what the intervals leave out is not chance."
)


def read_sample_file(path: Path, params: AssessMapParams, interpreters: Sequence[str]) -> ReferencePoints:
    """The points of a file that ``sample_reference_points`` wrote.

    Raises
    ------
    LabelError : the file cannot be used, or no point has a class.
    ParameterError : a design is stated that is not the one of the file.
    """
    sample = _with_field(read_reference_sample(path), path, params.class_field)
    reference = _classes_of(sample)
    if not any(text is not None for text in reference):
        raise LabelError(
            f"None of the {counted(len(sample), 'point')} of {path.name} has a class.",
            code="nothing_labelled",
            hint="Give the points their class in QGIS (field reference), save the edits, and run Assess map again.",
        )
    design = sample.design
    place = {stratum.name: number for number, stratum in enumerate(sample.all_strata)}
    return ReferencePoints(
        design=_design(sample, params),
        grid=design.grid,
        rows=sample.rows,
        cols=sample.cols,
        strata=np.array([place[name] for name in sample.strata], np.int64),
        known_strata=tuple(
            KnownStratum(name=s.name, pixels=s.pixels, area_m2=s.area_m2, drawn=s.points) for s in sample.all_strata
        ),
        reference=reference,
        interpreters=read_interpreter_fields(path, sample.point_ids, interpreters),
        pixel_areas=varying(sample.pixel_area_m2),
        drawn_for=(design.map_name, design.map_sha256),
        legend=design.legend,
        mapped={c.value: MappedClass(pixels=c.pixels, area_m2=c.area_m2) for c in design.classes},
        part_of_map=bool(design.extent or design.mask),
        strata_are_classes=design.strata_are in ("map_classes", "both"),
        undecided=sum(map(cannot_be_told, sample.reference)),
        notes=(*sample.notes, *_region(sample)),
        warnings=_warnings(sample),
    )


def _with_field(sample: ReferenceSample, path: Path, field: str | None) -> ReferenceSample:
    """The sample with what the interpreter of another field said as its reference.

    Raises
    ------
    LabelError : the field does not exist, or is one of the sample that holds no classes.
    """
    if field in (None, REFERENCE_FIELD):
        return sample
    if field in FIELDS:
        raise LabelError(
            f"Field '{field}' of {path.name} does not hold what an interpreter said of the class.",
            code="not_a_class_field",
            hint=f"Leave the class field out: it is '{REFERENCE_FIELD}', unless another interpreter used a separate field.",
        )
    return replace(sample, reference=read_interpreter_fields(path, sample.point_ids, [field])[field])


def _classes_of(sample: ReferenceSample) -> Texts:
    return tuple(text if known else None for text, known in zip(sample.reference, sample.labelled, strict=True))


def _design(sample: ReferenceSample, params: AssessMapParams) -> Design:
    own, stated = sample.design.design, params.design
    if stated in ("auto", own):
        return own
    if stated == "post_stratified" and own in ("simple", "systematic"):
        return "post_stratified"
    raise ParameterError(
        f"The points of {params.reference.name} were drawn by a {own} design; the design {stated} was stated.",
        code="other_design",
        hint="Leave the design on auto: the file says how its points were drawn."
        + (" Points of a simple or systematic sample can be post-stratified." if own != "stratified" else ""),
    )


def _region(sample: ReferenceSample) -> tuple[str, ...]:
    design = sample.design
    part = f"the extent {design.extent}" if design.extent else ""
    part += " and " if design.extent and design.mask else ""
    part += f"the mask {design.mask}" if design.mask else ""
    return (f"The figures are for the part of the map that was sampled: {part}.",) if part else ()


def _warnings(sample: ReferenceSample) -> tuple[str, ...]:
    found = [PURE_WARNING] if sample.design.pure_neighbourhood else []
    if sample.design.minimum_distance_m is not None:
        found.append(
            f"The points were kept {sample.design.minimum_distance_m:g} m apart, so that pixels in crowded places were less likely"
            " to be drawn: standard errors and intervals are approximate."
        )
    none = [s.name for s in sample.all_strata if not s.points]
    if none:
        raise LabelError(
            f"No point was drawn in {counted(len(none), 'stratum').replace('stratums', 'strata')} ({listed_briefly(none)}):"
            " nothing can be said of this part of the map, and so not of the whole.",
            code="stratum_without_points",
            hint="Draw the sample again with a minimum of points in each stratum, or without the pure neighbourhood.",
        )
    return tuple(found)
