"""Class maps without specks: every pixel takes the class of the majority around it, or small areas join a neighbour."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..classes.legend import NODATA_VALUE
from .small_areas import SmallAreas

ValueT = TypeVar("ValueT", np.uint8, np.uint16)
Ints = npt.NDArray[np.int32]


def remove_small_areas(values: npt.NDArray[ValueT], *, min_pixels: int) -> npt.NDArray[ValueT]:
    """Let regions of fewer than ``min_pixels`` take the class of a neighbour, in a raster that is held as a whole.

    :class:`~.small_areas.SmallAreas` says which neighbour, and does the same strip by strip.

    Parameters
    ----------
    values : class values (rows, cols), 0 if there is none. These pixels neither change nor spread.
    min_pixels : 1 or less changes nothing.

    Returns
    -------
    A new raster of the same shape and type.
    """
    if not values.any():
        return values.copy()
    areas = SmallAreas()
    numbers = areas.add(values)
    classes: npt.NDArray[ValueT] = areas.merge(min_pixels).values.astype(values.dtype)
    return classes[numbers]


def majority_filter(values: npt.NDArray[ValueT], radius_px: int) -> npt.NDArray[ValueT]:
    """Give each pixel the most frequent class of the window around it.

    The result of a pixel depends on the pixels up to ``radius_px`` away and on no others. If several classes are the
    most frequent, the pixel keeps its own if it is among them, or takes the smallest value.

    Parameters
    ----------
    values : class values (rows, cols), 0 if there is none. These pixels stay, and have no vote.
    radius_px : the window has 2 · radius + 1 pixels on each side.

    Returns
    -------
    A new raster of the same shape and type.
    """
    present = np.unique(values[values != NODATA_VALUE])
    most = np.zeros(values.shape, np.int32)
    own = np.zeros(values.shape, np.int32)
    winner = values.copy()
    for value in present:
        here = values == value
        votes = _counts(_counts(here.astype(np.int32), radius_px).T, radius_px).T
        own[here] = votes[here]
        winner[votes > most] = value
        np.maximum(most, votes, out=most)
    return np.where((own == most) | (values == NODATA_VALUE), values, winner)


def _counts(counts: Ints, radius: int) -> Ints:
    """Sums over 2 · radius + 1 rows around each row, as far as there are rows; exact, as they are whole numbers."""
    rows = len(counts)
    running = np.zeros((rows + 1, counts.shape[1]), np.int32)
    np.cumsum(counts, axis=0, out=running[1:])
    row = np.arange(rows)
    return running[np.minimum(row + radius + 1, rows)] - running[np.maximum(row - radius, 0)]
