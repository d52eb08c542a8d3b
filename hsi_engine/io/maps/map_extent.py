"""From an extent on the map to the pixels of a scene."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from ...errors import MismatchError, ParameterError
from ...pixels.grid import Grid, describe_crs, same_crs
from ...pixels.window import Window
from ..vectors.extents import describe_extent, describe_outline, reproject_geometries, scene_outline
from ..vectors.unplaced import flipped, sides_of

# An extent along the edges of pixels does not touch their neighbours, whatever rounding makes of its numbers.
_TOLERANCE_PX = 0.01
# Straight edges bend between CRS: points on each of the four follow.
_POINTS_PER_EXTENT = 80
_FORM = 'Write "xmin,ymin,xmax,ymax" in the CRS of the scene, or with another CRS "xmin,ymin,xmax,ymax,EPSG:4326".'


@dataclass(frozen=True, kw_only=True)
class MapExtent:
    """A rectangle on the map.

    Parameters
    ----------
    bounds : left, bottom, right, top.
    crs : of the bounds as WKT; None for that of the scene.
    """

    bounds: tuple[float, float, float, float]
    crs: str | None


def parse_extent(text: str) -> MapExtent:
    """An extent from ``xmin,ymin,xmax,ymax`` or ``xmin,ymin,xmax,ymax,CRS``, x before y whatever the CRS.

    Raises
    ------
    ParameterError : it is written in another way, is empty or turned round, or the CRS is not known.
    """
    if re.search(r"\[.*\]", text):
        raise _wrong(f"{text!r} is in the order of QGIS: xmin,xmax,ymin,ymax and the CRS in brackets", _FORM)
    words = [word.strip() for word in text.split(",", maxsplit=4)]
    try:
        numbers = [float(word) for word in words[:4]]
    except ValueError:
        raise _wrong(f"{text!r} does not begin with four numbers", _FORM) from None
    if len(numbers) < 4 or not all(map(math.isfinite, numbers)):
        raise _wrong(f"{text!r} does not hold four finite numbers", _FORM)
    left, bottom, right, top = numbers
    if left >= right or bottom >= top:
        raise _wrong(f"{text!r} has no area: xmin must be less than xmax, and ymin less than ymax", _FORM)
    return MapExtent(bounds=(left, bottom, right, top), crs=_parse_crs(words[4]) if len(words) == 5 else None)


def extent_window(extent: MapExtent, grid: Grid) -> Window:
    """The pixels of a scene that an extent touches, clipped to the scene.

    In a rotated scene, and for an extent in another CRS, they are the smallest rectangle of whole pixels around those
    that it touches. On a scene without map coordinates y is read as for labels
    (:mod:`~hsi_engine.io.vectors.unplaced`): below 0 as minus the row, as a GIS shows it.

    Raises
    ------
    MismatchError : the extent does not lie on the scene, seems to be in the order of QGIS, cannot be turned into the
        CRS of the scene, or reaches across y = 0 of a scene without map coordinates about as far above as below.
    """
    rectangle = _in_crs_of(grid, extent.bounds, extent.crs)
    reached = _reached(rectangle, grid)
    places = (
        f"In the CRS of the scene ({describe_crs(grid.crs)}) the extent covers "
        f"{describe_extent(rectangle.bounds)},"
        f" the scene over {describe_outline(grid)}."
    )
    if _is_order_of_qgis(extent, rectangle, reached, grid):
        raise MismatchError(
            f"The extent does not overlap the scene, but would if its numbers were in another order. {places}",
            code="extent_order",
            hint=f"QGIS writes xmin,xmax,ymin,ymax: swap the second and third numbers. {_FORM}",
        )
    if reached.is_empty:
        raise MismatchError(
            f"The extent does not overlap the scene. {places}",
            code="no_overlap",
            hint="Check the four numbers and their CRS.",
        )
    return reached


def _is_order_of_qgis(extent: MapExtent, rectangle: shapely.Polygon, reached: Window, grid: Grid) -> bool:
    """Whether the numbers seem to be xmin,xmax,ymin,ymax.

    Read in the wrong order, the large y of usual coordinates makes an extent that covers the scene and lands and seas
    around it; it would map most of the scene without a word.
    """
    left, bottom, right, top = extent.bounds
    if left >= bottom or right >= top:
        return False
    as_in_qgis = _in_crs_of(grid, (left, right, bottom, top), extent.crs)
    if all(window.is_empty for window in _either_way(as_in_qgis, grid)):
        return False
    if reached.is_empty:
        return True
    x, y, x_end, y_end = scene_outline(grid).bounds
    around = shapely.box(2 * x - x_end, 2 * y - y_end, 2 * x_end - x, 2 * y_end - y)
    return not shapely.covers(around, rectangle) and as_in_qgis.area < rectangle.area


def _reached(rectangle: shapely.Polygon, grid: Grid) -> Window:
    reached, *other = _either_way(rectangle, grid)
    if not other or reached == other[0]:
        return reached
    minus_the_row = sides_of(np.array([rectangle]), grid.shape).minus_the_row
    if minus_the_row is None:
        raise MismatchError(
            f"The scene has no map coordinates, and y of the extent cannot be told: it covers {describe_extent(rectangle.bounds)},"
            f" the scene {describe_outline(grid)}.",
            code="y_axis",
            hint="End the extent at y = 0, the upper edge of the scene.",
        )
    return reached if minus_the_row == (grid.transform.e < 0) else other[0]


def _either_way(rectangle: shapely.Polygon, grid: Grid) -> list[Window]:
    """What a rectangle touches; without map coordinates also with the sign of y turned round, second."""
    ways = [rectangle] if grid.is_georeferenced else [rectangle, flipped(rectangle)]
    return [_touched(way, grid) for way in ways]


def _touched(rectangle: shapely.Polygon, grid: Grid) -> Window:
    """The smallest window around the pixels of the scene that a rectangle touches; empty if it touches none."""
    nothing = Window(row=0, col=0, height=0, width=0)
    in_pixels = shapely.transform(rectangle, lambda xy: np.array([~grid.transform @ tuple(point) for point in xy]))
    if not np.isfinite(shapely.get_coordinates(in_pixels)).all():
        return nothing
    rows, cols = grid.shape
    met = shapely.intersection(shapely.make_valid(in_pixels), shapely.box(0, 0, cols, rows))
    if met.is_empty or (_is_thin(met) and not _is_thin(in_pixels)):
        return nothing
    left, top, right, bottom = met.bounds
    row, col = math.floor(top + _TOLERANCE_PX), math.floor(left + _TOLERANCE_PX)
    height, width = (max(1, math.ceil(end - _TOLERANCE_PX) - first) for end, first in ((bottom, row), (right, col)))
    return Window(row=row, col=col, height=height, width=width).clip(grid.shape)


def _is_thin(shape: shapely.Geometry) -> bool:
    left, top, right, bottom = shape.bounds
    return bool(min(right - left, bottom - top) < _TOLERANCE_PX)


def _in_crs_of(grid: Grid, bounds: tuple[float, float, float, float], crs: str | None) -> shapely.Polygon:
    rectangle = shapely.box(*bounds)
    if crs is None or same_crs(crs, grid.crs):
        return rectangle
    if grid.crs is None:
        raise MismatchError(
            f"The extent is in {describe_crs(crs)}, but the scene has no CRS.",
            code="crs",
            hint="Give the extent in the coordinates of the scene, without a CRS.",
        )
    bent = shapely.segmentize(rectangle, rectangle.length / _POINTS_PER_EXTENT)
    return reproject_geometries(bent, crs, grid.crs, "the extent", "scene")


def _parse_crs(text: str) -> str:
    try:
        return pyproj.CRS.from_user_input(text).to_wkt()
    except pyproj.exceptions.CRSError:
        raise _wrong(f"{text!r} is not a known CRS", f"Write a code such as EPSG:4326. {_FORM}") from None


def _wrong(what: str, hint: str) -> ParameterError:
    return ParameterError(f"Parameter 'extent' (Extent): {what}.", code="extent", hint=hint)
