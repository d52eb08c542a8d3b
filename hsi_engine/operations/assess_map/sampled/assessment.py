"""Assessing one or several maps with one sample of reference points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....bundle.model_bundle import ModelBundle
from ....errors import ParameterError
from ....evaluation.design_based.agreement import Agreement, agreement
from ....evaluation.design_based.paired import MapDifference, map_difference
from ....evaluation.mcnemar import holm
from ....io.files.source_names import split_layer_options
from ....io.maps.class_map import read_grid
from ....io.samples.layout import POINTS
from ....io.samples.sample_reader import is_reference_sample
from ....phrases import listed
from ....reporting import PhaseReporter, Reporter
from ..operation import AssessMapParams
from ..training_pixels import AssessedPixels, RelationToTraining, check_model, relation_to_training
from .design_doubts import doubts_on_design
from .estimate import EstimatedMap, as_simple, estimate_map, with_points
from .map_strata import checked_table, with_strata_of
from .map_values import measure_map
from .own_points import read_stated_sample
from .points import ReferencePoints, pixels_in
from .remarks import remarks_on_labels
from .sample_file import REFERENCE_FIELD, read_sample_file

_SEPARATOR = ";"


@dataclass(frozen=True, kw_only=True)
class ComparedMaps:
    """Two of the maps, by their place in :attr:`SampledAssessment.maps`, and how far apart they are.

    ``p_holm`` is the p-value adjusted for all pairs that were compared; None without a p-value.
    """

    first: int
    second: int
    difference: MapDifference
    p_holm: float | None


@dataclass(frozen=True, kw_only=True)
class ComparedInterpreters:
    """Names of the fields of two interpreters, and how far they agree."""

    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledAssessment:
    """What a sample says: of the map, of other maps, and of those who labelled it.

    ``maps`` begin with the assessed one; ``notes`` and ``warnings`` are all that apply to it.
    """

    points: ReferencePoints
    maps: tuple[EstimatedMap, ...]
    differences: tuple[ComparedMaps, ...]
    interpreters: tuple[ComparedInterpreters, ...]
    relation: RelationToTraining
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def map(self) -> EstimatedMap:
        """The assessed map."""
        return self.maps[0]


def sample_of(params: AssessMapParams) -> Path | None:
    """The file of reference points that the reference is; None if it is anything else."""
    path, options = split_layer_options(params.reference)
    layer = options.get("layername", params.layer)
    return path if layer in (None, POINTS) and is_reference_sample(path) else None


def has_design(params: AssessMapParams) -> bool:
    """Whether the reference is a sample, by its file or by what the user states.

    Raises
    ------
    ParameterError : something was given that only a sample can answer, or only other references allow.
    """
    found = params.design not in ("auto", "none") or (params.design == "auto" and sample_of(params) is not None)
    only = {
        "other maps": params.other_maps,
        "interpreter fields": params.interpreter_fields,
        "a stratum field": params.stratum_field,
        "a table of strata": params.strata,
    }
    given = [name for name, value in only.items() if value is not None]
    if given and not found:
        raise ParameterError(
            f"Of {listed(given)} use can only be made with reference points of a known design; {params.reference.name} states"
            " none.",
            code="no_design",
            hint="Give a file that Sample reference points wrote (copies of its layer have lost the design), or state the design of"
            " your points.",
        )
    if found and params.subset is not None:
        raise ParameterError(
            "A subset cannot be chosen among the points of a sample: the remaining points would not be one of the map.",
            code="subset_of_sample",
            hint="Leave the subset out, or set the design to none to count how the points of the subset agree.",
        )
    return found


def assess_with_sample(params: AssessMapParams, bundle: ModelBundle | None, reporter: Reporter) -> SampledAssessment:
    """Estimate the accuracy of the map, and of others, with one sample.

    Raises
    ------
    HsiError : of the family of whatever is wrong: parameters, points, maps, model.
    """
    points = _read_points(params)
    said = tuple(text for texts in (points.reference, *points.interpreters.values()) for text in texts)
    paths = [params.map, *_paths(params.other_maps)]
    maps = []
    for number, path in enumerate(paths):
        phase = PhaseReporter(reporter, 0.6 * number / len(paths), 0.6 * (number + 1) / len(paths))
        grid_rows, grid_cols = _located(points, path, params)
        legend = params.legend if not number else None
        measured = measure_map(path, grid_rows, grid_cols, legend, phase)
        if not number:
            points, measured = with_strata_of(points, measured, params.unclassified)
            if params.strata is not None:
                points = checked_table(points, measured, params.strata.name, params.unclassified)
            doubts = doubts_on_design(points, measured, params.reference.name)
            points = replace(points, warnings=(*points.warnings, *doubts))
        maps.append(
            estimate_map(
                points,
                measured,
                said,
                method=params.interval,
                unclassified=params.unclassified,
                reference=params.reference.name,
            )
        )
    first = maps[0]
    unchecked = "" if bundle is None else check_model(params, first.measured.tags, bundle)
    pixels = AssessedPixels(reference=int(points.labelled.sum()), sides=None)
    relation = relation_to_training(params, first.measured.tags, bundle, pixels)
    notes, warnings = remarks_on_labels(points)
    warnings = (*relation.warnings, *points.warnings, *warnings, *first.warnings)
    for warning in warnings:
        reporter.log(warning, "warning")
    for other in maps[1:]:
        for warning in other.warnings:
            reporter.log(f"{other.measured.path.name}: {warning}", "warning")
        for note in other.notes:
            reporter.log(f"{other.measured.path.name}: {note}")
    notes = (*filter(None, [unchecked]), *points.notes, *notes, *first.notes)
    for note in notes:
        reporter.log(note)
    return SampledAssessment(
        points=points,
        maps=tuple(maps),
        differences=_differences(maps),
        interpreters=_interpreters(points, first),
        relation=relation,
        notes=notes,
        warnings=warnings,
    )


def _read_points(params: AssessMapParams) -> ReferencePoints:
    fields = _names(params.interpreter_fields)
    path = sample_of(params)
    if path is not None:
        if params.stratum_field is not None or params.strata is not None:
            raise ParameterError(
                f"The file {path.name} states its strata; others cannot be given.",
                code="strata_of_sample",
                hint="Leave stratum field and table of strata out.",
            )
        return read_sample_file(path, params, fields)
    if params.design == "auto" or params.design == "none":
        raise ParameterError(
            "The reference states no design.", code="no_design", hint="State the design of the points."
        )
    return read_stated_sample(params, params.design, fields)


def _located(
    points: ReferencePoints, path: Path, params: AssessMapParams
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return pixels_in(points, read_grid(path), params.reference.name)


def _paths(text: str | None) -> list[Path]:
    return [Path(part.strip()) for part in (text or "").split(_SEPARATOR) if part.strip()]


def _names(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _differences(maps: Sequence[EstimatedMap]) -> tuple[ComparedMaps, ...]:
    """Every two maps, on the points that count for both."""
    pairs = list(combinations(range(len(maps)), 2))
    found = [_difference(maps[a], maps[b]) for a, b in pairs]
    adjusted = iter(holm([d.p_value for d in found if d.p_value is not None]))
    return tuple(
        ComparedMaps(first=a, second=b, difference=d, p_holm=None if d.p_value is None else next(adjusted))
        for (a, b), d in zip(pairs, found, strict=True)
    )


def _difference(one: EstimatedMap, other: EstimatedMap) -> MapDifference:
    common = one.kept & other.kept
    return map_difference(
        with_points(as_simple(one), common[one.kept]), with_points(as_simple(other), common[other.kept])
    )


def _interpreters(points: ReferencePoints, first: EstimatedMap) -> tuple[ComparedInterpreters, ...]:
    if not points.interpreters:
        return ()
    indices = {
        name: first.classes.index(texts)
        for name, texts in ({REFERENCE_FIELD: points.reference} | dict(points.interpreters)).items()
    }
    return tuple(
        ComparedInterpreters(first=a, second=b, agreement=agreement(indices[a], indices[b]))
        for a, b in combinations(indices, 2)
    )
