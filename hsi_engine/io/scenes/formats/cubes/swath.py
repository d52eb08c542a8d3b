"""Pixels of a swath, brought to a map by a table that names the source of each map pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from .....pixels.window import Window
from ....rasters.hdf5_files.attributes import as_number
from ....rasters.hdf5_files.opening import reading
from .. import block_cache
from .band_runs import in_order

# Rows of a table that are looked at together.
_TABLE_ROWS = 256
# Spectra that are gathered at once if only some of their bands are wanted.
_PIECE_BYTES = 16 << 20
NO_SOURCE = -1

Places = npt.NDArray[np.int32]


class LookupTable:
    """For each pixel of a map, row and column in the swath; -1 for none.

    Parameters
    ----------
    rows, cols : (rows, cols) of the map, 0-based, int32.
    """

    def __init__(self, rows: Places, cols: Places) -> None:
        self._rows, self._cols = rows, cols

    def of(self, window: Window) -> tuple[npt.NDArray[np.bool_], Places, Places]:
        """Where a window has a source (rows, cols), and row and column of each of these sources, (n,)."""
        rows, cols = self._rows[window.slices()], self._cols[window.slices()]
        found = rows != NO_SOURCE
        return found, rows[found], cols[found]


def read_table(lines: Any, samples: Any, swath: tuple[int, int]) -> tuple[LookupTable, str]:
    """A table of one-based lines and samples, two arrays (rows, cols) of an open file, in which 0 is no source.

    Parameters
    ----------
    swath : (rows, cols) that it should point into.

    Returns
    -------
    The table, and what is wrong with it for a person; empty if nothing is.
    """
    shape = lines.shape
    rows, cols = np.empty(shape, np.int32), np.empty(shape, np.int32)
    for top in range(0, shape[0], _TABLE_ROWS):
        part = slice(top, top + _TABLE_ROWS)
        one, other = _whole(lines, part), _whole(samples, part)
        for numbers, count, what in ((one, swath[0], "line"), (other, swath[1], "sample")):
            wrong = numbers[(numbers < 0) | (numbers > count)]
            if wrong.size:
                return LookupTable(rows, cols), f"points to {what} {wrong[0]} of a swath with {count} {what}s"
        none = (one == 0) | (other == 0)
        rows[part], cols[part] = np.where(none, NO_SOURCE, one - 1), np.where(none, NO_SOURCE, other - 1)
    return LookupTable(rows, cols), ""


def _whole(dataset: Any, rows: slice) -> npt.NDArray[np.int64]:
    """Some rows as whole numbers; 0 for the values that mean none and for NaN."""
    numbers = dataset[rows]
    for fill in (as_number(dataset.attrs.get(name)) for name in ("_FillValue", "missing_value")):
        if fill is not None:
            numbers = np.where(numbers == fill, 0, numbers)
    if numbers.dtype.kind == "f":
        # Beyond what a swath may have, so that it is found to be wrong and not rounded to something right.
        numbers = np.where(np.isnan(numbers), 0, np.clip(numbers, -1, 1e9))
    return np.asarray(numbers).astype(np.int64)


class Swath:
    """An open dataset of (lines, samples, bands), of which single pixels are gathered.

    One that is not chunked is mapped into memory, and only the pages of the pixels asked for are read. Of one that is, whole
    chunks are read and the last of them kept.

    Parameters
    ----------
    path : the file of the dataset.
    dataset : as h5py opened it; of two axes for a single band.
    """

    def __init__(self, path: Path, dataset: Any) -> None:
        self._dataset = dataset
        self._shape = tuple(dataset.shape) if len(dataset.shape) == 3 else (*dataset.shape, 1)
        self.dtype: np.dtype[Any] = dataset.dtype.newbyteorder("=")
        self.count = self._shape[2]
        self._offset = None if dataset.chunks else dataset.id.get_offset()
        size = math.prod(self._shape) * self.dtype.itemsize
        whole = self._offset is not None and self._offset + size <= path.stat().st_size
        self._file: IO[bytes] | None = path.open("rb") if whole else None
        self._kept: dict[tuple[int, int, int, int], npt.NDArray[Any]] = {}

    def gather(self, lines: Places, samples: Places, bands: Sequence[int]) -> npt.NDArray[Any]:
        """Spectra (n, bands) of the pixels in ``lines`` and ``samples``, both (n,). Raises OSError."""
        rising, places = in_order(bands)
        span = slice(int(rising[0]), int(rising[-1]) + 1)
        picks = rising - span.start if len(rising) < span.stop - span.start else None
        if places is not None:
            picks = (rising - span.start)[places]
        found = np.empty((len(lines), len(bands)), self.dtype)
        width = (span.stop - span.start) * self.dtype.itemsize
        step = len(lines) if picks is None else max(1, _PIECE_BYTES // width)
        for start in range(0, len(lines), max(1, step)):
            part = slice(start, start + step)
            spectra = self._spectra(lines[part], samples[part], span)
            found[part] = spectra if picks is None else spectra[:, picks]
        return found

    def close(self) -> None:
        self._kept.clear()
        if self._file is not None:
            self._file.close()

    def _spectra(self, lines: Places, samples: Places, span: slice) -> npt.NDArray[Any]:
        if self._file is not None:
            # Mapped again each time, so that the pages of earlier windows do not count as memory in use.
            cube = np.memmap(
                self._file, dtype=self._dataset.dtype, mode="r", offset=self._offset or 0, shape=self._shape
            )
            return np.asarray(cube[lines, samples, span], dtype=self.dtype)
        found = np.empty((len(lines), span.stop - span.start), self.dtype)
        for chosen, top, left, cell in self._cells(lines, samples, span):
            found[chosen] = cell[lines[chosen] - top, samples[chosen] - left]
        return found

    def _cells(
        self, lines: Places, samples: Places, span: slice
    ) -> Iterator[tuple[npt.NDArray[np.intp], int, int, npt.NDArray[Any]]]:
        """The chunks that hold some pixels: which of these, first line and sample, and the numbers (lines, samples, bands)."""
        height, width = self._dataset.chunks[:2] if self._dataset.chunks else (1, self._shape[1])
        across = -(-self._shape[1] // width)
        cells = lines // height * across + samples // width
        order = np.argsort(cells, kind="stable")
        for chosen in np.split(order, np.flatnonzero(np.diff(cells[order])) + 1) if len(order) else ():
            row, col = divmod(int(cells[chosen[0]]), across)
            yield chosen, row * height, col * width, self._cell((row * height, col * width), (height, width), span)

    def _cell(self, corner: tuple[int, int], size: tuple[int, int], span: slice) -> npt.NDArray[Any]:
        key = (*corner, span.start, span.stop)
        if key not in self._kept:
            bytes_of_cell = math.prod(size) * (span.stop - span.start) * self.dtype.itemsize
            while self._kept and (len(self._kept) + 1) * bytes_of_cell > block_cache.MAX_BYTES:
                del self._kept[next(iter(self._kept))]
            part = tuple(slice(start, start + length) for start, length in zip(corner, size, strict=True))
            with reading():
                cell = self._dataset[(*part, span) if len(self._dataset.shape) == 3 else part]
            self._kept[key] = np.asarray(cell, dtype=self.dtype).reshape(*cell.shape[:2], -1)
        return self._kept[key]
