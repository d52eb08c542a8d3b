"""From a position on the map to the pixel of a scene."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyproj
import shapely

from ...errors import HsiError, MismatchError, ParameterError
from ...pixels.grid import Grid, describe_crs, same_crs
from ..vectors.extents import describe_outline, reproject_geometries

_FORM = 'Write "x,y" in the CRS of the scene, or with another CRS "x,y,EPSG:4326".'


@dataclass(frozen=True, kw_only=True)
class MapPosition:
    """A point on the map.

    Parameters
    ----------
    x, y : coordinates, x (or longitude) first whatever the CRS.
    crs : of the coordinates as WKT; None for that of the scene.
    """

    x: float
    y: float
    crs: str | None = None


def parse_position(text: str) -> MapPosition:
    """A position from ``x,y`` or ``x,y,CRS``.

    Raises
    ------
    ParameterError : it is written in another way, or the CRS is not known.
    """
    words = [word.strip() for word in text.split(",", maxsplit=2)]
    try:
        numbers = [float(word) for word in words[:2]]
    except ValueError:
        raise _wrong(f"{text!r} does not begin with two numbers", _FORM) from None
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        raise _wrong(f"{text!r} does not hold two finite numbers", _FORM)
    crs = None
    if len(words) == 3:
        try:
            crs = pyproj.CRS.from_user_input(words[2]).to_wkt()
        except pyproj.exceptions.CRSError:
            raise _wrong(f"{words[2]!r} is not a known CRS", f"Write a code such as EPSG:4326. {_FORM}") from None
    return MapPosition(x=numbers[0], y=numbers[1], crs=crs)


def pixel_at(position: MapPosition, grid: Grid) -> tuple[int, int]:
    """Row and column, from 0, of the pixel that a position lies in.

    A pixel holds its upper and left edge. On a scene without coordinates y below 0 is read as minus the row, as a GIS shows it.

    Raises
    ------
    MismatchError : the position lies outside the scene, is in a CRS and the scene has none, or cannot be turned into the CRS of
        the scene.
    """
    x, y = _in_crs_of(grid, position)
    found = _pixel(x, y, grid)
    if found is None and not grid.is_georeferenced:
        found = _pixel(x, -y, grid)
    if found is not None:
        return found
    if not (math.isfinite(x) and math.isfinite(y)):
        raise MismatchError(
            f"The position ({position.x:.10g}, {position.y:.10g}) does not exist in {describe_crs(position.crs)}, or cannot be"
            " turned into the CRS of the scene.",
            code="outside_scene",
            hint=_swapped(position, grid) or f"Check the numbers and their CRS. {_FORM}",
        )
    where = f"{x:.10g}, {y:.10g}" + ("" if position.crs is None else " in the CRS of the scene")
    raise MismatchError(
        f"The position ({where}) lies outside the scene, which covers {describe_outline(grid)}"
        f" (CRS: {describe_crs(grid.crs)}).",
        code="outside_scene",
        hint=_swapped(position, grid) or f"Choose a position inside the scene, and check its CRS. {_FORM}",
    )


def check_pixel(row: int, col: int, grid: Grid) -> None:
    """See that a pixel lies in the scene.

    Raises
    ------
    MismatchError : it does not.
    """
    rows, cols = grid.shape
    if not (0 <= row < rows and 0 <= col < cols):
        raise MismatchError(
            f"The pixel at row {row}, column {col} lies outside the scene, whose rows are 0 to {rows - 1} and columns 0 to"
            f" {cols - 1}.",
            code="outside_scene",
            hint="Rows and columns count from 0, from the upper left pixel of the file.",
        )


def centre_of(row: int, col: int, grid: Grid) -> tuple[float, float]:
    """Map coordinates (x, y) of the centre of a pixel, in the CRS of the grid."""
    x, y = grid.transform @ (col + 0.5, row + 0.5)
    return float(x), float(y)


def _pixel(x: float, y: float, grid: Grid) -> tuple[int, int] | None:
    col, row = ~grid.transform @ (x, y)
    if not (math.isfinite(row) and math.isfinite(col)):
        return None
    found = math.floor(row), math.floor(col)
    return found if 0 <= found[0] < grid.shape[0] and 0 <= found[1] < grid.shape[1] else None


def _swapped(position: MapPosition, grid: Grid) -> str:
    """A hint if the numbers would lie in the scene in another order."""
    other = MapPosition(x=position.y, y=position.x, crs=position.crs)
    try:
        found = _pixel(*_in_crs_of(grid, other), grid)
    except HsiError:
        return ""
    return (
        "" if found is None else f"It would lie inside with the two numbers swapped: x (longitude) comes first. {_FORM}"
    )


def _in_crs_of(grid: Grid, position: MapPosition) -> tuple[float, float]:
    if position.crs is None or same_crs(position.crs, grid.crs):
        return position.x, position.y
    if grid.crs is None:
        raise MismatchError(
            f"The position is in {describe_crs(position.crs)}, but the scene has no CRS.",
            code="crs",
            hint="Give the position in the coordinates of the scene without a CRS, or by row and column.",
        )
    point = reproject_geometries(shapely.Point(position.x, position.y), position.crs, grid.crs, "the position", "scene")
    return float(point.x), float(point.y)


def _wrong(what: str, hint: str) -> ParameterError:
    return ParameterError(f"Parameter 'position' (Position): {what}.", code="position", hint=hint)
