"""The score interval of a share of the map from points in several strata.

For one stratum the interval of Wilson (1927) holds the shares θ that the sample does not contradict, each with the
variance it would have if θ were true: (p − θ)² ≤ z² θ (1 − θ) / n. In strata θ alone does not say how large the share of each
stratum is. As Miettinen and Nurminen (1985) do for two samples, the most likely shares p_h are taken among those with
Σ A_h p_h = θ; the variance is then Σ f_h p_h (1 − p_h). A stratum in which no point of a class was found so keeps a share of
what may have been missed, which a variance from the points alone leaves out.

References
----------
Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. Journal of the American
Statistical Association 22, 209–212.
Miettinen, O. and Nurminen, M. (1985): Comparative analysis of two rates. Statistics in Medicine 4, 213–226.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .ratio import variance_factors
from .reference_sample import ReferenceSample
from .sample_size import Z_95

FloatArray = npt.NDArray[np.float64]

# Halvings of the logarithm of a multiplier, whose range is some 100 wide.
_STEPS = 60
# How far beyond the least and the largest multiplier that matters the search goes, as logarithms.
_BELOW, _ABOVE = 25.0, 35.0


def score_bounds(
    sample: ReferenceSample, y: FloatArray, *, possible: FloatArray | None = None, z: float = Z_95
) -> FloatArray:
    """Lower and upper bounds of the share of the map that has each property, (2, shares).

    Parameters
    ----------
    sample : of all of the map, with two points or more in each stratum that is not a single pixel; the areas of pixels may
        differ, but little within a stratum.
    y : 1 for the points that have the property, else 0, (points, shares).
    possible : 0 for the strata in which no pixel can have it, whatever is drawn, else 1, (strata, shares); None if all can.
    z : half the width in standard errors.
    """
    if sample.inside is not None:
        raise ValueError("a score interval is of the whole map")
    points = sample.points_by_stratum[:, None].astype(np.float64)
    areas = np.ones(len(sample)) if sample.areas is None else sample.areas
    weighted, total = (_sums(sample, values * areas[:, None]) for values in (y, np.ones((len(sample), 1))))
    hits = points * weighted / total
    amounts = sample.weights[:, None] * total / points
    shares = amounts / amounts.sum()
    factors = variance_factors(sample)[:, None] * (shares / sample.weights[:, None]) ** 2
    factors = factors * np.where(points > 1, points / np.maximum(points - 1, 1), 0.0)
    may = np.ones((len(shares), y.shape[1])) if possible is None else possible
    factors = factors * may
    found = (shares * hits / points).sum(axis=0)

    def bound(sign: float) -> FloatArray:
        size = points / shares
        low = np.full(y.shape[1], np.log(size.min()) - _BELOW)
        high = np.full(y.shape[1], np.log(size.max()) + _ABOVE)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            p = may * _most_likely(sign * np.exp(middle) * shares, points, hits)
            kept = ((shares * p).sum(axis=0) - found) ** 2 <= z**2 * (factors * p * (1 - p)).sum(axis=0)
            low, high = np.where(kept, middle, low), np.where(kept, high, middle)
        return np.asarray((shares * may * _most_likely(sign * np.exp(low) * shares, points, hits)).sum(axis=0))

    return np.stack([bound(1.0), bound(-1.0)])


def _sums(sample: ReferenceSample, values: FloatArray) -> FloatArray:
    """Of each column of ``values`` (points, n) within the strata, (strata, n)."""
    found = np.zeros((len(sample.sizes), values.shape[1]))
    np.add.at(found, sample.strata, values)
    return found


def _most_likely(pull: FloatArray, points: FloatArray, hits: FloatArray) -> FloatArray:
    """The share of each stratum that solves hits/p − (points − hits)/(1 − p) = pull, 0 to 1, (strata, shares).

    ``pull`` is Lagrange's multiplier times the share of the stratum in the map: positive makes p smaller.
    """
    both = points + pull
    root = np.sqrt(np.maximum(both**2 - 4 * pull * hits, 0.0))
    # Of the two forms of the solution, the one that subtracts no nearly equal numbers.
    above = both >= 0
    divisor = np.where(above, both + root, 2 * pull)
    found = np.where(above, 2 * hits, both - root) / np.where(divisor == 0, 1.0, divisor)
    return np.clip(found, 0.0, 1.0)
