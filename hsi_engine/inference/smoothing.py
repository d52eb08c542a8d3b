"""Smoothing of class probabilities that stops at the edges of the scene.

Kang, Li and Benediktsson (2014, doi:10.1109/TGRS.2013.2264508) smooth the probabilities of each class with an
edge-preserving filter before they choose the class. The filter is the guided filter of He, Sun and Tang (2013,
doi:10.1109/TPAMI.2012.213) with several channels of guidance: in every window the probability is fitted as a linear
function of the guide, and a pixel gets the mean of the fits of all windows around it. If the guide is flat, that is
a mean; across an edge of the guide hardly anything flows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from numpy.lib.stride_tricks import as_strided

from ..bundle.model_bundle import SmoothingSettings
from ..pixels.window import TilePlan, Window

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
FloatT = TypeVar("FloatT", np.float32, np.float64)

# Filtered at once, so that what one step hands to the next stays in the cache.
_BLOCK_ROWS, _BLOCK_COLS = 128, 256
_MAX_CHANNELS = 3


@dataclass(frozen=True, kw_only=True)
class Smoothing:
    """How far and how strongly probabilities are smoothed.

    Parameters
    ----------
    radius_px : of the windows, which have 2 · radius + 1 pixels on each side.
    epsilon : variance of the guide in a window, relative to that over the scene, below which the window counts as
        flat. Far above 1, the filter is the mean over a window of the mean over a window.
    """

    radius_px: int
    epsilon: float

    def __post_init__(self) -> None:
        if self.radius_px < 1 or not self.epsilon > 0:
            raise ValueError(f"radius and epsilon must be above 0: {self.radius_px} px, {self.epsilon}")

    @property
    def reach_px(self) -> int:
        """How far from a pixel the pixels lie that change its result."""
        return 2 * self.radius_px

    def apply(
        self, probabilities: npt.NDArray[np.float32], guide: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float32]:
        """Smooth the probabilities of a window of a scene.

        All arrays have a margin of ``reach_px`` on each side. The result of a pixel does not depend on the window that
        it is smoothed in.

        Parameters
        ----------
        probabilities : float32 (classes, rows + 2 · reach, cols + 2 · reach), of any value where not valid.
        guide : float32 (channels, rows + 2 · reach, cols + 2 · reach), one to three channels with mean 0 and variance 1
            over the scene, such as its first principal components; of any value where not valid.
        valid : True where the scene has data, (rows + 2 · reach, cols + 2 · reach); False beyond the scene. Other pixels
            have no weight.

        Returns
        -------
        float32 (classes, rows, cols), at least 0; sums to 1 where valid, NaN elsewhere.

        Raises
        ------
        ValueError : the arrays do not fit together, or are too small for their margin.
        """
        self._check(probabilities.shape, guide.shape, valid.shape)
        margin = 2 * self.reach_px
        rows, cols = valid.shape[0] - margin, valid.shape[1] - margin
        smoothed = np.empty((len(probabilities), rows, cols), np.float32)

        def fill(tile: Window) -> None:
            padded = (..., slice(tile.row, tile.row_end + margin), slice(tile.col, tile.col_end + margin))
            self._fill(smoothed[(slice(None), *tile.slices())], probabilities[padded], guide[padded], valid[padded])

        # Separate threads: those of torch meet after each of the many small steps, and wait long on a busy machine.
        with ThreadPoolExecutor(torch.get_num_threads()) as threads:
            blocks = TilePlan(shape=(rows, cols), strip_rows=_BLOCK_ROWS, tile_cols=_BLOCK_COLS)
            for _ in threads.map(fill, blocks):
                pass
        return smoothed

    def _fill(self, out: Floats, probabilities: Floats, guide: Floats, valid: npt.NDArray[np.bool_]) -> None:
        """Smooth one block, see :meth:`apply`, into ``out`` (classes, rows, cols)."""
        reach = self.reach_px
        inner_valid = valid[reach : len(valid) - reach, reach : valid.shape[1] - reach]
        if not inner_valid.any():
            out[...] = np.nan
            return
        guided = _GuidedFilter(guide, valid, self)
        for result, plane in zip(out, probabilities, strict=True):
            np.maximum(guided.smooth(plane), 0, out=result)
        out /= np.where(inner_valid, out.sum(0), np.nan)

    def _check(self, probabilities: tuple[int, ...], guide: tuple[int, ...], valid: tuple[int, ...]) -> None:
        if probabilities[1:] != valid or guide[1:] != valid or not 1 <= guide[0] <= _MAX_CHANNELS:
            raise ValueError(
                f"probabilities {probabilities}, guide {guide} and valid {valid} must be of one size, and the guide have"
                f" one to {_MAX_CHANNELS} channels"
            )
        if min(valid) < 2 * self.reach_px:
            raise ValueError(f"{valid} pixels do not hold a margin of {self.reach_px} on each side")


# From weak to strong, for a search on pixels that were held out in whole blocks. No smoothing at all is a candidate too:
# large fields gain, objects of a few pixels and rare classes lose. Accuracy in per cent for none, weak, …, very strong,
# of a logistic regression on single pixels: Indian Pines (mean of three draws of blocks of 9 px, one channel of
# guidance) 70.7, 77.3, 80.1, 81.4, 81.9; EnMAP Potsdam (its own split, three channels) 75.0, 75.0, 73.7, 72.7, 69.7.
# Of a random forest: 64.9, 72.4, 75.9, 77.4, 78.2 and 74.0, 74.7, 75.0, 75.0, 72.7. One channel smooths more than three,
# which keep more edges; a radius of 6 px adds at most 0.5 to Indian Pines.
STRENGTHS: tuple[tuple[str, Smoothing], ...] = (
    ("weak", Smoothing(radius_px=1, epsilon=0.01)),
    ("moderate", Smoothing(radius_px=2, epsilon=0.1)),
    ("strong", Smoothing(radius_px=3, epsilon=0.3)),
    ("very strong", Smoothing(radius_px=4, epsilon=1.0)),
)


@dataclass(frozen=True, kw_only=True)
class GuidedSmoothing:
    """A filter of probabilities and the place of its guide among the channels.

    Parameters
    ----------
    filter : the filter.
    guide : the channels that guide it: principal components of unit variance.
    """

    filter: Smoothing
    guide: slice

    @classmethod
    def of(cls, settings: SmoothingSettings, guide: slice) -> GuidedSmoothing:
        """The smoothing of a model, guided by these channels."""
        return cls(filter=Smoothing(radius_px=settings.radius_px, epsilon=settings.epsilon), guide=guide)

    @property
    def reach_px(self) -> int:
        """Pixels around a window that change its result."""
        return self.filter.reach_px

    def apply(
        self, probabilities: npt.NDArray[np.float32], channels: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]
    ) -> Floats:
        """Smoothed probabilities without the margin of :attr:`reach_px`, which all three arrays have."""
        return self.filter.apply(probabilities, channels[self.guide], valid)


class _GuidedFilter:
    """The filter of one block: all that the planes of the classes share.

    Planes are flat, so that a step to the next row is a step of ``width`` and each sum is one pass over memory.
    Index i of a sum over windows belongs to the window whose upper left pixel has index i. Windows that run over
    the end of a row are computed too, and left out of the result.
    """

    def __init__(self, guide: Floats, valid: npt.NDArray[np.bool_], smoothing: Smoothing) -> None:
        self._shape = valid.shape
        self._radius = smoothing.radius_px
        self._margin = 2 * smoothing.reach_px
        self._valid = valid.ravel()
        weight = self._valid.astype(np.float32)
        guide = np.where(self._valid, guide.reshape(len(guide), -1), np.float32(0))
        self._weighted_guide = np.concatenate([weight[None], guide])
        self._guide = self._of_centres(self._of_centres(guide))
        # Windows around a pixel without data have no weight, and hence the share 0 of whatever they hold.
        # In float64 as far as variances, which are small differences of large values.
        share = self._of_centres(weight) / np.maximum(self._sums(weight.astype(np.float64)), 1)
        self._share = share.astype(np.float32)
        wide = guide.astype(np.float64)
        mean = self._sums(wide) * share
        self._mean = mean.astype(np.float32)
        moments = list(zip(wide, mean, strict=True))
        covariance = [[self._sums(a * b) * share - m * n for b, n in moments] for a, m in moments]
        self._lower, self._inverse = _factors(covariance, smoothing.epsilon)

    def smooth(self, plane: Floats) -> Floats:
        """A plane (rows + 2 · reach, cols + 2 · reach) smoothed, (rows, cols), but for a factor of each pixel."""
        moments = self._sums(self._weighted_guide * np.where(self._valid, plane.ravel(), np.float32(0)))
        moments *= self._share
        offset, slopes = moments[0], moments[1:]
        # He, Sun and Tang, equations 19 and 20: slopes from the covariances with the guide, offset from the means.
        slopes -= self._mean * offset
        for i, row in enumerate(self._lower):
            for j, factor in enumerate(row):
                slopes[i] -= factor * slopes[j]
        slopes *= self._inverse
        for i, row in reversed(list(enumerate(self._lower))):
            for j, factor in enumerate(row):
                slopes[j] -= factor * slopes[i]
        for slope, mean in zip(slopes, self._mean, strict=True):
            offset -= slope * mean
        sums = self._sums(moments)
        smoothed = sums[0]
        for slope, channel in zip(sums[1:], self._guide, strict=True):
            smoothed += slope * channel
        rows, cols = (edge - self._margin for edge in self._shape)
        return as_strided(smoothed, (rows, cols), (self._shape[1] * smoothed.itemsize, smoothed.itemsize))

    def _sums(self, planes: npt.NDArray[FloatT]) -> npt.NDArray[FloatT]:
        """Sums over windows."""
        length = 2 * self._radius + 1
        return _sliding_sums(_sliding_sums(planes, length, self._shape[1]), length, 1)

    def _of_centres(self, planes: Floats) -> Floats:
        """Of each window the value at its centre."""
        centre = self._radius * (self._shape[1] + 1)
        return planes[..., centre : planes.shape[-1] - centre]


def _sliding_sums(planes: npt.NDArray[FloatT], length: int, step: int) -> npt.NDArray[FloatT]:
    """Sums of ``length`` values that lie ``step`` apart along the last axis, from each value on that has as many after it.

    Made of sums of 1, 2, 4, … values, always in the same order: unlike differences of running totals they do not
    depend on where the axis begins.
    """
    kept = planes.shape[-1] - (length - 1) * step
    total: npt.NDArray[FloatT] | None = None
    start, span, sums = 0, 1, planes
    while True:
        if length & span:
            part = sums[..., start * step : start * step + kept]
            total = part if total is None else total + part
            start += span
        if 2 * span > length:
            break
        sums = sums[..., : sums.shape[-1] - span * step] + sums[..., span * step :]
        span *= 2
    if total is None:
        raise ValueError("a sum needs at least one term")
    return total


def _factors(covariance: list[list[Doubles]], epsilon: float) -> tuple[list[list[Floats]], Floats]:
    """L and 1/D of covariance + ε · 1 = L · D · Lᵀ for every window (Golub and Van Loan, Matrix Computations, 4.1.2).

    Returns
    -------
    Rows of L left of its diagonal of ones, float32 each, and the inverse of D, float32 (channels, windows).
    """
    lower: list[list[Doubles]] = []
    diagonal: list[Doubles] = []
    for i, row in enumerate(covariance):
        scaled: list[Doubles] = []  # row i of L · D
        for j in range(i):
            scaled.append(row[j] - sum(scaled[k] * lower[j][k] for k in range(j)))
        lower.append([value / pivot for value, pivot in zip(scaled, diagonal, strict=True)])
        taken = sum(value * factor for value, factor in zip(scaled, lower[i], strict=True))
        diagonal.append(np.maximum(row[i] + epsilon - taken, epsilon))
    return [[value.astype(np.float32) for value in row] for row in lower], (1 / np.stack(diagonal)).astype(np.float32)
