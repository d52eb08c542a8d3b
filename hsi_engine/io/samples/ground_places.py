"""Where pixels lie on the ground, for distances in metres."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from ...errors import LabelError
from ...pixels.grid import Grid
from .reference_sample import pixel_centres


def places_m(grid: Grid, rows: npt.NDArray[Any], cols: npt.NDArray[Any], shown: str = "map") -> npt.NDArray[np.float64]:
    """Centres of pixels in metres, (n, 2) in the plane of a projected CRS, (n, 3) from the centre of the Earth otherwise.

    ``shown`` is what the grid is of, for messages. The straight line through the Earth is shorter than the way over it by less than a metre in 50 km.

    Raises
    ------
    LabelError : the grid has no CRS, or one that is neither projected nor geographic.
    """
    crs = None if grid.crs is None or not grid.is_georeferenced else CRS.from_user_input(grid.crs)
    if crs is None or not (crs.is_projected or crs.is_geographic):
        raise LabelError(
            f"A minimum distance in metres cannot be kept: the {shown} does not say where its pixels lie on the ground.",
            code="no_distance",
            hint=f"Leave the minimum distance out, or give the {shown} its CRS and position.",
        )
    xy = pixel_centres(grid, rows, cols)
    if crs.is_projected:
        return xy * [axis.unit_conversion_factor for axis in crs.axis_info[:2]]
    to_centre = Transformer.from_crs(crs.to_2d(), CRS.from_epsg(4978), always_xy=True)
    return np.stack(to_centre.transform(xy[:, 0], xy[:, 1], np.zeros(len(xy))), axis=1)
