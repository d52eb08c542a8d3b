"""Two maps that are assessed with the same reference points: how far apart their overall accuracies are.

The points are the same, so the error of the difference is that of the differences at the points (Stehman 2014 with y = one
map is right less the other is right). It is smaller than two separate errors would make it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .intervals import wald
from .ratio import ratios
from .reference_sample import ReferenceSample


@dataclass(frozen=True, kw_only=True)
class MapDifference:
    """How much more of the area one map has right than another.

    Parameters
    ----------
    difference : overall accuracy of the first less that of the second.
    standard_error, interval_95 : of the difference, ± 1.96 standard errors; None if a stratum has a single point.
    p_value : two-sided, of no difference, by the normal distribution; None if the standard error is 0 or not known.
    only_first, only_second : points that only one of the two has right.
    points : that both were assessed with.
    """

    difference: float
    standard_error: float | None
    interval_95: tuple[float, float] | None
    p_value: float | None
    only_first: int
    only_second: int
    points: int

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "difference": self.difference,
            "standard_error": self.standard_error,
            "interval_95": None if self.interval_95 is None else list(self.interval_95),
            "p_value": self.p_value,
            "only_first": self.only_first,
            "only_second": self.only_second,
            "points": self.points,
        }


def map_difference(first: ReferenceSample, second: ReferenceSample) -> MapDifference:
    """Compare two maps; design and sizes of the strata are those of the first sample.

    Both samples hold the same points in the same order; their classes may be numbered differently. If the points inside
    differ, the maps are compared on those that are inside for both.

    Raises
    ------
    ValueError : the samples do not hold points of the same strata.
    """
    if not np.array_equal(first.strata, second.strata):
        raise ValueError("both maps must be assessed with the same points")
    everywhere = np.ones(len(first), dtype=bool)
    inside = everywhere if first.inside is None else first.inside
    inside = inside & (everywhere if second.inside is None else second.inside)
    a, b = first.mapped == first.reference, second.mapped == second.reference
    found = ratios(replace(first, inside=inside), (a.astype(np.float64) - b)[:, None], np.ones((len(first), 1)))
    difference, variance = float(found.values[0]), float(found.variances[0])
    error = None if math.isnan(variance) else math.sqrt(variance)
    return MapDifference(
        difference=difference,
        standard_error=error,
        interval_95=None if error is None else wald(difference, error),
        p_value=math.erfc(abs(difference) / error / math.sqrt(2)) if error else None,
        only_first=int((a & ~b & inside).sum()),
        only_second=int((b & ~a & inside).sum()),
        points=int(inside.sum()),
    )
