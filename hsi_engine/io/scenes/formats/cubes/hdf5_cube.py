"""A window of some bands of an HDF5 dataset of three axes."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from .....pixels.window import Window
from ....rasters.hdf5_files.opening import reading
from .. import block_cache
from ..block_cache import LastBlock
from .band_runs import in_order, runs

# Numbers of which only some are wanted are read in pieces of at most this size.
_PIECE_BYTES = 16 << 20
# Of an array whose chunks hold whole images: so many times its size may be unpacked before it is kept unpacked.
_FEW_BANDS = 4

Axes = tuple[int, int, int]
# Position of (bands, rows, cols) among the axes of a dataset.
BANDS_FIRST: Axes = (0, 1, 2)
BANDS_BETWEEN: Axes = (1, 0, 2)
BANDS_LAST: Axes = (2, 0, 1)
COLUMNS_BEFORE_ROWS: Axes = (0, 2, 1)


@dataclass(frozen=True, kw_only=True)
class Storage:
    """How a dataset stores its numbers.

    Parameters
    ----------
    shape, chunk : (bands, rows, cols); of an array that is not chunked, a chunk is a row of the file.
    packed : the chunks are compressed.
    dtype : of one number, in the byte order of this machine.
    """

    shape: tuple[int, int, int]
    chunk: tuple[int, int, int]
    packed: bool
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, dataset: Any, axes: Axes) -> Storage:
        """Of an h5py dataset; ``axes`` is the position of (bands, rows, cols) among its own."""
        shape = tuple(dataset.shape[axis] for axis in axes)
        chunks = dataset.chunks
        if chunks is None:
            chunk = (1 if axes == BANDS_FIRST else shape[0], 1, shape[2])
        else:
            chunk = tuple(min(chunks[axis], dataset.shape[axis]) for axis in axes)
        return cls(
            shape=(shape[0], shape[1], shape[2]),
            chunk=(chunk[0], chunk[1], chunk[2]),
            packed=chunks is not None and dataset.id.get_create_plist().get_nfilters() > 0,
            dtype=dataset.dtype.newbyteorder("="),
        )

    @property
    def block_shape(self) -> tuple[int, int]:
        """(rows, cols) that are cheapest to read together."""
        return self.chunk[1:]

    @property
    def block_bytes(self) -> int:
        """Bytes of the chunks of all bands at one place."""
        return math.prod(self.block_shape) * self.shape[0] * self.dtype.itemsize

    @property
    def unpacks_to_file(self) -> bool:
        """Whether the chunks at one place are too large to keep, so that all of them are unpacked into a file."""
        return self.packed and self.block_bytes > block_cache.MAX_BYTES

    def notes(self) -> tuple[str, ...]:
        """What a user should know of it."""
        if not self.unpacks_to_file:
            return ()
        size = math.prod(self.shape) * self.dtype.itemsize
        return (
            f"The file is compressed in chunks of {self.chunk[1]}×{self.chunk[2]} pixels and {self.chunk[0]} bands, too large to"
            f" unpack again for each part that is read: while it is open, a temporary file of {size / 1e6:.0f} MB holds the"
            " numbers.",
        )


class Hdf5Cube:
    """An open dataset of three axes. Files are closed by who opened them; :meth:`close` ends a temporary one."""

    def __init__(self, dataset: Any, axes: Axes) -> None:
        self._dataset, self._axes = dataset, axes
        self.storage = storage = Storage.of(dataset, axes)
        # Bands between two that are wanted cost nothing if they lie between them in the file.
        self._gap = storage.shape[0] if axes == BANDS_LAST and dataset.chunks is None else storage.chunk[0] - 1
        self._blocks = LastBlock(storage.shape[1:], storage.block_shape, self._read)
        self._unpacked: IO[bytes] | None = None

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        """(bands, rows, cols); any bands in any order. Raises OSError."""
        storage = self.storage
        if storage.unpacks_to_file and len(bands) * _FEW_BANDS > storage.shape[0] and window.shape != storage.shape[1:]:
            return self._unpacked_cube()[(np.asarray(bands), *window.slices())]
        if not storage.packed:
            return self._read(window, bands)
        return self._blocks.read(window, bands, storage.dtype)

    def close(self) -> None:
        if self._unpacked is not None:
            self._unpacked.close()

    def _read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        rising, places = in_order(bands)
        if len(rising) == 1 or int(rising[-1] - rising[0]) + 1 == len(rising):
            numbers = self._range(window, slice(int(rising[0]), int(rising[-1]) + 1))
        else:
            numbers = self._picked(window, rising)
        return numbers if places is None else numbers[places]

    def _picked(self, window: Window, rising: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        """Bands with gaps, a few rows at a time."""
        numbers = np.empty((len(rising), *window.shape), self.storage.dtype)
        chunk_rows = self.storage.chunk[1]
        for run in runs(rising, self._gap):
            within = (rising >= run.start) & (rising < run.stop)
            row_bytes = (run.stop - run.start) * window.width * self.storage.dtype.itemsize
            step = max(1, _PIECE_BYTES // (row_bytes * chunk_rows)) * chunk_rows
            # Along the chunks, so that none is unpacked twice.
            first = window.row // chunk_rows * chunk_rows
            for top in range(first, window.row_end, step):
                rows = slice(max(top, window.row), min(top + step, window.row_end))
                part = Window(row=rows.start, col=window.col, height=rows.stop - rows.start, width=window.width)
                target = slice(rows.start - window.row, rows.stop - window.row)
                numbers[within, target] = self._range(part, run)[rising[within] - run.start]
        return numbers

    def _range(self, window: Window, bands: slice) -> npt.NDArray[Any]:
        """Bands that follow one another, (bands, rows, cols)."""
        cut = (bands, *window.slices())
        selection = tuple(cut[self._axes.index(axis)] for axis in range(3))
        with reading():
            found = self._dataset[selection]
        return np.asarray(found, dtype=self.storage.dtype).transpose(self._axes)

    def _unpacked_cube(self) -> npt.NDArray[Any]:
        """All numbers, (bands, rows, cols), in an unnamed temporary file; mapped again each time, so that pages do not count as in use."""
        storage = self.storage
        if self._unpacked is None:
            size, folder = math.prod(storage.shape) * storage.dtype.itemsize, tempfile.gettempdir()
            free = shutil.disk_usage(folder).free
            if free < size:
                raise OSError(f"unpacking the file needs {size} bytes in {folder}, where {free} are free")
            self._unpacked = self._unpack(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the scene
        return np.memmap(self._unpacked, dtype=storage.dtype, mode="r", shape=storage.shape)

    def _unpack(self, file: Any) -> IO[bytes]:
        storage = self.storage
        try:
            _, rows, cols = storage.shape
            for band in range(0, storage.shape[0], storage.chunk[0]):
                bands = slice(band, min(band + storage.chunk[0], storage.shape[0]))
                for row in range(0, rows, storage.chunk[1]):
                    part = Window(row=row, col=0, height=storage.chunk[1], width=cols).clip((rows, cols))
                    # Not through a mapping, whose pages would count as memory in use until they are on the disk.
                    for number, rows_of_band in enumerate(self._range(part, bands)):
                        file.seek(((band + number) * rows + row) * cols * storage.dtype.itemsize)
                        file.write(np.ascontiguousarray(rows_of_band))
            file.flush()
        except BaseException:
            file.close()
            raise
        opened: IO[bytes] = file
        return opened
