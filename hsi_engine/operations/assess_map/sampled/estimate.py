"""From reference points and one map to its accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ....errors import LabelError, MismatchError
from ....evaluation.design_based.intervals import IntervalMethod
from ....evaluation.design_based.map_accuracy import MapAccuracy, map_accuracy
from ....evaluation.design_based.reference_sample import ReferenceSample
from .class_index import IndexedClasses, index_classes, remarks_on_names, with_names
from .map_strata import strata_of_classes, unclassified_in_frame
from .map_values import MeasuredMap, has_class
from .points import KnownStratum, MappedClass, ReferencePoints, Texts, listed_briefly
from .remarks import remarks_on_classes, remarks_on_places


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimatedMap:
    """A map with what its reference points say of it.

    Parameters
    ----------
    measured, classes : the map, and the classes of it and the reference.
    sample, kept : the labelled points that count, and which of all points these are, (points,).
    accuracy : the estimates.
    strata : as they were used, in the order of ``sample.sizes``; ``labelled`` points of each.
    mapped : what the map shows of each class value in the sampled region; empty if that is not known.
    region_m2 : area that the shares are of; None if it is not known.
    region_known : whether it is known which pixels the shares are of.
    notes, warnings : what to know of it.
    """

    measured: MeasuredMap
    classes: IndexedClasses
    sample: ReferenceSample
    kept: npt.NDArray[np.bool_]
    accuracy: MapAccuracy
    strata: tuple[KnownStratum, ...]
    mapped: Mapping[int, MappedClass]
    region_m2: float | None
    region_known: bool
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def labelled_by_stratum(self) -> list[int]:
        return [int(n) for n in self.sample.points_by_stratum]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Population:
    """The strata of the points that count, their pixels, and the part of them that the figures are of."""

    kept: npt.NDArray[np.bool_]
    strata: npt.NDArray[np.int64]
    known: tuple[KnownStratum, ...]
    inside: npt.NDArray[np.bool_]
    region_m2: float | None
    by_class: bool


def estimate_map(
    points: ReferencePoints,
    measured: MeasuredMap,
    said: Texts,
    *,
    method: IntervalMethod,
    unclassified: str,
    reference: str,
) -> EstimatedMap:
    """Estimate the accuracy of a map.

    Parameters
    ----------
    said : all classes that interpreters gave.
    method : of the intervals.
    unclassified : "wrong" or "leave_out": points to which the map gives no class.
    reference : name of the file of the points, for messages.

    Raises
    ------
    LabelError : a stratum has no labelled point, or more than pixels, or the classes cannot be matched.
    MismatchError : no labelled point lies on the map, or the strata are not known.
    """
    _require_overlap(points, measured, reference)
    same_map = points.drawn_for[1] == measured.sha256
    measured = with_names(measured, points.legend, same_map=same_map)
    drawn = points.legend if same_map else None
    classes = index_classes(measured, said, reference, drawn)
    renamed, moved = ((), ()) if drawn is None else remarks_on_names(measured.legend, drawn)
    mapped = _mapped_in_region(points, measured, same_map=same_map)
    population = _population(points, measured, mapped, unclassified)
    _require_labelled_strata(population, points, reference)
    kept = population.kept
    sample = ReferenceSample(
        design=points.design,
        classes=len(classes.legend),
        reference=classes.index(points.reference)[kept],
        mapped=classes.mapped[kept],
        strata=population.strata[kept],
        sizes=np.array([stratum.pixels for stratum in population.known]),
        areas=None if points.pixel_areas is None else points.pixel_areas[kept],
        inside=None if population.inside[kept].all() else population.inside[kept],
        strata_are_classes=population.by_class or (points.strata_are_classes and same_map),
    )
    accuracy = map_accuracy(sample, method)
    places, doubts = remarks_on_places(points, measured, int(accuracy.counts[:, -1].sum()), same_map=same_map)
    on_classes, doubtful = remarks_on_classes(sample, accuracy, classes, population.known)
    return EstimatedMap(
        measured=measured,
        classes=classes,
        sample=sample,
        kept=kept,
        accuracy=accuracy,
        strata=population.known,
        mapped=mapped,
        region_m2=population.region_m2,
        region_known=points.frame_known,
        notes=(*measured.notes, *places, *renamed, *on_classes),
        warnings=(*measured.warnings, *doubts, *moved, *doubtful),
    )


def _require_overlap(points: ReferencePoints, measured: MeasuredMap, reference: str) -> None:
    if not (points.labelled & measured.on_map).any():
        raise MismatchError(
            f"No labelled point of {reference} lies on the map {measured.path.name}.",
            code="no_overlap",
            hint="Check that points and map show the same place.",
        )


def _mapped_in_region(points: ReferencePoints, measured: MeasuredMap, *, same_map: bool) -> Mapping[int, MappedClass]:
    """What the map shows of its classes in the sampled region; empty if the region is a part that only the file knows."""
    if same_map and points.mapped:
        return points.mapped
    whole = not points.part_of_map and not points.grid.explain_mismatch(measured.grid)
    return measured.classes if whole else {}


def _population(
    points: ReferencePoints, measured: MeasuredMap, mapped: Mapping[int, MappedClass], unclassified: str
) -> _Population:
    classed = has_class(measured.at_points)
    if points.design == "post_stratified":
        # If points without a class in the map are left out, the others are a simple sample of the rest.
        rest = unclassified_in_frame(points, measured) if unclassified == "wrong" and mapped else None
        strata, known = strata_of_classes(measured, mapped, rest)
        return _Population(
            kept=points.labelled & (classed if rest is None else measured.on_map),
            strata=strata,
            known=known,
            inside=np.ones(len(points), dtype=bool),
            region_m2=_total([stratum.area_m2 for stratum in known]),
            by_class=True,
        )
    inside = measured.on_map & (classed if unclassified == "leave_out" else True)
    kept = points.labelled
    region = _total([stratum.area_m2 for stratum in points.known_strata])
    if not measured.on_map[kept].all():
        region = None
    elif not inside[kept].all():
        region = total_area(mapped)
    elif region is None and not points.drawn_for[1]:
        region = _area_of_pixels(points, measured)
    return _Population(
        kept=kept, strata=points.strata, known=points.known_strata, inside=inside, region_m2=region, by_class=False
    )


def _require_labelled_strata(population: _Population, points: ReferencePoints, reference: str) -> None:
    counts = np.bincount(population.strata[population.kept], minlength=len(population.known))
    for stratum, n in zip(population.known, counts.tolist(), strict=True):
        if n > stratum.pixels:
            raise LabelError(
                f"The stratum {stratum.name} of {reference} has {n:,} labelled points, but only {stratum.pixels:,.0f} pixels.",
                code="stratum_too_small",
                hint="Points are drawn without replacement, so that a pixel has one at most: remove points that share a pixel,"
                " and state the pixels of each stratum, not its points or areas.",
            )
    empty = [stratum.name for stratum, n in zip(population.known, counts.tolist(), strict=True) if not n]
    if not empty:
        return
    what = "stratum" if len(empty) == 1 else "strata"
    hint = f"Label at least two points of the {what} {listed_briefly(empty)}."
    # A file of reference points states its design, which no other can replace; post-strata are not of its design.
    if points.design == "post_stratified" and points.legend is not None:
        hint += " Or leave the design on auto."
    elif points.legend is None and (points.strata_are_classes or points.design == "post_stratified"):
        hint += " If points were drawn without regard to the classes of the map, state the design simple."
    raise LabelError(
        f"The {what} {listed_briefly(empty)} of {reference} {'has' if len(empty) == 1 else 'have'} no labelled point: this part"
        " of the map would count as if it were like the rest.",
        code="stratum_without_labels",
        hint=hint,
    )


def total_area(mapped: Mapping[int, MappedClass]) -> float | None:
    """Area in m² of all classes; None if it is not known."""
    return _total([found.area_m2 for found in mapped.values()])


def _total(areas: Sequence[float | None]) -> float | None:
    known = [area for area in areas if area is not None]
    return sum(known) if known and len(known) == len(areas) else None


def _area_of_pixels(points: ReferencePoints, measured: MeasuredMap) -> float | None:
    """Area of strata of which only the pixels are known; None if pixels differ in size."""
    rows = measured.areas.rows_m2
    if rows is None or measured.areas.method != "planar":
        return None
    return float(rows[0]) * sum(stratum.pixels for stratum in points.known_strata)


def as_simple(found: EstimatedMap) -> ReferenceSample:
    """The sample without its post-strata, which differ from map to map."""
    sample = found.sample
    if sample.design != "post_stratified":
        return sample
    return replace(
        sample,
        design="simple",
        strata=np.zeros(len(sample), np.int64),
        sizes=np.array([sample.sizes.sum()]),
        strata_are_classes=False,
    )


def with_points(sample: ReferenceSample, chosen: npt.NDArray[np.bool_]) -> ReferenceSample:
    """The sample with only the points that ``chosen`` marks, (points,)."""
    if chosen.all():
        return sample
    return replace(
        sample,
        reference=sample.reference[chosen],
        mapped=sample.mapped[chosen],
        strata=sample.strata[chosen],
        areas=None if sample.areas is None else sample.areas[chosen],
        inside=None if sample.inside is None else sample.inside[chosen],
    )
