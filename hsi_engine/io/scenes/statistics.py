"""The pixels of a scene in numbers: per band over all of them, and a bounded sample of whole spectra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window
from ...reporting import Reporter
from .reader import SceneReader
from .thinned import step_for_pixels
from .usable_bands import UsableBands

_BLOCK_BYTES = 64 << 20
_SAMPLE_PIXELS = 40_000
_SAMPLE_NUMBERS = 1 << 23


@dataclass(frozen=True, kw_only=True)
class BandValues:
    """Scaled values of one band: over the pixels that are valid in every usable band, or in a flagged band itself."""

    minimum: float
    mean: float
    maximum: float
    deviation: float

    @property
    def is_constant(self) -> bool:
        """Whether all pixels hold the same value."""
        return self.minimum == self.maximum


@dataclass(frozen=True, kw_only=True, eq=False)
class SceneStatistics:
    """What reading the whole scene once told.

    Parameters
    ----------
    valid_pixels : those that hold data in every usable band.
    bands : by 0-based band; a band without data is missing.
    flagged_empty : 0-based bands that are flagged bad and hold no data either.
    sample : scaled values (pixels, usable bands) of every ``step``-th valid pixel in both directions.
    """

    valid_pixels: int
    bands: dict[int, BandValues]
    flagged_empty: tuple[int, ...]
    sample: npt.NDArray[np.float32]
    step: int

    @property
    def constant(self) -> tuple[int, ...]:
        """0-based bands that hold a single value."""
        return tuple(sorted(band for band, values in self.bands.items() if values.is_constant))


class _Running:
    """Moments of several bands, block by block, and without losing digits to a large mean (Chan et al. 1983)."""

    def __init__(self, count: int) -> None:
        self.count = np.zeros(count, dtype=np.int64)
        self.mean = np.zeros(count)
        self.squares = np.zeros(count)
        self.low, self.high = np.full(count, np.inf), np.full(count, -np.inf)

    def add(self, band: int | slice, values: npt.NDArray[np.floating[Any]]) -> None:
        """Add values (bands, n), all of them valid, to one band or to all of them."""
        n = values.shape[1]
        if n == 0:
            return
        mean = values.mean(axis=1, dtype=np.float64)
        squares = np.square(values - mean[:, None], dtype=np.float64).sum(axis=1)
        total = self.count[band] + n
        shift = mean - self.mean[band]
        self.squares[band] += squares + shift**2 * self.count[band] * n / total
        self.mean[band] += shift * n / total
        self.count[band] = total
        self.low[band] = np.minimum(self.low[band], values.min(axis=1))
        self.high[band] = np.maximum(self.high[band], values.max(axis=1))

    def values(self, index: int) -> BandValues:
        """What came together for one band, which has at least one value."""
        return BandValues(
            minimum=float(self.low[index]),
            mean=float(self.mean[index]),
            maximum=float(self.high[index]),
            deviation=float(np.sqrt(self.squares[index] / self.count[index])),
        )


def read_statistics(reader: SceneReader, usable: UsableBands, reporter: Reporter) -> SceneStatistics:
    """Read a scene once, block by block; what is held does not grow with it.

    Raises
    ------
    SceneError : the file is damaged.
    """
    scene = reader.scene
    most = max(1, min(_SAMPLE_PIXELS, _SAMPLE_NUMBERS // len(usable.indices)))
    step = step_for_pixels(scene.grid.shape, most)
    running, flagged = _Running(len(usable.indices)), _Running(len(usable.flagged))
    sample: list[npt.NDArray[np.float32]] = []
    for window in reader.block_windows(max(1, _BLOCK_BYTES // scene.pixel_bytes)):
        reporter.check_cancelled()
        reporter.progress(window.row / scene.grid.shape[0], "Reading values")
        block = reader.read(window, usable.indices)
        running.add(slice(None), block.data[:, block.valid])
        sample.append(_thin(block.data, block.valid, window, step))
        if usable.flagged:
            _add_flagged(reader, window, usable.flagged, flagged)
    found = {band: running.values(i) for i, band in enumerate(usable.indices)}
    found |= {band: flagged.values(i) for i, band in enumerate(usable.flagged) if flagged.count[i]}
    return SceneStatistics(
        valid_pixels=int(running.count[0]),
        bands=found,
        flagged_empty=tuple(band for i, band in enumerate(usable.flagged) if not flagged.count[i]),
        sample=np.concatenate(sample),
        step=step,
    )


def _add_flagged(reader: SceneReader, window: Window, bands: Sequence[int], running: _Running) -> None:
    """Bands that are flagged bad, each over the pixels that hold data in it."""
    numbers, valid = reader.read_each(window, bands)
    for i, band in enumerate(bands):
        values = numbers[i][valid[i]].astype(np.float64) * reader.scene.scale[band] + reader.scene.offset[band]
        running.add(slice(i, i + 1), values[None])


def _thin(
    data: npt.NDArray[np.floating[Any]], valid: npt.NDArray[np.bool_], window: Window, step: int
) -> npt.NDArray[np.float32]:
    """Spectra (n, bands) of the valid pixels of a block that lie on the grid of the sample."""
    rows, cols = slice(-window.row % step, None, step), slice(-window.col % step, None, step)
    return data[:, rows, cols][:, valid[rows, cols]].T.astype(np.float32)
