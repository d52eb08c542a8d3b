"""The classes of a map as strata of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ....errors import LabelError, MismatchError
from ....phrases import counted
from .map_values import MeasuredMap, has_class
from .points import KnownStratum, MappedClass, ReferencePoints

_WHOLE_MAP = "whole map"
# Share of the map that the strata of a table hold if they are meant to be all of it.
_NEARLY_ALL = 0.99


def with_strata_of(points: ReferencePoints, measured: MeasuredMap) -> tuple[ReferencePoints, MeasuredMap]:
    """Points that were drawn from the pixels of a map, with the strata of it; others as they are.

    Points where this map has no class are left out, since they cannot have been drawn from its pixels.

    Raises
    ------
    MismatchError : no labelled point lies where the map has a class.
    """
    if points.known_strata:
        return points, measured
    drawn = has_class(measured.at_points)
    if not (drawn & points.labelled).any():
        raise MismatchError(
            f"No labelled point lies where the map {measured.path.name} has a class.",
            code="no_overlap",
            hint="Check that points and map show the same place.",
        )
    measured = replace(measured, at_points=measured.at_points[drawn], on_map=measured.on_map[drawn])
    points = replace(
        _chosen(points, drawn),
        drawn_for=(measured.path.name, measured.sha256),
        mapped=measured.classes,
        warnings=(*points.warnings, *_left_out(int((~drawn).sum()), measured)),
    )
    if points.design == "stratified":
        strata, known = strata_of_classes(measured, measured.classes, len(points))
        return replace(points, strata=strata, known_strata=known, strata_are_classes=True), measured
    areas = [found.area_m2 for found in measured.classes.values()]
    whole = KnownStratum(
        name=_WHOLE_MAP,
        pixels=sum(found.pixels for found in measured.classes.values()),
        area_m2=None if None in areas else sum(area or 0.0 for area in areas),
        drawn=len(points),
    )
    strata = np.zeros(len(points), np.int64)
    return replace(points, strata=strata, known_strata=(whole,), strata_are_classes=False), measured


def checked_table(points: ReferencePoints, measured: MeasuredMap, table: str) -> ReferencePoints:
    """Points with the strata of a table, whose pixels are compared with those of the map.

    Parameters
    ----------
    table : name of the file of the table.

    Raises
    ------
    LabelError : the table has more pixels than the map has with a class.
    """
    stated = sum(stratum.pixels for stratum in points.known_strata)
    found = sum(item.pixels for item in measured.classes.values())
    if stated > found:
        raise LabelError(
            f"The strata of the table {table} have {stated:,.0f} pixels, but {measured.path.name} has only {found:,} pixels with"
            " a class.",
            code="strata_table",
            hint="State how many pixels of the map with a class each stratum has.",
        )
    if stated >= _NEARLY_ALL * found:
        return points
    warning = (
        f"The strata of the table {table} have {stated:,.0f} of the {found:,} pixels of {measured.path.name} with a class: the"
        " figures are for these strata only. If they should be the whole map, correct the table."
    )
    return replace(points, part_of_map=True, warnings=(*points.warnings, warning))


def strata_of_classes(
    measured: MeasuredMap, mapped: Mapping[int, MappedClass], drawn: int
) -> tuple[npt.NDArray[np.int64], tuple[KnownStratum, ...]]:
    """The stratum of each point, (points,), and the strata; points without a class are put into the first.

    Parameters
    ----------
    mapped : what the map shows of its classes in the sampled region.
    drawn : number of points.

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


def _left_out(n: int, measured: MeasuredMap) -> tuple[str, ...]:
    if not n:
        return ()
    return (
        f"{counted(n, 'point')} {'lies' if n == 1 else 'lie'} outside of {measured.path.name} or where it has no class;"
        f" {'it is' if n == 1 else 'they are'} left out, and the figures are for the pixels with a class.",
    )
