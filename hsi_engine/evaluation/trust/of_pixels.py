"""What the pixels of a tile are compared with: an area of applicability, and the thresholds of prediction sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window
from .applicability import Applicability
from .conformal import SetMethod, prediction_sets


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadyTrust:
    """What the pixels of a tile are compared with.

    Parameters
    ----------
    area, channels : the area of applicability, and the channels of a tile that are its predictors; None if no product asks.
    thresholds : the largest score of each class in a set, float64 (classes,); None if no product asks.
    method : of the sets.
    """

    area: Applicability | None = None
    channels: slice | None = None
    thresholds: npt.NDArray[np.float64] | None = None
    method: SetMethod = "lac"

    def dissimilarity(self, channels: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Dissimilarity to the training pixels, (rows, cols), from all channels of a tile.

        NaN if not ``valid``, or if a channel is not a finite number, because values of the scene are so large that it overflows.
        """
        if self.area is None or self.channels is None:
            raise ValueError("no area of applicability was asked for")
        found = np.full(valid.shape, np.nan)
        known = valid & np.isfinite(channels[self.channels]).all(axis=0)
        if known.any():
            found[known] = self.area.dissimilarity(channels[self.channels][:, known].T)
        return found

    def prediction_sets(self, probabilities: npt.NDArray[np.float32], place: Window) -> npt.NDArray[np.bool_]:
        """The sets of a tile, (classes, rows, cols), from its probabilities and its place in the scene."""
        if self.thresholds is None:
            raise ValueError("no prediction sets were asked for")
        draws = pixel_draws(place) if self.method == "aps" else None
        return prediction_sets(probabilities, self.thresholds, self.method, draws)


def pixel_draws(place: Window, seed: int | None = None) -> npt.NDArray[np.float64]:
    """A uniform random number for each pixel of a scene, float64 (rows, cols) from 0 to below 1.

    It follows from row, column and seed alone, so that it is the same whatever the tiles: SplitMix64 (Steele, Lea and Flood,
    2014) of them.
    """
    rows = np.arange(place.row, place.row_end, dtype=np.uint64)[:, None]
    if seed is not None:
        rows = rows ^ _mixed(np.array([[seed]], dtype=np.uint64))
    cols = np.arange(place.col, place.col_end, dtype=np.uint64)[None, :]
    mixed = _mixed(_mixed(rows) ^ cols)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """One step of SplitMix64; products wrap around."""
    found = numbers + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ (found >> np.uint64(31)))
