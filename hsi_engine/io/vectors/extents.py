"""Where scenes and labels lie on the map: outlines, their reprojection, and their description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely

from ...errors import MismatchError
from ...pixels.grid import Grid, describe_crs


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
