"""Samples counted by square block and by the neighbouring blocks that a guard reaches from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray, SampleSet
from ..pixels.split_side import SIDES, SplitSide
from .box_count import BoxCounter

_OFFSETS = tuple((row, col) for row in (-1, 0, 1) for col in (-1, 0, 1) if (row, col) != (0, 0))

Sides = npt.NDArray[np.int64]
"""The :class:`SplitSide` of each block; UNUSED stands for the outside of the layout."""
RemovedNear = npt.NDArray[np.bool_]
"""Shape (4, 4): at [a, b] whether samples of side a near to a sample of side b are removed."""


class BlockLayout:
    """Square blocks over the extent of the samples.

    A sample can only be near (within ``guard_px``, Chebyshev) to samples of the eight blocks around its own, as a
    block is no smaller than the guard. Samples of one block and one class that are near to the same blocks share
    their fate whatever side each block is put on; they are counted once, so that weighing an assignment of blocks
    to sides does not depend on the number of samples.

    Parameters
    ----------
    block_px : edge of a block in pixels, at least ``guard_px``.

    Attributes
    ----------
    block_of : number of the block of each sample, row-major over the layout, (n,), int64.
    """

    def __init__(self, samples: SampleSet, *, block_px: int, guard_px: int) -> None:
        top, left = int(samples.rows.min()), int(samples.cols.min())
        block_row, block_col = (samples.rows - top) // block_px, (samples.cols - left) // block_px
        self.block_px = block_px
        self._rows, self._cols = int(block_row.max()) + 1, int(block_col.max()) + 1
        self._classes = len(samples.legend)
        self.block_of = block_row * self._cols + block_col

        counter = BoxCounter(samples.rows, samples.cols)
        reach = np.zeros(len(samples), dtype=np.int64)
        for bit, (row, col) in enumerate(_OFFSETS):
            other_top = top + (block_row + row) * block_px
            other_left = left + (block_col + col) * block_px
            near = counter.count(
                np.maximum(other_top, samples.rows - guard_px),
                np.maximum(other_left, samples.cols - guard_px),
                np.minimum(other_top + block_px, samples.rows + guard_px + 1),
                np.minimum(other_left + block_px, samples.cols + guard_px + 1),
            )
            reach |= (near > 0).astype(np.int64) << bit

        key = (self.block_of * self._classes + samples.classes) * 256 + reach
        cells, self._cell_of, self._cell_counts = np.unique(key, return_inverse=True, return_counts=True)
        self._cell_block, self._cell_class = cells // 256 // self._classes, cells // 256 % self._classes
        self._cell_near = (cells[:, None] >> np.arange(len(_OFFSETS))) & 1 == 1
        padded_row, padded_col = self._cell_block // self._cols + 1, self._cell_block % self._cols + 1
        self._cell_around = np.stack(
            [(padded_row + row) * (self._cols + 2) + padded_col + col for row, col in _OFFSETS], axis=1
        )
        self.occupied = np.unique(self.block_of)
        self.block_counts = np.bincount(self.block_of, minlength=self._rows * self._cols)

    @property
    def n_blocks(self) -> int:
        """Blocks of the layout, empty ones included; a block's number is row-major."""
        return self._rows * self._cols

    def centres(self) -> npt.NDArray[np.float64]:
        """(row, col) of each block's place in the layout, shape (blocks, 2)."""
        return np.stack(np.divmod(np.arange(self.n_blocks), self._cols), axis=1).astype(np.float64)

    def kept(self, sides: Sides, removed_near: RemovedNear) -> IndexArray:
        """Samples that remain after the guard, shape (3, classes), in the order of :data:`SIDES`.

        Parameters
        ----------
        sides : side of each block, shape (blocks,).
        """
        survives = ~self._cells_removed(sides, removed_near)
        key = (sides[self._cell_block] - SIDES[0]) * self._classes + self._cell_class
        counted = np.bincount(key, weights=self._cell_counts * survives, minlength=len(SIDES) * self._classes)
        return counted.astype(np.int64).reshape(len(SIDES), self._classes)

    def assign(self, sides: Sides, removed_near: RemovedNear) -> tuple[Sides, npt.NDArray[np.bool_]]:
        """Side of each sample and whether the guard removes it, both of shape (n,)."""
        return sides[self.block_of], self._cells_removed(sides, removed_near)[self._cell_of]

    def _cells_removed(self, sides: Sides, removed_near: RemovedNear) -> npt.NDArray[np.bool_]:
        padded = np.full((self._rows + 2, self._cols + 2), SplitSide.UNUSED)
        padded[1:-1, 1:-1] = sides.reshape(self._rows, self._cols)
        around = padded.ravel()[self._cell_around]
        clash = removed_near[sides[self._cell_block][:, None], around] & self._cell_near
        return np.asarray(clash.any(axis=1))
