"""How the features of a layer of labels lie on each other and on the pixels of a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import rasterize

from ...pixels.grid import Grid
from ..vectors.extents import scene_outline
from .types import LabelFeatures

Geometries = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]

# Outlines that follow each other overlap by slivers: what is smaller than a hundredth of a pixel is none.
_LEAST_OVERLAP_PX = 0.01
# Two outlines are the same place if they share this much of the larger one.
_SAME_SHARE = 0.98
_PAIRS_AT_ONCE = 20_000
_STRIP_PX = 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlaps:
    """Pairs of features that lie on each other.

    Parameters
    ----------
    first, second : positions of the features, (pairs,), ``first < second``.
    same_place : the two cover the same ground, or are points in the same pixel, bool (pairs,).
    pixels : what they share, in units of a pixel's area, (pairs,); 1 for points.
    """

    first: IntArray
    second: IntArray
    same_place: npt.NDArray[np.bool_]
    pixels: npt.NDArray[np.float64]


def whole_features(features: LabelFeatures) -> tuple[IntArray, Geometries]:
    """Position and geometry of each feature with a class, its parts joined, (features,)."""
    wanted = features.values[features.parts.feature] > 0
    feature, parts = features.parts.feature[wanted], features.parts.geometries[wanted]
    order = np.argsort(feature, kind="stable")
    numbers, starts, counts = np.unique(feature[order], return_index=True, return_counts=True)
    geometries = parts[order][starts]
    for at in np.flatnonzero(counts > 1):
        geometries[at] = shapely.union_all(parts[order][starts[at] : starts[at] + counts[at]])
    return numbers, geometries


def find_overlaps(
    numbers: IntArray, geometries: Geometries, values: IntArray, grid: Grid, check_cancelled: Callable[[], None]
) -> Overlaps:
    """Features that share ground with one of another class, or lie in the same place as another of any class.

    Parameters
    ----------
    numbers, geometries : as :func:`whole_features` gives them; ``values`` are their classes, (features,).
    grid : of the scene; overlaps smaller than a hundredth of a pixel are none.
    check_cancelled : called now and then; may raise.
    """
    pixel_area = abs(grid.transform.determinant)
    areas = shapely.area(geometries)
    found: list[tuple[IntArray, IntArray, npt.NDArray[np.bool_], npt.NDArray[np.float64]]] = []
    first, second = _close_pairs(geometries)
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        check_cancelled()
        a, b = first[start : start + _PAIRS_AT_ONCE], second[start : start + _PAIRS_AT_ONCE]
        shared = shapely.area(shapely.intersection(geometries[a], geometries[b]))
        flat = np.minimum(areas[a], areas[b]) == 0  # a point on a polygon; two points are compared by pixel
        same = ~flat & (shared >= _SAME_SHARE * np.maximum(areas[a], areas[b]))
        other_class = values[a] != values[b]
        on_polygon = flat & (np.maximum(areas[a], areas[b]) > 0)
        kept = same | (other_class & ((shared > _LEAST_OVERLAP_PX * pixel_area) | on_polygon))
        found.append((a[kept], b[kept], same[kept], np.where(flat, 1.0, shared / pixel_area)[kept]))
    at_points = _points_in_one_pixel(geometries, grid)
    found.append((*at_points, np.ones(len(at_points[0]), bool), np.ones(len(at_points[0]))))
    a, b, same, pixels = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return Overlaps(first=numbers[a], second=numbers[b], same_place=same, pixels=pixels)


def without_pixel(
    geometries: Geometries, grid: Grid, check_cancelled: Callable[[], None], *, all_touched: bool
) -> npt.NDArray[np.bool_]:
    """True for each polygon that covers no pixel centre of the scene, or touches no pixel with ``all_touched``."""
    lost = np.zeros(len(geometries), dtype=bool)
    for at, geometry in enumerate(geometries):
        check_cancelled()
        lost[at] = not _covers_pixel(geometry, grid, all_touched)
    return lost


def off_the_scene(geometries: Geometries, grid: Grid) -> npt.NDArray[np.bool_]:
    """True for each feature that lies wholly outside the scene; of points, for those that lie in none of its pixels."""
    outside: npt.NDArray[np.bool_] = ~shapely.intersects(scene_outline(grid), geometries)
    points = np.flatnonzero(shapely.get_type_id(geometries) == shapely.GeometryType.POINT)
    cols, rows = ~grid.transform @ (shapely.get_x(geometries[points]), shapely.get_y(geometries[points]))
    inside = (rows >= 0) & (rows < grid.shape[0]) & (cols >= 0) & (cols < grid.shape[1])
    outside[points] = ~inside
    return outside


def areas_px(geometries: Geometries, grid: Grid) -> npt.NDArray[np.float64]:
    """Areas in units of a pixel's area; 0 for points."""
    areas: npt.NDArray[np.float64] = shapely.area(geometries) / abs(grid.transform.determinant)
    return areas


def _close_pairs(geometries: Geometries) -> tuple[IntArray, IntArray]:
    a, b = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    return a[a < b], b[a < b]


def _points_in_one_pixel(geometries: Geometries, grid: Grid) -> tuple[IntArray, IntArray]:
    """Each point with the first point of its pixel."""
    points = np.flatnonzero(shapely.get_type_id(geometries) == shapely.GeometryType.POINT)
    if not len(points):
        return points, points
    cols, rows = ~grid.transform @ (shapely.get_x(geometries[points]), shapely.get_y(geometries[points]))
    pixel = np.floor(np.stack([rows, cols], axis=1)).astype(np.int64)
    _, first, member = np.unique(pixel, axis=0, return_index=True, return_inverse=True)
    earlier = first[member.reshape(-1)]
    later = np.flatnonzero(earlier != np.arange(len(points)))
    return points[earlier[later]], points[later]


def _covers_pixel(geometry: shapely.Geometry, grid: Grid, all_touched: bool) -> bool:
    rows, cols = grid.shape
    left, bottom, right, top = geometry.bounds
    corners = [~grid.transform @ (x, y) for x in (left, right) for y in (bottom, top)]
    col, col_end = _span([c for c, _ in corners], cols)
    row, row_end = _span([r for _, r in corners], rows)
    height = max(1, _STRIP_PX // max(1, col_end - col))
    for at in range(row, row_end, height):
        shape = (min(height, row_end - at), col_end - col)
        if (
            shape[1]
            and rasterize(
                [(geometry, 1)],
                out_shape=shape,
                transform=grid.transform @ Affine.translation(col, at),
                all_touched=all_touched,
                dtype="uint8",
            ).any()
        ):
            return True
    return False


def _span(places: list[float], edge: int) -> tuple[int, int]:
    """The pixels from the first to the last place, one more on each side, on the scene."""
    return max(0, int(np.floor(min(places))) - 1), min(edge, int(np.ceil(max(places))) + 1)
