"""Spectra from all over a scene: all of a small one, a few thousand of a large one at the cost of a few reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window
from .reader import SceneReader

# Numbers of all bands up to which every pixel is read, 32 MB as float32.
_WHOLE_NUMBERS = 1 << 23
# Of larger windows: this many probes of this many pixels, each in a separate cell.
_PROBES, _PROBE_PX = 16, 24
_ROWS_OF_PROBES = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectralSample:
    """Spectra of the pixels with data, each pixel once, from all over a window.

    Parameters
    ----------
    spectra : (bands, pixels), scaled as the file states; no pixels if those looked at hold no data.
    looked_at : pixels with and without data.
    complete : True if these are all pixels of the window.
    """

    spectra: npt.NDArray[np.floating[Any]]
    looked_at: int
    complete: bool

    @property
    def mean(self) -> npt.NDArray[np.floating[Any]] | None:
        """Mean spectrum (bands,); None without pixels."""
        return self.spectra.mean(axis=1, dtype=np.float64) if self.spectra.size else None


def sample_spectra(
    reader: SceneReader,
    window: Window,
    bands: Sequence[int],
    *,
    check_cancelled: Callable[[], None] = lambda: None,
) -> SpectralSample:
    """Read the sample of ``window``, which lies inside the scene; ``bands`` count from 0.

    Raises
    ------
    SceneError : the file cannot be read.
    """
    pixels = window.height * window.width
    places, complete = sample_windows(reader, window, bands)
    spectra, looked_at = [], 0
    for place in places:
        check_cancelled()
        block = reader.read(place, bands)
        looked_at += block.valid.size
        spectra.append(block.data[:, block.valid])
    return SpectralSample(
        spectra=np.concatenate(spectra, axis=1), looked_at=looked_at, complete=complete or looked_at == pixels
    )


def sample_windows(reader: SceneReader, window: Window, bands: Sequence[int]) -> tuple[Iterator[Window], bool]:
    """The windows of a sample of ``window``, and whether they cover it."""
    pixels = window.height * window.width
    complete = pixels * len(bands) <= _WHOLE_NUMBERS
    return _blocks(reader, window, pixels) if complete else _probes(window), complete


def _blocks(reader: SceneReader, window: Window, pixels: int) -> Iterator[Window]:
    """The window along the blocks of the file."""
    for block in reader.block_windows(pixels):
        part = block.intersect(window)
        if not part.is_empty:
            yield part


def _probes(window: Window) -> Iterator[Window]:
    """One small window in the middle of each cell of a grid over ``window``, row by row; none overlaps another.

    A window that is too narrow for several cells side by side has more of them along its other edge.
    """
    across = min(_PROBES // _ROWS_OF_PROBES, _fitting(window.width))
    down = min(_PROBES // across, _fitting(window.height))
    across = min(_PROBES // down, _fitting(window.width))
    for top, height in _middles(window.row, window.height, down):
        for left, width in _middles(window.col, window.width, across):
            yield Window(row=top, col=left, height=height, width=width)


def _fitting(edge: int) -> int:
    return max(1, edge // _PROBE_PX)


def _middles(start: int, edge: int, cells: int) -> Iterator[tuple[int, int]]:
    """Start and length of the probe in each of the cells into which an edge is cut."""
    for cell in range(cells):
        first, end = (edge * number // cells for number in (cell, cell + 1))
        length = min(_PROBE_PX, end - first)
        yield start + first + (end - first - length) // 2, length
