"""Counting points in rectangles of a raster in constant time each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .dense_numbers import dense_numbers, different

IndexArray = npt.NDArray[np.int64]


class BoxCounter:
    """How many of the given pixels lie in a rectangle, from a summed-area table (Crow, 1984).

    The table has a row for each row of the scene that holds any of the pixels, and a column likewise: 4 bytes for each
    pair of them, however large the scene is.

    Parameters
    ----------
    rows, cols : the pixels to count, shape (n,).
    """

    def __init__(self, rows: IndexArray, cols: IndexArray) -> None:
        (self._rows, row_place), (self._cols, col_place) = (_places(positions) for positions in (rows, cols))
        shape = (len(self._rows) + 1, len(self._cols) + 1)
        place = (row_place + 1) * shape[1] + col_place + 1
        self._table = np.zeros(shape, dtype=np.int32)
        if len(place):
            np.add.at(self._table.reshape(-1), place, np.int32(1))
        for axis in (0, 1):
            np.cumsum(self._table, axis=axis, out=self._table)

    def count(self, top: IndexArray, left: IndexArray, bottom: IndexArray, right: IndexArray) -> npt.NDArray[np.int32]:
        """Pixels in rectangles given by first row, first col, row after the last, col after the last.

        Rectangles may reach beyond the scene; one turned inside out holds nothing.
        """
        inside = (bottom > top) & (right > left)
        top, bottom = np.searchsorted(self._rows, top), np.searchsorted(self._rows, bottom)
        left, right = np.searchsorted(self._cols, left), np.searchsorted(self._cols, right)
        table = self._table
        counted = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
        return np.where(inside, counted, 0).astype(np.int32)

    def count_around(self, rows: IndexArray, cols: IndexArray, distance: int) -> npt.NDArray[np.int32]:
        """Pixels within a Chebyshev ``distance`` (in pixels) of each (row, col), itself included."""
        return self.count(rows - distance, cols - distance, rows + distance + 1, cols + distance + 1)


def _places(positions: IndexArray) -> tuple[IndexArray, IndexArray]:
    """The different positions, rising, and the place of each among them."""
    low = positions.min() if len(positions) else 0
    return different(positions - low) + low, dense_numbers(positions - low)
