"""Points that keep a distance from one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from ...errors import LabelError, MismatchError
from ...io.samples.reference_sample import pixel_centres
from ...phrases import counted
from ...pixels.grid import Grid
from .drawing import DrawnPixels


def places_m(grid: Grid, drawn: DrawnPixels) -> npt.NDArray[np.float64]:
    """Centres of pixels in metres, (n, 2) in the plane of a projected CRS, (n, 3) from the centre of the Earth otherwise.

    The straight line through the Earth is shorter than the way over it by less than a metre in 50 km.

    Raises
    ------
    LabelError : the map has no CRS, or one that is neither projected nor geographic.
    """
    crs = None if grid.crs is None or not grid.is_georeferenced else CRS.from_user_input(grid.crs)
    if crs is None or not (crs.is_projected or crs.is_geographic):
        raise LabelError(
            "A minimum distance in metres cannot be kept: the map does not say where its pixels lie on the ground.",
            code="no_distance",
            hint="Leave the minimum distance out, or give the map its CRS and position.",
        )
    xy = pixel_centres(grid, drawn.rows, drawn.cols)
    if crs.is_projected:
        return xy * [axis.unit_conversion_factor for axis in crs.axis_info[:2]]
    to_centre = Transformer.from_crs(crs.to_2d(), CRS.from_epsg(4978), always_xy=True)
    return np.stack(to_centre.transform(xy[:, 0], xy[:, 1], np.zeros(len(xy))), axis=1)


def keep_apart(
    drawn: DrawnPixels, places: npt.NDArray[np.float64], wanted: Sequence[int], distance_m: float
) -> tuple[npt.NDArray[np.int64], list[int]]:
    """Take the pixels of each stratum in their order, unless one is too near to one that was taken before.

    Strata with the smallest number of pixels to choose from come first, as they have hardly any other places.

    Parameters
    ----------
    drawn : more pixels of each stratum than are wanted, in random order.
    places : of these pixels in metres.

    Returns
    -------
    Positions in ``drawn`` of those that are taken, and how many each stratum lacks.
    """
    members = [np.flatnonzero(drawn.strata == h) for h in range(len(wanted))]
    taken = np.zeros((sum(wanted), places.shape[1]))
    which: list[int] = []
    lacking = list(wanted)
    for h in sorted(range(len(wanted)), key=lambda number: (len(members[number]), number)):
        for position in members[h].tolist():
            if not lacking[h]:
                break
            apart = ((taken[: len(which)] - places[position]) ** 2).sum(axis=1) >= distance_m**2
            if apart.all():
                taken[len(which)] = places[position]
                which.append(position)
                lacking[h] -= 1
    return np.array(which, np.int64), lacking


def cannot_keep_apart(
    names: Sequence[str], wanted: Sequence[int], lacking: Sequence[int], distance: float
) -> MismatchError:
    """The error for strata that have no room for their points."""
    h = int(np.argmax(lacking))
    return MismatchError(
        f"A minimum distance of {distance:g} m leaves room for only {counted(wanted[h] - lacking[h], 'point')} of"
        f" {wanted[h]:,} in “{names[h]}”.",
        code="minimum_distance",
        hint="Choose a smaller distance, or fewer points in small strata (minimum per stratum, proportional allocation).",
    )
