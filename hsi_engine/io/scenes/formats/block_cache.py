"""Keeping a block of a file while it is asked for part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ....pixels.window import Window

# Blocks of 512×512 pixels and 200 bands, the usual large ones, are 105 MB.
MAX_BYTES = 256 << 20


class LastBlock:
    """Reads parts of a block from the block, which is read whole for the first of them.

    GDAL unpacks the blocks of a file that is interleaved by pixel again for every part of them.

    Parameters
    ----------
    shape : (rows, cols) of the scene.
    block_shape : (rows, cols) that the file stores together.
    read : reads a window of some bands, (bands, rows, cols).
    """

    def __init__(
        self,
        shape: tuple[int, int],
        block_shape: tuple[int, int],
        read: Callable[[Window, Sequence[int]], npt.NDArray[Any]],
    ) -> None:
        self._shape = shape
        self._block_shape = block_shape
        self._read = read
        self._kept: tuple[Window, tuple[int, ...], npt.NDArray[Any]] | None = None

    def read(self, window: Window, bands: Sequence[int], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """A window of some bands, (bands, rows, cols); may be a view of what is kept.

        A block is kept until its last row was read or something else is asked for. Windows of more than one block, and
        parts of blocks of more than 256 MB, are read as they are.
        """
        block = self._block_around(window)
        if block == window or block.height * block.width * len(bands) * dtype.itemsize > MAX_BYTES:
            self._kept = None
            return self._read(window, bands)
        if self._kept is None or self._kept[:2] != (block, tuple(bands)):
            self._kept = None  # not two at once
            self._kept = (block, tuple(bands), self._read(block, bands))
        part = self._kept[2][(slice(None), *window.relative_to(block).slices())]
        if window.row_end == block.row_end:
            self._kept = None
        return part

    def _block_around(self, window: Window) -> Window:
        """The block that holds the window, as far as it lies in the scene; the window itself if there is none."""
        height, width = self._block_shape
        row, col = window.row // height * height, window.col // width * width
        block = Window(row=row, col=col, height=height, width=width).clip(self._shape)
        return block if block.intersect(window) == window else window
