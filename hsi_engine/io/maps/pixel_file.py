"""The pixels of a raster as plain numbers in a file: written in windows, read back in windows of another size.

A raster format keeps a directory that is right only once the file is closed. Plain numbers are there as soon as they
are written, so that a process that is killed leaves what it has written, and another one can continue from it.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window


class PixelFile:
    """A file of the numbers of a raster, row by row, in each row band by band, in the byte order of the machine.

    The file has its full size from the start but is sparse: what is never written takes no space and reads as
    ``nodata``. For this the bits of each number are stored as their difference from those of nodata.

    Parameters
    ----------
    path : the file; an existing file is reused (resume), and holds the same kind of raster.
    shape : (bands, rows, cols).
    dtype : of the numbers.
    nodata : what pixels read as that were never written.

    Raises
    ------
    OSError : of whatever is wrong with the file or its disk, here and in all methods.
    """

    def __init__(self, path: Path, shape: tuple[int, int, int], dtype: np.dtype[Any], nodata: float) -> None:
        self._bands, self._rows, self._cols = shape
        self._dtype = dtype
        self._bits = np.dtype(f"u{dtype.itemsize}")
        self._nodata = np.array(nodata, dtype).view(self._bits)
        self._file = path.open("r+b" if path.exists() else "w+b")
        try:
            self._file.truncate(self._bands * self._rows * self._cols * dtype.itemsize)
        except OSError:
            self._file.close()
            raise

    def __enter__(self) -> PixelFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols) to ``window``, which lies inside the raster."""
        stored = np.ascontiguousarray(data.astype(self._dtype, copy=False).transpose(1, 0, 2)).view(self._bits)
        if self._nodata:
            stored = stored ^ self._nodata
        if window.width == self._cols:
            self._seek(window.row, 0, 0)
            self._file.write(stored.data)
            return
        for row in range(window.height):
            for band in range(self._bands):
                self._seek(window.row + row, band, window.col)
                self._file.write(stored[row, band].data)

    def read(self, window: Window) -> npt.NDArray[Any]:
        """The pixels of ``window``, which lies inside the raster: (bands, rows, cols)."""
        stored = np.empty((window.height, self._bands, window.width), self._bits)
        for row in range(window.height):
            for band in range(self._bands):
                self._seek(window.row + row, band, window.col)
                self._file.readinto(stored[row, band].data)
        data: npt.NDArray[Any] = (stored ^ self._nodata).view(self._dtype)
        return data.transpose(1, 0, 2)

    def sync(self) -> None:
        """Return when all that was written is on the disk, where a loss of power does not reach it."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seek(self, row: int, band: int, col: int) -> None:
        self._file.seek(((row * self._bands + band) * self._cols + col) * self._dtype.itemsize)
