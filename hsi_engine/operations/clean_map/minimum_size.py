"""A minimum area in the unit of a user, as whole numbers that can be summed without rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import LabelError
from ...io.maps.pixel_areas import PixelAreas
from ...pixels.grid import Grid

_SQUARE_METRES = {"ha": 10_000.0, "m2": 1.0}
_WORDS = {"ha": "ha", "m2": "m²", "px": "px"}
# The earth has 5.1e14: whatever is larger removes every area.
_LARGEST_M2 = 1e18
# All pixels together; whole numbers below 2^53 are exact as floats, so that sums do not depend on their order.
_TOTAL = 2.0**52


@dataclass(frozen=True, kw_only=True, eq=False)
class MinimumSize:
    """What an area must have.

    Parameters
    ----------
    size : smallest size, in pixels or in the unit of ``row_sizes``.
    row_sizes : size of the pixels of each row, (rows,) int64; None if all pixels are equal and count 1.
    note : that nothing can be smaller; else empty.
    """

    size: float
    row_sizes: npt.NDArray[np.int64] | None
    note: str


def minimum_size(amount: float, unit: str, areas: PixelAreas, grid: Grid) -> MinimumSize:
    """``amount`` of "ha", "m2" or "px".

    In a geographic CRS pixels of different rows differ in area, and the areas of the map are compared by their true sums.

    Raises
    ------
    LabelError : an area is asked for, and the map has pixels only.
    """
    if unit == "px":
        return MinimumSize(size=amount, row_sizes=None, note=_note(amount, amount, unit, 1.0))
    if areas.rows_m2 is None:
        raise LabelError(
            f"A minimum area of {amount:g} {_WORDS[unit]} cannot be applied. {areas.note}",
            code="no_area",
            hint="Give the minimum area in pixels (area_unit px), or give the map its CRS and position.",
        )
    wanted = min(amount * _SQUARE_METRES[unit], _LARGEST_M2)
    smallest = float(areas.rows_m2.min())
    note = _note(wanted / smallest, amount, unit, smallest / _SQUARE_METRES[unit])
    if areas.method == "planar":
        # All pixels are equal; a hair less, so that rounding does not make an area of the wanted size too small.
        return MinimumSize(size=math.ceil(wanted / smallest - 1e-9), row_sizes=None, note=note)
    scale = _TOTAL / (float(areas.rows_m2.sum()) * grid.shape[1])
    return MinimumSize(size=wanted * scale, row_sizes=np.rint(areas.rows_m2 * scale).astype(np.int64), note=note)


def _note(pixels: float, amount: float, unit: str, pixel: float) -> str:
    if pixels > 1 + 1e-9:
        return ""
    return (
        f"The minimum area of {amount:g} {_WORDS[unit]} is no larger than a pixel ({pixel:.4g} {_WORDS[unit]});"
        " so no area is smaller."
    )
