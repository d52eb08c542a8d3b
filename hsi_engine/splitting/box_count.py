"""Counting points in rectangles of a raster in constant time each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IndexArray = npt.NDArray[np.int64]


class BoxCounter:
    """How many of the given pixels lie in a rectangle, from a summed-area table (Crow, 1984).

    Parameters
    ----------
    rows, cols : the pixels to count, shape (n,); each inside the scene.
    shape : (rows, cols) of the scene. Holds 4 bytes a pixel of the scene.
    """

    def __init__(self, rows: IndexArray, cols: IndexArray, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._table = np.zeros((shape[0] + 1, shape[1] + 1), dtype=np.int32)
        np.add.at(self._table, (rows + 1, cols + 1), 1)
        for axis in (0, 1):
            np.cumsum(self._table, axis=axis, out=self._table)

    def count(self, top: IndexArray, left: IndexArray, bottom: IndexArray, right: IndexArray) -> npt.NDArray[np.int32]:
        """Pixels in rectangles given by first row, first col, row after the last, col after the last.

        Rectangles are clipped at the border of the scene; one turned inside out holds nothing.
        """
        top, bottom = np.clip(top, 0, self._shape[0]), np.clip(bottom, 0, self._shape[0])
        left, right = np.clip(left, 0, self._shape[1]), np.clip(right, 0, self._shape[1])
        table = self._table
        counted = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
        return np.where((bottom > top) & (right > left), counted, 0).astype(np.int32)

    def count_around(self, rows: IndexArray, cols: IndexArray, distance: int) -> npt.NDArray[np.int32]:
        """Pixels within a Chebyshev ``distance`` (in pixels) of each (row, col), itself included."""
        return self.count(rows - distance, cols - distance, rows + distance + 1, cols + distance + 1)
