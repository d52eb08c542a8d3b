"""The classes of a map as strata of a sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ....errors import LabelError, MismatchError
from ....evaluation.design_based.point_pattern import chance_of_count
from ....phrases import counted
from .map_values import MeasuredMap, has_class
from .points import KnownStratum, MappedClass, ReferencePoints

_WHOLE_MAP = "whole map"
_WITHOUT_CLASS = "no class"
# Below this chance, points were not drawn over all pixels without a class alike.
_LEAST_CHANCE = 0.01
# Share of the map that the strata of a table hold if they are meant to be all of it.
_NEARLY_ALL = 0.99


def with_strata_of(
    points: ReferencePoints, measured: MeasuredMap, unclassified: str
) -> tuple[ReferencePoints, MeasuredMap]:
    """Points that were drawn from the pixels of a map, with the strata of it; others as they are.

    Points outside of the map are left out. So are those where it has no class if ``unclassified`` is "leave_out", or if points
    were drawn within its classes; otherwise they show that pixels without a class could be drawn, and remain.

    Raises
    ------
    MismatchError : no labelled point lies where the map has a class; or points are to be weighted by the classes of the map, and
        it is not known how many pixels without a class could be drawn.
    """
    if points.known_strata:
        return points, measured
    classed = has_class(measured.at_points)
    if not (classed & points.labelled).any():
        raise MismatchError(
            f"No labelled point lies where the map {measured.path.name} has a class.",
            code="no_overlap",
            hint="Check that points and map show the same place.",
        )
    drawn = measured.on_map if unclassified == "wrong" and points.design != "stratified" else classed
    left_out = tuple(_left_out(points, measured, drawn))
    measured = replace(measured, at_points=measured.at_points[drawn], on_map=measured.on_map[drawn])
    points = replace(
        _chosen(points, drawn),
        drawn_for=(measured.path.name, measured.sha256),
        mapped=measured.classes,
        warnings=(*points.warnings, *left_out),
    )
    if points.design == "stratified":
        strata, known = strata_of_classes(measured, measured.classes)
        return replace(points, strata=strata, known_strata=known, strata_are_classes=True), measured
    whole, doubt = _sampled_frame(points, measured)
    strata = np.zeros(len(points), np.int64)
    warnings = (*points.warnings, *doubt)
    return (
        replace(
            points,
            strata=strata,
            known_strata=(whole,),
            strata_are_classes=False,
            frame_known=not doubt,
            warnings=warnings,
        ),
        measured,
    )


def _sampled_frame(points: ReferencePoints, measured: MeasuredMap) -> tuple[KnownStratum, tuple[str, ...]]:
    """The pixels of the map that could be drawn as a stratum, and a warning if they are not known.

    If points lie where the map has no class, that is all of the raster; but not if fewer or more of them do than its share makes
    likely, as when points were drawn where the scene has data and some of the map was left unclassified: then the number of
    pixels is that which the points suggest, and their area is not known.

    Raises
    ------
    MismatchError : it is not known, and points are to be weighted by the classes of the map.
    """
    n, without = len(points), int((~has_class(measured.at_points)).sum())
    areas = [found.area_m2 for found in measured.classes.values()]
    if without:
        areas.append(measured.without_class.area_m2)
    pixels: float = measured.pixels if without else measured.classified_pixels
    whole = KnownStratum(
        name=_WHOLE_MAP, pixels=pixels, area_m2=None if None in areas else sum(area or 0.0 for area in areas), drawn=n
    )
    share = measured.without_class.pixels / measured.pixels
    if not without or chance_of_count(without, n, share) >= _LEAST_CHANCE:
        return whole, ()
    found = (
        f"{without:,} of {counted(n, 'point')} lie where {measured.path.name} has no class; of points over the whole raster it"
        f" would be about {n * share:,.0f}. So it is not known which of its {measured.without_class.pixels:,} pixels without a"
        " class could be drawn"
    )
    if points.design == "post_stratified":
        raise MismatchError(
            f"{found}, and points cannot be weighted by the classes of the map.",
            code="frame_unknown",
            hint="State the design simple; or leave the unclassified pixels out, and the figures are for the pixels with a class.",
        )
    warning = f"{found}: shares are of the pixels that could be drawn, areas in hectares are not known."
    return replace(whole, pixels=measured.classified_pixels * n / (n - without), area_m2=None), (warning,)


def unclassified_in_frame(points: ReferencePoints, measured: MeasuredMap) -> MappedClass | None:
    """The pixels that could be drawn and have no class in the map; None if no point lies in them.

    Raises
    ------
    MismatchError : it is not known how many these are.
    """
    on_map = measured.on_map
    without = int((on_map & ~has_class(measured.at_points)).sum())
    if not without:
        return None
    total = sum(stratum.pixels for stratum in points.known_strata)
    pixels = round(total) - measured.classified_pixels
    if pixels < without or chance_of_count(without, int(on_map.sum()), pixels / total) < _LEAST_CHANCE:
        raise MismatchError(
            f"{counted(without, 'point')} {'lies' if without == 1 else 'lie'} where {measured.path.name} has no class, and it is"
            " not known how many of the sampled pixels have none: points cannot be weighted by the classes of the map.",
            code="frame_unknown",
            hint="Leave the design on auto; or leave the unclassified pixels out, and the figures are for the pixels with a class.",
        )
    areas = [stratum.area_m2 for stratum in points.known_strata]
    classed = [found.area_m2 for found in measured.classes.values()]
    known = None not in areas and None not in classed
    area = sum(area or 0.0 for area in areas) - sum(area or 0.0 for area in classed) if known else None
    return MappedClass(pixels=pixels, area_m2=area)


def checked_table(points: ReferencePoints, measured: MeasuredMap, table: str, unclassified: str) -> ReferencePoints:
    """Points with the strata of a table, whose pixels are compared with those of the map.

    Parameters
    ----------
    table : name of the file of the table.

    Raises
    ------
    LabelError : the table has more pixels than the map has with a class; or than it has at all, if points lie where it has no
        class and count as wrong.
    """
    stated = sum(stratum.pixels for stratum in points.known_strata)
    found = measured.classified_pixels
    all_count = unclassified == "wrong" and bool((measured.on_map & ~has_class(measured.at_points)).any())
    most, which = (measured.pixels, "") if all_count else (found, " with a class")
    if stated > most:
        raise LabelError(
            f"The strata of the table {table} have {stated:,.0f} pixels, but {measured.path.name} has only {most:,} pixels{which}.",
            code="strata_table",
            hint=f"State how many pixels of the map{which} each stratum has.",
        )
    if all_count and stated <= found:
        warning = (
            f"The strata of the table {table} have no more pixels than {measured.path.name} has with a class, but points lie where it"
            " has none. If the table counts only pixels with a class, leave the unclassified pixels out."
        )
        points = replace(points, warnings=(*points.warnings, warning))
    if stated >= _NEARLY_ALL * found:
        return points
    warning = (
        f"The strata of the table {table} have {stated:,.0f} of the {found:,} pixels of {measured.path.name} with a class: the"
        " figures are for these strata only. If they should be the whole map, correct the table."
    )
    return replace(points, part_of_map=True, warnings=(*points.warnings, warning))


def strata_of_classes(
    measured: MeasuredMap, mapped: Mapping[int, MappedClass], without_class: MappedClass | None = None
) -> tuple[npt.NDArray[np.int64], tuple[KnownStratum, ...]]:
    """The stratum of each point, (points,), and the strata.

    Parameters
    ----------
    mapped : what the map shows of its classes in the sampled region.
    without_class : the part of it without a class, which is the last stratum; if there is none, points without a class are put into
        the first.

    Raises
    ------
    MismatchError : that is not known.
    LabelError : a point lies in a class that it does not hold.
    """
    present = {value: found for value, found in sorted(mapped.items()) if found.pixels}
    if not present:
        raise MismatchError(
            f"Points cannot be stratified by the classes of {measured.path.name}: they were drawn in a part of another map,"
            " or on another grid, so that it is not known how many of the sampled pixels have which class.",
            code="strata_unknown",
            hint="Leave the design on auto.",
        )
    values = measured.at_points.astype(np.int64)
    strange = sorted(set(values[values > 0].tolist()) - present.keys())
    if strange:
        raise LabelError(
            f"Points lie in class {strange[0]} of {measured.path.name}, which the sampled region does not hold.",
            code="strata_missing",
            hint="The map was changed after the sample was drawn; draw a sample for the changed map.",
        )
    place = np.zeros(1 + max(present), np.int64)
    place[list(present)] = np.arange(len(present))
    names = {c.value: c.name for c in measured.legend}
    known = tuple(
        KnownStratum(
            name=names.get(value, str(value)),
            pixels=found.pixels,
            area_m2=found.area_m2,
            drawn=int((values == value).sum()),
        )
        for value, found in present.items()
    )
    if without_class is not None:
        place[0] = len(known)
        rest = KnownStratum(
            name=_WITHOUT_CLASS,
            pixels=without_class.pixels,
            area_m2=without_class.area_m2,
            drawn=int((values == 0).sum()),
        )
        known = (*known, rest)
    return place[values], known


def _chosen(points: ReferencePoints, kept: npt.NDArray[np.bool_]) -> ReferencePoints:
    """The points that ``kept`` marks."""
    numbers = np.flatnonzero(kept).tolist()
    return replace(
        points,
        rows=points.rows[kept],
        cols=points.cols[kept],
        strata=points.strata[kept],
        reference=tuple(points.reference[i] for i in numbers),
        interpreters={name: tuple(texts[i] for i in numbers) for name, texts in points.interpreters.items()},
        pixel_areas=None if points.pixel_areas is None else points.pixel_areas[kept],
    )


def _left_out(points: ReferencePoints, measured: MeasuredMap, kept: npt.NDArray[np.bool_]) -> Iterator[str]:
    """Warnings on the points that ``kept`` does not mark, (points,)."""
    off, without = int((~measured.on_map).sum()), int((measured.on_map & ~kept).sum())
    if off:
        yield f"{counted(off, 'point')} {_lie(off)} outside of {measured.path.name} and {_are(off)} left out."
    if without:
        within = (
            " Points that were drawn within the classes of the map cannot lie there."
            if points.design == "stratified"
            else ""
        )
        yield (
            f"{counted(without, 'point')} {_lie(without)} where {measured.path.name} has no class and {_are(without)} left out: the"
            f" figures are for the pixels with a class.{within}"
        )


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
