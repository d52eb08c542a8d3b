"""Where scenes and labels lie on the map: outlines, their reprojection, and their description."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyproj
import shapely

from ...errors import MismatchError
from ...pixels.grid import Grid, describe_crs

# Points along an edge of an outline in degrees, whose edges are curved there.
_EDGE_POINTS = 5


def scene_outline(grid: Grid) -> shapely.Polygon:
    """The outline of a scene in its map coordinates; a rotated scene has a rotated outline."""
    rows, cols = grid.shape
    return shapely.Polygon([grid.transform @ corner for corner in ((0, 0), (cols, 0), (cols, rows), (0, rows))])


def describe_outline(grid: Grid) -> str:
    """The extent of :func:`scene_outline` as :func:`describe_extent` writes it; without map coordinates, both ways to count rows."""
    if grid.is_georeferenced:
        return describe_extent(scene_outline(grid).bounds)
    rows, cols = grid.shape
    return f"x 0 to {cols}, y -{rows} to 0 as a GIS shows it, or y 0 to {rows} if y is the row"


def describe_extent(bounds: Sequence[float]) -> str:
    """``x 364095 to 368895, y 5804205 to 5809965`` from (left, bottom, right, top)."""
    left, bottom, right, top = (f"{value:.10g}" for value in bounds)
    return f"x {left} to {right}, y {bottom} to {top}"


def reproject_geometries(geometries: Any, source: str, target: str, place: str, shown: str) -> Any:
    """Geometries (one or an array) from one CRS to another, x before y in both; inf if that is not possible.

    ``place`` and ``shown`` name the file and what the second CRS is of, for messages.

    Raises
    ------
    MismatchError : there is no way between the two CRS, such as from a local one.
    """
    try:
        transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
        return shapely.transform(geometries, lambda xy: np.stack(transformer.transform(xy[:, 0], xy[:, 1]), axis=1))
    except pyproj.exceptions.ProjError as error:
        raise MismatchError(
            f"The coordinates of {place} ({describe_crs(source)}) cannot be transformed to the CRS of the {shown}"
            f" ({describe_crs(target)}).",
            code="crs",
            hint="Check both CRS; a local CRS has no known location on Earth.",
        ) from error


def outline_in_degrees(grid: Grid) -> list[list[float]] | None:
    """Corners and points between them as longitude and latitude, closed and counterclockwise; None if not known."""
    if grid.crs is None or not grid.is_georeferenced:
        return None
    rows, cols = grid.shape
    corners = [(0, 0), (0, rows), (cols, rows), (cols, 0), (0, 0)]
    steps = [
        (a[0] + (b[0] - a[0]) * i / _EDGE_POINTS, a[1] + (b[1] - a[1]) * i / _EDGE_POINTS)
        for a, b in pairwise(corners)
        for i in range(_EDGE_POINTS)
    ]
    try:
        to_degrees = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(grid.crs), "EPSG:4326", always_xy=True)
        points = [to_degrees.transform(*(grid.transform @ step), errcheck=True) for step in (*steps, steps[0])]
    except pyproj.exceptions.ProjError:
        return None
    found = [[round(x, 7), round(y, 7)] for x, y in points]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(found))
    return found if area > 0 else found[::-1]


def box_of(outline: Sequence[Sequence[float]]) -> list[float]:
    """West, south, east, north of an outline."""
    return [edge(point[axis] for point in outline) for edge in (min, max) for axis in (0, 1)]
