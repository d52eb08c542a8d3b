"""From an extent on the map to the pixels of a scene."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from affine import Affine

from ...errors import MismatchError, ParameterError
from ...pixels.grid import Grid, describe_crs, same_crs
from ...pixels.window import Window
from ..vectors.extents import describe_extent, describe_outline, reproject_geometries
from ..vectors.unplaced import sides_of

# An extent along the edges of pixels does not touch their neighbours, whatever rounding makes of its numbers.
_TOLERANCE_PX = 0.01
# Straight edges bend between CRS: points on all four follow.
_POINTS_PER_EXTENT = 400
# Pixel corners of a scene along each of its axes by which it is placed in the CRS of an extent.
_CORNERS = 65
# Of the size of a scene, on each side: that much of an extent around it is looked at, since far from it there may be no way
# between the two CRS.
_MARGIN = 0.25
_TURN = 360.0
_FORM = 'Write "xmin,ymin,xmax,ymax" in the CRS of the scene, or with another CRS "xmin,ymin,xmax,ymax,EPSG:4326".'

_NOTHING = Window(row=0, col=0, height=0, width=0)
_Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class MapExtent:
    """A rectangle on the map.

    Parameters
    ----------
    bounds : left, bottom, right, top.
    crs : of the bounds as WKT; None for that of the scene.
    """

    bounds: _Bounds
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
    MismatchError : the extent does not lie on the scene, seems to be in the order of QGIS, there is no way between its CRS and
        that of the scene, or it reaches across y = 0 of a scene without map coordinates about as far above as below.
    """
    scene = _PlacedScene.of(grid, extent.crs)
    reached = _reached(extent.bounds, scene)
    of = "the scene" if scene.crs is None else "the extent"
    places = (
        f"In the CRS of {of} ({describe_crs(scene.crs or grid.crs)}) the extent covers {describe_extent(extent.bounds)},"
        f" the scene over {describe_extent(scene.bounds) if grid.is_georeferenced else describe_outline(grid)}."
    )
    if _is_order_of_qgis(extent.bounds, reached, scene):
        fault = (
            "does not overlap the scene, but would if its numbers were in another order"
            if reached.is_empty
            else "is far larger than the scene, but would show a part of it if its numbers were in another order"
        )
        raise MismatchError(
            f"The extent {fault}. {places}",
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


def _is_order_of_qgis(bounds: _Bounds, reached: Window, scene: _PlacedScene) -> bool:
    """Whether the numbers seem to be xmin,xmax,ymin,ymax.

    Read in the wrong order, the large y of usual coordinates makes an extent that covers the scene and lands and seas
    around it; it would map most of the scene without a word.
    """
    left, bottom, right, top = bounds
    if left >= bottom or right >= top:
        return False
    as_in_qgis = [window for window in _either_way((left, right, bottom, top), scene) if not window.is_empty]
    if not as_in_qgis or as_in_qgis[0] == reached:
        return False
    if reached.is_empty:
        return True
    x, y, x_end, y_end = scene.bounds
    is_near = 2 * x - x_end <= left and 2 * y - y_end <= bottom and right <= 2 * x_end - x and top <= 2 * y_end - y
    return not is_near and (bottom - left) * (top - right) < (right - left) * (top - bottom)


def _reached(bounds: _Bounds, scene: _PlacedScene) -> Window:
    reached, *other = _either_way(bounds, scene)
    if not other or reached == other[0]:
        return reached
    grid = scene.grid
    far = 2.0 * max(grid.shape)
    nearby = shapely.box(*(min(max(edge, -far), far) for edge in bounds))
    minus_the_row = sides_of(np.array([nearby]), grid.shape).minus_the_row
    if minus_the_row is None:
        raise MismatchError(
            f"The scene has no map coordinates, and y of the extent cannot be told: it covers {describe_extent(bounds)},"
            f" the scene {describe_outline(grid)}.",
            code="y_axis",
            hint="End the extent at y = 0, the upper edge of the scene.",
        )
    return reached if minus_the_row == (grid.transform.e < 0) else other[0]


def _either_way(bounds: _Bounds, scene: _PlacedScene) -> list[Window]:
    """What an extent touches; without map coordinates also with the sign of y turned round, second."""
    left, bottom, right, top = bounds
    ways = [bounds] if scene.grid.is_georeferenced else [bounds, (left, -top, right, -bottom)]
    return [scene.touched(way) for way in ways]


@dataclass(frozen=True, kw_only=True, eq=False)
class _PlacedScene:
    """A scene in the CRS of an extent.

    It is the scene that is transformed: it is small, and has a place on Earth. An extent may be the whole world, of which most
    has no place in the CRS of a scene, or a wrong one.

    Parameters
    ----------
    crs : of the extent as WKT; None for that of the scene.
    corners : columns and rows of some pixel corners, float64 (n, 2).
    places : their x and y in the CRS of the extent, float64 (n, 2); of a scene across the 180th meridian, longitudes continue
        beyond 180.
    turns : what may be added to the x of an extent without moving it.
    """

    grid: Grid
    crs: str | None
    corners: npt.NDArray[np.float64]
    places: npt.NDArray[np.float64]
    turns: tuple[float, ...]

    @classmethod
    def of(cls, grid: Grid, crs: str | None) -> _PlacedScene:
        """The scene of a grid as an extent in ``crs`` sees it.

        Raises
        ------
        MismatchError : there is no way from the CRS of the scene to that of the extent.
        """
        rows, cols = grid.shape
        axes = (np.linspace(0, size, min(size + 1, _CORNERS)).round() for size in (cols, rows))
        corners = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
        places = _affine(grid.transform, corners)
        if crs is None or same_crs(crs, grid.crs):
            return cls(grid=grid, crs=None, corners=corners, places=places, turns=(0.0,))
        if grid.crs is None:
            raise MismatchError(
                f"The extent is in {describe_crs(crs)}, but the scene has no CRS.",
                code="crs",
                hint="Give the extent in the coordinates of the scene, without a CRS.",
            )
        moved = shapely.get_coordinates(
            reproject_geometries(shapely.MultiPoint(places), grid.crs, crs, "the scene", "extent")
        )
        known = np.isfinite(moved).all(axis=1)
        if not known.any():
            raise MismatchError(
                f"The scene has no place in the CRS of the extent ({describe_crs(crs)}).",
                code="crs",
                hint="Give the extent in the CRS of the scene.",
            )
        corners, places = corners[known], moved[known]
        turns: tuple[float, ...] = (0.0,)
        if pyproj.CRS.from_user_input(crs).is_geographic:
            turns = (0.0, -_TURN, _TURN)
            eastward = places + np.where(places[:, :1] < 0, [_TURN, 0.0], 0.0)
            places = min(places, eastward, key=lambda some: np.ptp(some[:, 0]))
        return cls(grid=grid, crs=crs, corners=corners, places=places, turns=turns)

    @property
    def bounds(self) -> _Bounds:
        """Left, bottom, right, top of the scene in the CRS of the extent."""
        (left, bottom), (right, top) = self.places.min(axis=0).tolist(), self.places.max(axis=0).tolist()
        return float(left), float(bottom), float(right), float(top)

    def touched(self, bounds: _Bounds) -> Window:
        """The smallest window around the pixels that an extent touches; empty if it touches none."""
        left, bottom, right, top = bounds
        turned = ((left + turn, bottom, right + turn, top) for turn in self.turns)
        return _around([window for one in turned for window in self._windows(one)]).clip(self.grid.shape)

    def _windows(self, bounds: _Bounds) -> Iterator[Window]:
        """The window that an extent reaches where the scene lies, and that of the corners inside it: where the CRS of the
        extent ends or begins again, only the latter is right.
        """
        left, bottom, right, top = bounds
        inside = ((self.places >= [left, bottom]) & (self.places <= [right, top])).all(axis=1)
        if inside.any():
            (col, row), (col_end, row_end) = self.corners[inside].min(axis=0), self.corners[inside].max(axis=0)
            yield Window(row=int(row), col=int(col), height=int(row_end - row), width=int(col_end - col))
        x, y, x_end, y_end = self.bounds
        across, along = _MARGIN * (x_end - x), _MARGIN * (y_end - y)
        west, east = max(left, x - across), min(right, x_end + across)
        south, north = max(bottom, y - along), min(top, y_end + along)
        if west < east and south < north:
            yield self._window_of(shapely.box(west, south, east, north))

    def _window_of(self, rectangle: shapely.Polygon) -> Window:
        if self.crs is not None:
            bent = shapely.segmentize(rectangle, rectangle.length / _POINTS_PER_EXTENT)
            rectangle = reproject_geometries(bent, self.crs, str(self.grid.crs), "the extent", "scene")
        outline = _affine(~self.grid.transform, shapely.get_coordinates(rectangle))
        outline = outline[np.isfinite(outline).all(axis=1)]
        return _NOTHING if len(outline) < 3 else _touched(shapely.Polygon(outline), self.grid.shape)


def _affine(transform: Affine, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    t, (x, y) = transform, points.T
    return np.stack([t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f], axis=1)


def _around(windows: Sequence[Window]) -> Window:
    """The smallest window around others."""
    some = [window for window in windows if not window.is_empty]
    if not some:
        return _NOTHING
    row, col = min(window.row for window in some), min(window.col for window in some)
    row_end, col_end = max(window.row_end for window in some), max(window.col_end for window in some)
    return Window(row=row, col=col, height=row_end - row, width=col_end - col)


def _touched(in_pixels: shapely.Polygon, shape: tuple[int, int]) -> Window:
    """The smallest window around the pixels of a scene that a shape touches; empty if it touches none."""
    rows, cols = shape
    met = shapely.intersection(shapely.make_valid(in_pixels), shapely.box(0, 0, cols, rows))
    if met.is_empty or (_is_thin(met) and not _is_thin(in_pixels)):
        return _NOTHING
    left, top, right, bottom = met.bounds
    row, col = math.floor(top + _TOLERANCE_PX), math.floor(left + _TOLERANCE_PX)
    height, width = (max(1, math.ceil(end - _TOLERANCE_PX) - first) for end, first in ((bottom, row), (right, col)))
    return Window(row=row, col=col, height=height, width=width).clip(shape)


def _is_thin(shape: shapely.Geometry) -> bool:
    left, top, right, bottom = shape.bounds
    return bool(min(right - left, bottom - top) < _TOLERANCE_PX)


def _parse_crs(text: str) -> str:
    try:
        return pyproj.CRS.from_user_input(text).to_wkt()
    except pyproj.exceptions.CRSError:
        raise _wrong(f"{text!r} is not a known CRS", f"Write a code such as EPSG:4326. {_FORM}") from None


def _wrong(what: str, hint: str) -> ParameterError:
    return ParameterError(f"Parameter 'extent' (Extent): {what}.", code="extent", hint=hint)
