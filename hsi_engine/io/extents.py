"""Where a scene lies on the map, as a shape and in words."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from ..grid import Grid


def scene_outline(grid: Grid) -> shapely.Polygon:
    """The outline of a scene in its map coordinates; a rotated scene has a rotated outline."""
    rows, cols = grid.shape
    return shapely.Polygon([grid.transform @ corner for corner in ((0, 0), (cols, 0), (cols, rows), (0, rows))])


def describe_extent(bounds: Sequence[float]) -> str:
    """``x 364095 to 368895, y 5804205 to 5809965`` from (left, bottom, right, top)."""
    left, bottom, right, top = (f"{value:.10g}" for value in bounds)
    return f"x {left} to {right}, y {bottom} to {top}"
