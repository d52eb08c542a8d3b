"""Risk and coverage: how accurate the rest of a map is if its least certain pixels are left unclassified.

References
----------
Geifman, Y. and El-Yaniv, R. (2017): Selective classification for deep neural networks. NeurIPS (risk and coverage).
Traub, J. et al. (2024): Overcoming common flaws in the evaluation of selective classification systems. NeurIPS (AUGRC).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..calibration import FloatArray
from ..estimate import interval_from_json, percentile_interval
from ..resampling import check_lengths, number_units, resampled_sums, sums_by_unit

# Shares of the samples that the curve leaves out, with steps of 2.5 %.
_LEFT_OUT = tuple(step / 40 for step in range(40))


@dataclass(frozen=True, kw_only=True)
class SelectivePoint:
    """One point of the curve.

    Parameters
    ----------
    left_out : share of the samples below the minimum confidence, 0 to 1.
    min_confidence : the lowest confidence of those that are kept.
    accuracy : share of the kept samples that are right.
    interval : 2.5 and 97.5 percentile of the accuracy over draws of whole units; None with fewer than two.
    """

    left_out: float
    min_confidence: float
    accuracy: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class RiskCoverage:
    """The curve of accuracy over the share of samples that is kept.

    Parameters
    ----------
    points : by rising share left out; the first leaves out none. More than 97.5 % are not left out.
    aurc : area under the curve of risk (errors kept / kept) over coverage: lower is better.
    excess_aurc : the part of it that a perfect order of the same samples would not have.
    augrc : area under the curve of generalised risk (errors kept / all), 0 to 0.5.
    samples, units : tested samples, and the blocks or polygons that hold them.
    """

    points: tuple[SelectivePoint, ...]
    aurc: float
    excess_aurc: float
    augrc: float
    samples: int
    units: int

    def at(self, left_out: float) -> SelectivePoint:
        """The point whose share left out is nearest."""
        return min(self.points, key=lambda point: abs(point.left_out - left_out))

    def above(self, min_confidence: float) -> SelectivePoint | None:
        """The first point with at least this minimum confidence; None if it leaves out more than the curve holds."""
        found = [point for point in self.points if point.min_confidence >= min_confidence]
        return found[0] if found else None

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "aurc": self.aurc,
            "excess_aurc": self.excess_aurc,
            "augrc": self.augrc,
            "samples": self.samples,
            "units": self.units,
            "points": [
                {
                    **{name: value for name, value in asdict(point).items() if name != "interval"},
                    "interval_95": None if point.interval is None else list(point.interval),
                }
                for point in self.points
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RiskCoverage:
        """The curve that :meth:`to_json` wrote."""
        points = tuple(
            SelectivePoint(
                **{name: point[name] for name in ("left_out", "min_confidence", "accuracy")},
                interval=interval_from_json(point["interval_95"]),
            )
            for point in data["points"]
        )
        return cls(**{**{name: data[name] for name in data if name != "points"}, "points": points})


def risk_coverage(
    confidence: FloatArray,
    correct: npt.NDArray[np.bool_],
    units: npt.NDArray[Any],
    *,
    draws: int = 1000,
    seed: int,
) -> RiskCoverage | None:
    """The curve of samples with this confidence (n,); None without samples.

    Parameters
    ----------
    correct : whether the class of each sample is right, (n,).
    units : block or polygon each sample belongs to, (n,); whole units are drawn for the intervals.
    draws : bootstrap draws.
    seed : whole number, 0 or more.

    Raises
    ------
    ValueError : lengths differ, or a confidence is not finite.
    """
    check_lengths(confidence=confidence, correct=correct, units=units)
    if not np.isfinite(confidence).all():
        raise ValueError("confidence must be finite")
    if not len(confidence):
        return None
    values = np.asarray(confidence, dtype=np.float64)
    n = len(values)
    order = np.argsort(-values, kind="stable")
    wrong = _shared_by_ties(values[order], ~correct[order])
    kept = np.arange(1, n + 1)
    aurc = float((np.cumsum(wrong) / kept).mean())
    best = np.maximum(kept - int(correct.sum()), 0)
    limits = np.unique([values[order[math.ceil((1 - share) * n) - 1]] for share in _LEFT_OUT])
    index, unit_count = number_units(units)
    intervals = _intervals(values, correct, index, unit_count, limits, draws, seed)
    points = []
    for least, interval in zip(limits.tolist(), intervals, strict=True):
        inside = values >= least
        left = float(1 - np.count_nonzero(inside) / n)
        right = float(correct[inside].mean())
        points.append(SelectivePoint(left_out=left, min_confidence=least, accuracy=right, interval=interval))
    return RiskCoverage(
        points=tuple(points),
        aurc=aurc,
        excess_aurc=aurc - float((best / kept).mean()),
        augrc=float((np.cumsum(wrong) / n).mean()),
        samples=n,
        units=unit_count,
    )


def _intervals(
    values: npt.NDArray[np.float64],
    correct: npt.NDArray[np.bool_],
    index: npt.NDArray[np.int64],
    unit_count: int,
    limits: npt.NDArray[np.float64],
    draws: int,
    seed: int,
) -> list[tuple[float, float] | None]:
    """Interval of the accuracy of what each limit keeps; all limits see the same draws."""
    if unit_count < 2:
        return [None] * len(limits)
    # How many limits keep a sample: those up to its confidence, which rise.
    passed = np.searchsorted(limits, values, side="right")
    by_limit = [
        np.cumsum(sums_by_unit(index, unit_count, of, passed, len(limits) + 1)[:, ::-1], axis=1)[:, ::-1][:, 1:]
        for of in (correct, np.ones(len(values)))
    ]
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([*resampled_sums(rng, np.hstack(by_limit), draws)])
    right, kept = np.split(drawn, 2, axis=1)
    return [percentile_interval(r[k > 0] / k[k > 0]) for r, k in zip(right.T, kept.T, strict=True)]


def _shared_by_ties(ordered: npt.NDArray[np.float64], wrong: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Errors (n,) in the order of confidence, those of equal confidence shared among them: their order is arbitrary."""
    _, number, counts = np.unique(-ordered, return_inverse=True, return_counts=True)
    return np.asarray((np.bincount(number, weights=wrong) / counts)[number])
