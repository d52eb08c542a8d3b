"""Which reference points no longer lie in the pixels that were drawn."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np
import shapely

from ...pixels.grid import Grid
from .reference_sample import pixel_centres

_HEADER_BYTES = 8
# Of the box that a geometry in a GeoPackage may begin with, by its kind.
_BOX_BYTES = (0, 32, 48, 48, 64)
# Coordinates are rounded; a point on the edge of its pixel is in it.
_FARTHEST_PX = 0.501


def moved_points(database: sqlite3.Connection, grid: Grid, drawn: Mapping[int, tuple[int, int]]) -> tuple[int, ...]:
    """The numbers of points that lie outside the pixels that were drawn, in rising order.

    Parameters
    ----------
    grid : of the map, in whose CRS the points lie.
    drawn : row and column of each point by its number. Points without a place that can be read are not among the moved ones.
    """
    try:
        rows = database.execute("SELECT point_id, geom FROM reference_points").fetchall()
    except sqlite3.OperationalError:  # the layer has lost its places
        return ()
    known = [(number, blob) for number, blob in rows if number in drawn and isinstance(blob, bytes)]
    if not known:
        return ()
    numbers = [number for number, _ in known]
    geometries = shapely.from_wkb([_wkb(blob) for _, blob in known], on_invalid="ignore")
    has_place = (shapely.get_type_id(geometries) == shapely.GeometryType.POINT) & ~shapely.is_empty(geometries)
    offset = np.full((len(known), 2), np.nan)
    offset[has_place] = shapely.get_coordinates(geometries[has_place])
    pixels = np.array([drawn[number] for number in numbers])
    offset -= pixel_centres(grid, pixels[:, 0], pixels[:, 1])
    if grid.is_georeferenced:
        t = grid.transform
        offset = offset @ np.linalg.inv([[t.a, t.b], [t.d, t.e]]).T
    return tuple(sorted(numbers[place] for place in np.flatnonzero((np.abs(offset) > _FARTHEST_PX).any(axis=1))))


def _wkb(blob: bytes) -> bytes:
    """The geometry without the header of GeoPackage; empty if it has none."""
    if len(blob) < _HEADER_BYTES or blob[:2] != b"GP":
        return b""
    kind = (blob[3] >> 1) & 7
    return blob[_HEADER_BYTES + _BOX_BYTES[kind] :] if kind < len(_BOX_BYTES) else b""
