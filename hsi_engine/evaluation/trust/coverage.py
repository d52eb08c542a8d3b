"""How often prediction sets hold the right class on pixels that set none of their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..estimate import Estimate
from ..resampling import number_units, resampled_sums, sums_by_unit
from .conformal import CalibrationScores, SetMethod

_DRAWS = 1000
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, kw_only=True)
class RealisedCoverage:
    """The share of tested samples whose set held the right class; thresholds of each fold come from the other folds.

    Parameters
    ----------
    method, asked : of the sets, and the coverage that was asked for.
    realised : that share; its interval is from draws of whole units.
    by_class : the same among the samples of each class, by class index; None for a class without samples.
    units : blocks, polygons or pixels that the samples lie in.
    of_units : coverage in a unit: 10, 50 and 90 percentile over the units, each counting once.
    without_own : indices of the classes that have samples, but too few for a separate threshold at this coverage.
    """

    method: SetMethod
    asked: float
    realised: Estimate
    by_class: tuple[float | None, ...]
    samples: int
    units: int
    of_units: tuple[float, float, float]
    without_own: tuple[int, ...]

    def to_json(self, names: Sequence[str]) -> dict[str, Any]:
        """All fields as plain values; ``names`` are those of the classes."""
        return {
            "method": self.method,
            "asked": self.asked,
            "realised": self.realised.value,
            "interval_95": None if self.realised.interval is None else list(self.realised.interval),
            "by_class": list(self.by_class),
            "samples": self.samples,
            "units": self.units,
            "of_units": dict(zip(("low", "median", "high"), self.of_units, strict=True)),
            "without_own_threshold": [names[index] for index in self.without_own],
        }


def realised_coverage(scores: CalibrationScores, method: SetMethod, asked: float, *, seed: int) -> RealisedCoverage:
    """Coverage out of fold of sets by this method.

    Parameters
    ----------
    asked : coverage, above 0 and below 1.
    seed : of the draws of units, a whole number, 0 or more.
    """
    covered = scores.covered(method, asked)
    index, count = number_units(scores.units)
    sums = sums_by_unit(index, count, np.ones(len(covered)), np.where(covered, 0, 1), 2)
    drawn: npt.NDArray[np.float64] | None = None
    if count > 1:
        drawn = np.concatenate([_share(chunk) for chunk in resampled_sums(np.random.default_rng(seed), sums, _DRAWS)])
    samples = np.bincount(scores.classes, minlength=scores.n_classes)
    right = np.bincount(scores.classes[covered], minlength=scores.n_classes)
    low, median, high = np.quantile(_share(sums), _LEVELS).tolist()
    lacking = (samples > 0) & ~scores.own_threshold(asked)
    return RealisedCoverage(
        method=method,
        asked=asked,
        realised=Estimate.from_draws(float(covered.mean()), drawn),
        by_class=tuple(r / n if n else None for r, n in zip(right.tolist(), samples.tolist(), strict=True)),
        samples=len(covered),
        units=count,
        of_units=(low, median, high),
        without_own=tuple(np.flatnonzero(lacking).tolist()) if method == "class" else (),
    )


def _share(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of the first of two columns of counts, (n,)."""
    return np.asarray(sums[:, 0] / sums.sum(axis=1))
