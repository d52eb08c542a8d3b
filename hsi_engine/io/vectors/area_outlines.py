"""Outlines of the areas of a raster that comes strip by strip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import shapes

from ...pixels.window import Window

# Numbers of areas, and the geometry of each.
Outlined = tuple[npt.NDArray[np.int32], npt.NDArray[Any]]


class AreaOutlines:
    """Turns numbered areas into polygons along the edges of the pixels, and lets go of each when its last row is past.

    What is kept are the outlines of areas that reach into the next strip, so that memory follows these and not the size of
    the raster. The outlines do not depend on where it was cut.

    Parameters
    ----------
    transform : pixel (col, row) to map (x, y).
    """

    def __init__(self, transform: Affine) -> None:
        self._transform = transform
        self._open: dict[int, list[Any]] = {}

    def add(self, window: Window, numbers: npt.NDArray[np.int32]) -> Outlined:
        """Take in the next strip downwards, of whole rows.

        Parameters
        ----------
        numbers : of areas, (rows, cols), 0 for pixels of no area. An area has pixels in all rows from its first to its
            last.

        Returns
        -------
        The areas that end in the strip or above: their numbers, and a multipolygon of each in map coordinates, whose parts
        touch at corners only.
        """
        found, pieces = _pieces(numbers, window.row)
        reaching = set(np.unique(numbers[-1]).tolist())
        before = [number for number in self._open if number not in reaching]
        closed = {number: self._open.pop(number) for number in before}
        whole = ~np.isin(found, [*reaching, *before])
        for number, piece in zip(found[~whole].tolist(), pieces[~whole], strict=True):
            (closed if number in closed else self._open).setdefault(number, []).append(piece)
        return self._outlined(found[whole], pieces[whole], closed)

    def finish(self) -> Outlined:
        """The areas that reach the last row."""
        remaining, self._open = self._open, {}
        return self._outlined(np.empty(0, np.int32), np.empty(0, object), remaining)

    def _outlined(self, found: npt.NDArray[np.int32], pieces: npt.NDArray[Any], cut: dict[int, list[Any]]) -> Outlined:
        order = np.argsort(found, kind="stable")
        numbers, places = np.unique(found[order], return_inverse=True)
        whole = shapely.multipolygons(pieces[order], indices=places) if len(found) else np.empty(0, object)
        outlines = np.concatenate([whole, _joined(list(cut.values()))])
        return np.concatenate([numbers, np.array(list(cut), np.int32)]), shapely.transform(outlines, self._on_the_map)

    def _on_the_map(self, pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        t, cols, rows = self._transform, pixels[:, 0], pixels[:, 1]
        return np.stack([t.a * cols + t.b * rows + t.c, t.d * cols + t.e * rows + t.f], axis=1)


def _pieces(numbers: npt.NDArray[np.int32], first_row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Number and polygon, in pixels (col, row), of each part of an area that is joined by edges."""
    found: list[int] = []
    rings: list[Any] = []
    rings_of = [0]
    down = Affine.translation(0, first_row)
    for outline, number in shapes(numbers, mask=numbers > 0, connectivity=4, transform=down):
        found.append(int(number))
        rings += outline["coordinates"]
        rings_of.append(len(rings))
    if not found:
        return np.empty(0, np.int32), np.empty(0, object)
    ends = np.cumsum([0, *map(len, rings)])
    corners = np.array([corner for ring in rings for corner in ring], np.float64)
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners, (ends, np.array(rings_of)))
    return np.array(found, np.int32), polygons


def _joined(areas: Sequence[Sequence[Any]]) -> npt.NDArray[Any]:
    """A multipolygon of each list of parts that were cut between rows, without corners where they were cut."""
    if not areas:
        return np.empty(0, object)
    whole = np.array([shapely.union_all(list(parts)) for parts in areas], object)
    parts, area = shapely.get_parts(whole, return_index=True)
    _, points, (rings, polygons) = shapely.to_ragged_array(parts)
    turns, corners = _corners(points, rings)
    joined = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points[turns], (corners, polygons))
    multipolygons: npt.NDArray[Any] = shapely.multipolygons(joined, indices=area)
    return multipolygons


def _corners(points: npt.NDArray[np.float64], rings: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Which points of closed rings to keep: those at which they turn. And where the rings begin and end among these.

    Parameters
    ----------
    points : (points, 2) of all rings; the last of each is its first.
    rings : where each ring begins, and the end of the last, (rings + 1,).
    """
    first, last = rings[:-1], rings[1:] - 1
    places = np.arange(len(points))
    before, after = places - 1, places + 1
    before[first] = last - 1
    after[last] = first  # of no matter: the last is not kept for what it is
    there, onwards = points - points[before], points[after] - points
    turns = there[:, 0] * onwards[:, 1] != there[:, 1] * onwards[:, 0]
    turns[last] = False
    counts = np.add.reduceat(turns, first)
    kept = np.flatnonzero(turns)
    starts = np.concatenate([[0], np.cumsum(counts)])
    # Rings are closed again with their first corner.
    closed = np.insert(kept, starts[1:], kept[starts[:-1]])
    return closed, np.concatenate([[0], np.cumsum(counts + 1)])
