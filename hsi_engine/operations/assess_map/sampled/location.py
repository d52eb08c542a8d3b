"""Where the points of a sample lie in a map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from ....io.samples.reference_sample import pixel_centres
from ....io.vectors.extents import reproject_geometries
from ....pixels.grid import Grid, same_crs
from .points import ReferencePoints

_NOWHERE = -1


def pixels_in(points: ReferencePoints, grid: Grid, place: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows and columns, both (points,), of the pixels of ``grid`` in which the centres of the drawn pixels lie.

    They are outside of the grid for points that are not on it. ``place`` names the points, for messages.

    Raises
    ------
    MismatchError : there is no way from the CRS of the points to that of the map.
    """
    if not points.grid.explain_mismatch(grid):
        return points.rows, points.cols
    xy = pixel_centres(points.grid, points.rows, points.cols)
    if points.grid.crs is not None and grid.crs is not None and not same_crs(points.grid.crs, grid.crs):
        moved = reproject_geometries(shapely.points(xy), points.grid.crs, grid.crs, place, "map")
        xy = shapely.get_coordinates(moved)
    known = np.isfinite(xy).all(axis=1)
    cols, rows = ~grid.shown_transform @ (np.where(known, xy[:, 0], 0.0), np.where(known, xy[:, 1], 0.0))
    row_numbers, col_numbers = (
        np.where(known, np.floor(np.asarray(at)), _NOWHERE).astype(np.int64) for at in (rows, cols)
    )
    return row_numbers, col_numbers
