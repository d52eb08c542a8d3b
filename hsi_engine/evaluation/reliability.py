"""How often a classifier is right, given the confidence that it states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .calibration import FloatArray, of_class
from .estimate import interval_from_json, percentile_interval
from .resampling import check_draws, check_lengths, number_units, resampled_sums, sums_by_unit

_BIN_SAMPLES = 15  # fewer in a bin make its accuracy a matter of chance: with 15, standard errors reach 0.13


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Samples of like confidence.

    Parameters
    ----------
    confidence : mean of the largest probability of each sample.
    accuracy : share of the samples whose most probable class is right.
    count : samples.
    """

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Confidence against accuracy, in bins of equal mass, and the expected calibration error (ECE) from them.

    The confidence of a sample is its largest probability. ECE = Σ (n_b/n)·|accuracy_b − confidence_b| (Guo et al.,
    2017, here with bins of equal mass). As chance moves the accuracy of a bin to either side and both count, this
    plug-in estimate is too large, and larger with more bins or fewer samples: compare it only for equal bins.

    Parameters
    ----------
    bins : by rising confidence.
    expected_calibration_error : the plug-in estimate, 0 to 1; None without samples.
    interval : 2.5 and 97.5 percentile of the plug-in estimate over draws of whole units; None with fewer than two
        units. It is too large like the estimate, once more by as much: for a well calibrated network it lies above
        the true error and may lie above the estimate.
    debiased : 2·ECE − mean of the ECE over the draws (Kumar, Liang and Ma, 2019: Verified uncertainty calibration,
        NeurIPS), at least 0; None with fewer than two units. Of the error that chance alone makes, 2 − √2 remain.
    debiased_interval : ``interval`` mirrored at the plug-in estimate, cut at 0 (basic bootstrap interval): the one
        that belongs to ``debiased``. If the true error is near 0, it may lie above it, too.
    units : blocks or polygons that were drawn.
    draws : how often; 0 with fewer than two units.
    """

    bins: tuple[ReliabilityBin, ...]
    expected_calibration_error: float | None
    interval: tuple[float, float] | None
    debiased: float | None
    debiased_interval: tuple[float, float] | None
    units: int
    draws: int

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values, and the estimator; what is not defined is None."""
        return {
            "estimator": "largest probability, bins of equal mass, mean absolute difference, whole units resampled",
            "expected_calibration_error": self.expected_calibration_error,
            "interval_95": None if self.interval is None else list(self.interval),
            "debiased": self.debiased,
            "debiased_interval_95": None if self.debiased_interval is None else list(self.debiased_interval),
            "units": self.units,
            "draws": self.draws,
            "bins": [{"confidence": b.confidence, "accuracy": b.accuracy, "count": b.count} for b in self.bins],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reliability:
        """The reliability that :meth:`to_json` wrote."""
        return cls(
            bins=tuple(ReliabilityBin(**item) for item in data["bins"]),
            expected_calibration_error=data["expected_calibration_error"],
            interval=interval_from_json(data["interval_95"]),
            debiased=data["debiased"],
            debiased_interval=interval_from_json(data["debiased_interval_95"]),
            units=data["units"],
            draws=data["draws"],
        )


_OF_NOTHING = Reliability(
    bins=(),
    expected_calibration_error=None,
    interval=None,
    debiased=None,
    debiased_interval=None,
    units=0,
    draws=0,
)


def reliability(
    probabilities: FloatArray,
    reference: npt.NDArray[np.integer[Any]],
    units: npt.NDArray[Any],
    *,
    bins: int = 15,
    draws: int = 1000,
    seed: int,
) -> Reliability:
    """Compare confidence and accuracy.

    Parameters
    ----------
    probabilities : of the classes, float (n, classes).
    reference : class index of each sample, (n,).
    units : the block or polygon each sample belongs to, (n,); whole units are drawn, as their pixels are alike.
    bins : bins of equal mass, at most; fewer if a bin would hold fewer than 15 samples, and if many samples
        have the same confidence, as these stay in one bin. Their bounds are those of the samples in all draws.
    draws : bootstrap draws.
    seed : whole number, 0 or more.

    Raises
    ------
    ValueError : shapes, indices or numbers that are impossible.
    """
    of_class(probabilities, reference)  # checks both
    check_lengths(reference=reference, units=units)
    check_draws(draws)
    if bins < 1:
        raise ValueError(f"1 bin or more is needed, found {bins}")
    if not len(reference):
        return _OF_NOTHING
    confidence = np.asarray(probabilities.max(axis=1), dtype=np.float64)
    if not (confidence.min() >= 0 and confidence.max() <= 1 + 1e-6):
        raise ValueError(f"probabilities lie between 0 and 1, found up to {confidence.max()}")
    correct = (probabilities.argmax(axis=1) == reference).astype(np.float64)
    number, found = _equal_mass(confidence, bins)
    index, unit_count = number_units(units)
    sums = np.hstack(
        [sums_by_unit(index, unit_count, v, number, found) for v in (confidence, correct, np.ones(len(correct)))]
    )
    by_confidence, by_correct, by_count = np.split(sums.sum(axis=0), 3)
    plug_in = float(_error(sums.sum(axis=0, keepdims=True))[0])
    interval = debiased = mirrored = None
    if unit_count > 1:
        rng = np.random.default_rng(seed)
        drawn = np.concatenate([_error(chunk) for chunk in resampled_sums(rng, sums, draws)])
        low, high = interval = percentile_interval(drawn)
        debiased = max(0.0, 2 * plug_in - float(drawn.mean()))
        mirrored = (max(0.0, 2 * plug_in - high), max(0.0, 2 * plug_in - low))
    return Reliability(
        bins=_bins(by_confidence, by_correct, by_count),
        expected_calibration_error=plug_in,
        interval=interval,
        debiased=debiased,
        debiased_interval=mirrored,
        units=unit_count,
        draws=draws if unit_count > 1 else 0,
    )


def _bins(by_confidence: FloatArray, by_correct: FloatArray, by_count: FloatArray) -> tuple[ReliabilityBin, ...]:
    """From sums over the samples of each bin, (bins,)."""
    return tuple(
        ReliabilityBin(confidence=float(total / n), accuracy=float(right / n), count=int(n))
        for total, right, n in zip(by_confidence, by_correct, by_count, strict=True)
    )


def _equal_mass(confidence: npt.NDArray[np.float64], bins: int) -> tuple[npt.NDArray[np.int64], int]:
    n = len(confidence)
    wanted = max(1, min(bins, n // _BIN_SAMPLES))
    in_order = np.sort(confidence)
    starts = np.unique(in_order[[math.ceil(k * n / wanted) for k in range(wanted)]])
    return np.searchsorted(starts, confidence, side="right").astype(np.int64) - 1, len(starts)


def _error(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """ECE of each row of sums of confidence, correct and count by bin, (draws, 3·bins)."""
    confidence, correct, count = np.split(sums, 3, axis=1)
    return np.asarray(np.abs(correct - confidence).sum(axis=1) / count.sum(axis=1))
