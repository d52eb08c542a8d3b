"""The labelled pixels of a grid, and nothing of the pixels between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classes.legend import NODATA_VALUE

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledPixels:
    """Labels as flat arrays, so that memory follows the labels and not the scene.

    Parameters
    ----------
    rows, cols : position of each labelled pixel in the grid, row by row from left to right, (n,), int32.
    values : class value of each, (n,), int32, never 0.
    groups : number 1… of the feature or connected region each belongs to, (n,), int32.
    shape : (rows, cols) of the grid.
    """

    rows: IntArray
    cols: IntArray
    values: IntArray
    groups: IntArray
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        for name in ("rows", "cols", "values", "groups"):
            array = np.asarray(getattr(self, name), dtype=np.int32)
            if array.shape != np.shape(self.rows) or array.ndim != 1:
                raise ValueError(f"{name} must be of shape ({np.size(self.rows)},), found {array.shape}")
            object.__setattr__(self, name, array)
        if np.any((self.values <= NODATA_VALUE) | (self.groups <= 0)):
            raise ValueError("each labelled pixel must have a class and belong to a group")

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of_rasters(cls, values: npt.NDArray[Any], groups: npt.NDArray[Any]) -> LabelledPixels:
        """From class values and group numbers on a grid, both (rows, cols); 0 if there is no label."""
        if values.shape != groups.shape:
            raise ValueError(f"values {values.shape} and groups {groups.shape} differ in shape")
        if np.any((values != NODATA_VALUE) != (groups > 0)):
            raise ValueError("each labelled pixel, and no other, must belong to a group")
        rows, cols = (positions.astype(np.int32) for positions in np.nonzero(values))
        return cls(rows=rows, cols=cols, values=values[rows, cols], groups=groups[rows, cols], shape=values.shape)

    def values_at(self, rows: npt.NDArray[Any], cols: npt.NDArray[Any]) -> IntArray:
        """Class values of any pixels of the grid, all (n,); 0 if there is no label."""
        own, asked = (r.astype(np.int64) * self.shape[1] + c for r, c in ((self.rows, self.cols), (rows, cols)))
        place = np.minimum(np.searchsorted(own, asked), len(own) - 1)
        return np.where(own[place] == asked, self.values[place], np.int32(NODATA_VALUE))

    def raster(self, numbers: npt.NDArray[Any]) -> IntArray:
        """Numbers of the labelled pixels, (n,), on the grid: int32 (rows, cols), 0 if there is no label."""
        raster = np.zeros(self.shape, dtype=np.int32)
        raster[self.rows, self.cols] = numbers
        return raster


class StripCollector:
    """Gathers the pixels that are not 0 of a raster that comes strip by strip, downwards."""

    def __init__(self) -> None:
        self._parts: tuple[list[IntArray], ...] = ([], [], [])

    def add(self, top: int, numbers: IntArray) -> None:
        """Take in the strip (rows, cols) whose first row is row ``top`` of the grid."""
        if not numbers.any():
            return
        rows, cols = (at.astype(np.int32) for at in np.nonzero(numbers))
        for parts, part in zip(self._parts, (rows + np.int32(top), cols, numbers[rows, cols]), strict=True):
            parts.append(part)

    def finish(self) -> tuple[IntArray, IntArray, IntArray]:
        """Rows, cols and numbers of what was gathered, each (n,), row by row; the collector is empty then."""
        rows, cols, numbers = (_joined(parts) for parts in self._parts)
        return rows, cols, numbers


def _joined(parts: list[IntArray]) -> IntArray:
    joined = np.concatenate([np.empty(0, dtype=np.int32), *parts])
    parts.clear()
    return joined
