"""Pixels with data on a lattice over a scene, gathered while the scene is read: a few thousand, however large it is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .window import Window

MOST_PIXELS = 10_000
"""About so many are kept of a large scene."""


class ThinnedPixels:
    """Every ``step``-th pixel with data along rows and columns.

    Parameters
    ----------
    shape : (rows, cols) of the scene.
    most : about how many pixels of a scene that has data everywhere are kept.
    """

    def __init__(self, shape: tuple[int, int], most: int = MOST_PIXELS) -> None:
        self.step = max(1, math.ceil(math.sqrt(shape[0] * shape[1] / most)))
        self._first = self.step // 2
        self._parts: list[npt.NDArray[np.int64]] = []

    def add(self, window: Window, valid: npt.NDArray[np.bool_]) -> None:
        """Take in what a window of the scene holds: ``valid`` (rows, cols) is True for pixels with data."""
        down, right = ((self._first - start) % self.step for start in (window.row, window.col))
        found = np.argwhere(valid[down :: self.step, right :: self.step]) * self.step
        self._parts.append(found + np.array([window.row + down, window.col + right]))

    @property
    def positions(self) -> npt.NDArray[np.int64]:
        """Row and col of the pixels, int64 (n, 2)."""
        return np.concatenate([np.zeros((0, 2), np.int64), *self._parts])
