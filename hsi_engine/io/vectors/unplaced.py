"""Which way the y axis of coordinates runs that belong to a raster without map coordinates.

Programs that see an array count rows downwards, so that y is the row. A GIS shows such a raster with its first row on top, from
y = 0 downwards, so that y is minus the row. Files state neither; the coordinates tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ...errors import MismatchError
from ...phrases import counted
from ...pixels.grid import Grid

# What reaches less far across y = 0 was meant to end there.
_TOLERANCE_PX = 0.01
# Of features that all reach across y = 0, one side has to hold this many times the area of the other.
_CLEARLY_MORE = 2.0


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Where geometries lie about y = 0, between the first and the last column.

    Parameters
    ----------
    below, above : how many lie on the raster only if y is minus the row, and only if y is the row.
    across : how many reach into both.
    area_below, area_above : of those that reach into both, in pixels on either side.
    """

    below: int
    above: int
    across: int
    area_below: float
    area_above: float

    @property
    def minus_the_row(self) -> bool | None:
        """True: y is minus the row. False: it is the row, or nothing lies on the raster. None: it may be either."""
        if self.below or self.above:
            return None if self.below and self.above else bool(self.below)
        if self.area_below >= _CLEARLY_MORE * self.area_above:
            return self.across > 0
        return False if self.area_above >= _CLEARLY_MORE * self.area_below else None


def sides_of(geometries: npt.NDArray[np.object_], shape: tuple[int, int]) -> Sides:
    """Count geometries, (n,), above and below y = 0 of a raster of ``shape`` (rows, cols) without map coordinates."""
    rows, cols = shape
    upper, lower = shapely.box(0, _TOLERANCE_PX, cols, rows), shapely.box(0, -rows, cols, -_TOLERANCE_PX)
    on_upper, on_lower = shapely.intersects(upper, geometries), shapely.intersects(lower, geometries)
    both = geometries[on_upper & on_lower]
    return Sides(
        below=int((on_lower & ~on_upper).sum()),
        above=int((on_upper & ~on_lower).sum()),
        across=len(both),
        area_below=float(shapely.area(shapely.intersection(both, lower)).sum()),
        area_above=float(shapely.area(shapely.intersection(both, upper)).sum()),
    )


def place_on_rows(
    geometries: npt.NDArray[np.object_], grid: Grid, *, place: str, what: str, shown: str
) -> tuple[npt.NDArray[np.object_], tuple[str, ...]]:
    """Geometries, (n,) and valid, in the coordinates of ``grid.transform``, and a note on how y was read.

    They are returned as they are, without a note, if the grid has map coordinates or none of them lies on it.

    Parameters
    ----------
    place : the file and layer, ``what`` these are (labels, mask) and ``shown`` what the grid is of (scene, map), for messages.

    Raises
    ------
    MismatchError : some lie on the raster only if y is the row, and others only if it is minus the row; or all reach so far
        across y = 0 that it may be either.
    """
    if grid.is_georeferenced:
        return geometries, ()
    sides = sides_of(geometries, grid.shape)
    minus = sides.minus_the_row
    if minus is None:
        raise _unclear(sides, grid, place, what, shown)
    if not (sides.below or sides.above or sides.across):
        return geometries, ()
    how = "minus the row, as in a GIS" if minus else f"the row, and not as a GIS shows the {shown}, with y below 0"
    note = f"The {shown} has no map coordinates: y of the {what} is read as {how}."
    if minus == (grid.transform.e < 0):
        return geometries, (note,)
    return flipped(geometries), (note,)


def flipped(geometries: Any) -> Any:
    """Geometries (one or an array) with the sign of their y turned round."""
    return shapely.transform(geometries, lambda xy: xy * [1, -1])


def _unclear(sides: Sides, grid: Grid, place: str, what: str, shown: str) -> MismatchError:
    rows = grid.shape[0]
    if sides.below and sides.above:
        found = (
            f"{counted(sides.below, 'feature')} on the {shown} only if y is minus the row, as a GIS shows it (y -{rows} to 0), and"
            f" {counted(sides.above, 'feature')} only if y is the row (y 0 to {rows})"
        )
        hint = (
            f"Delete or move the features of one kind: drawn in a GIS over the {shown}, all belong to y -{rows} to 0."
        )
    else:
        found = (
            f"all features on the {shown} reach across y = 0, its upper edge in a GIS, about as far above (y 0 to {rows}) as below"
            f" (y -{rows} to 0)"
        )
        hint = f"Cut the features off at y = 0: drawn in a GIS over the {shown}, they belong to y -{rows} to 0."
    return MismatchError(
        f"The {shown} has no map coordinates, and y of the {what} of {place} cannot be told: {found}.",
        code="y_axis",
        hint=hint,
    )
