"""Longitudes that mean the same place: from 0 to 360 degrees, from -180 to 180, and across the line between them."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

_WHOLE_WORLD = 0.5  # of a turn; a scene that is wider may hold polygons with edges as wide


def full_turn(crs: str | None) -> float | None:
    """360 in a geographic CRS in degrees, 400 in gradians; None in any other CRS."""
    if crs is None:
        return None
    from pyproj import CRS

    parsed = CRS.from_user_input(crs)
    if not parsed.is_geographic or not parsed.axis_info:
        return None
    return round(2 * math.pi / parsed.axis_info[0].unit_conversion_factor, 9)


def join_across(
    parts: npt.NDArray[Any], outline: shapely.Polygon, turn: float
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Polygons that cross the line where longitudes begin again, in one piece; and which of them do.

    An edge of more than half a turn shows that: 179.9 to -179.9 is a short way. Nothing is joined for a scene of more than half
    the world, which may hold polygons as wide as that.
    """
    left, _, right, _ = outline.bounds
    wide = np.zeros(len(parts), dtype=bool)
    if right - left > _WHOLE_WORLD * turn:
        return parts, wide
    joined = parts.copy()
    bounds = shapely.bounds(parts)
    for index in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > turn / 2):
        edges = [np.diff(shapely.get_coordinates(ring)[:, 0]) for ring in shapely.get_rings(parts[index])]
        wide[index] = any((np.abs(edge) > turn / 2).any() for edge in edges)
        if wide[index]:
            middle = (bounds[index, 0] + bounds[index, 2]) / 2
            joined[index] = shapely.transform(parts[index], partial(_beyond, middle, turn))
    return joined, wide


def also_a_turn_away(
    parts: npt.NDArray[Any], outline: shapely.Polygon, turn: float
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Those parts that lie on the scene if their longitudes are a full turn larger or smaller, moved so; and which."""
    moved, which = [], []
    bounds = shapely.bounds(parts)
    left, _, right, _ = outline.bounds
    for shift in (-turn, turn):
        near = np.flatnonzero((bounds[:, 0] + shift <= right) & (bounds[:, 2] + shift >= left))
        there = shapely.transform(parts[near], lambda xy, shift=shift: xy + np.array([shift, 0.0]))
        # A part that only touches the border from outside is not on the scene.
        inside = shapely.intersects(outline, there) & ~shapely.touches(outline, there)
        moved.append(there[inside])
        which.append(near[inside])
    return np.concatenate(moved), np.concatenate(which)


def _beyond(middle: float, turn: float, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Coordinates (n, 2) with the longitudes below the middle a turn further."""
    return np.stack((np.where(xy[:, 0] < middle, xy[:, 0] + turn, xy[:, 0]), xy[:, 1]), axis=1)
