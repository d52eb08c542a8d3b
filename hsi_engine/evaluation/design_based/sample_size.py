"""How many reference points a map needs, and how they are shared out over its strata.

References
----------
Cochran, W. G. (1977): Sampling Techniques. Wiley (sample sizes; sampling without replacement).
Olofsson, P. et al. (2014): Good practices for estimating area and assessing accuracy of land change. Remote Sensing of
Environment 148, 42–57 (equation 13).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
"""The 97.5 percentile of the normal distribution: half the width of a 95 % interval in standard errors."""
# More points are never asked for: no map has so many pixels, and their number stays one that can be written.
_MOST_POINTS = 1e18


def simple_random_variance(proportion: float, points: int, population: int) -> float:
    """Variance of a proportion that is estimated from simple random points (Cochran 1977, section 3.2).

    Parameters
    ----------
    proportion : true share, 0 to 1.
    points, population : how many are drawn without replacement, out of how many.

    Raises
    ------
    ValueError : the proportion is not a share, or more are drawn than there are.
    """
    _check_shares(proportion)
    if not 0 < points <= population:
        raise ValueError(f"{points} points cannot be drawn without replacement out of {population} pixels")
    if population == 1:
        return 0.0
    return proportion * (1 - proportion) * (population - points) / (points * (population - 1))


def simple_sample_size(proportion: float, half_width: float, *, z: float = Z_95) -> int:
    """Points of a simple random sample: n = z² p (1 − p) / d², rounded up (Cochran 1977).

    Parameters
    ----------
    proportion : expected overall accuracy, 0 to 1; 0.5 asks for the most points.
    half_width : of the interval, 0 to 1.
    z : standard errors in it; 1.96 for 95 %.

    Raises
    ------
    ValueError : the proportion is not a share, or the half width is not above 0.
    """
    _check_shares(proportion)
    _check_positive("half_width", half_width)
    return max(2, _rounded_up(_square(z * math.sqrt(proportion * (1 - proportion)) / half_width)))


def stratified_sample_size(
    sizes: Sequence[float] | npt.NDArray[np.float64],
    expected: Sequence[float] | npt.NDArray[np.float64],
    standard_error: float,
) -> int:
    """Points of a stratified sample for a standard error of the overall accuracy (Olofsson et al. 2014, equation 13).

    n = (Σ W_h S_h / S(Ô))² with S_h = √(U_h (1 − U_h)), rounded up. The finite size of the strata is left out, which
    asks for a few points too many.

    Parameters
    ----------
    sizes : pixels or area of each stratum, (strata,).
    expected : user's accuracy that is expected in each, 0 to 1, (strata,).
    standard_error : that the overall accuracy should have, 0 to 1.

    Raises
    ------
    ValueError : the lengths differ, a stratum is empty, or a figure is not a share.
    """
    weights, shares = _weights(sizes), np.asarray(expected, dtype=np.float64)
    if weights.shape != shares.shape:
        raise ValueError(f"{len(weights)} strata, but {len(shares)} expected accuracies")
    _check_shares(*shares.tolist())
    _check_positive("standard_error", standard_error)
    spread = float(weights @ np.sqrt(shares * (1 - shares)))
    return max(2 * len(weights), _rounded_up(_square(spread / standard_error)))


def equal_allocation(points: int, sizes: Sequence[int], *, minimum: int = 2) -> list[int]:
    """As many points in each stratum, but no more than it has pixels; the others share the rest.

    Parameters
    ----------
    points : in all.
    sizes : pixels of each stratum, (strata,).
    minimum : of each stratum that is so large; see :func:`proportional_allocation`.

    Raises
    ------
    ValueError : as :func:`proportional_allocation`.
    """
    return _shared_out(points, sizes, np.ones(len(sizes)), minimum)


def proportional_allocation(points: int, sizes: Sequence[int], *, minimum: int = 2) -> list[int]:
    """Points in proportion to the sizes of the strata (largest remainders), with a minimum in each.

    Parameters
    ----------
    points : in all.
    sizes : pixels of each stratum, (strata,).
    minimum : of each stratum; a smaller stratum is taken as a whole. Fewer than two points give no standard error.

    Raises
    ------
    ValueError : a stratum is empty, the minima need more points than there are, or there are more points than pixels.
    """
    return _shared_out(points, sizes, np.asarray(sizes, dtype=np.float64), minimum)


def _shared_out(points: int, sizes: Sequence[int], weights: npt.NDArray[np.float64], minimum: int) -> list[int]:
    pixels = np.asarray(sizes, dtype=np.int64)
    _weights(pixels)
    if minimum < 0:
        raise ValueError(f"the minimum per stratum must be 0 or more, found {minimum}")
    lowest = np.minimum(pixels, minimum)
    if lowest.sum() > points:
        raise ValueError(f"{len(pixels)} strata with at least {minimum} points each need {lowest.sum()}, not {points}")
    if points > pixels.sum():
        raise ValueError(f"{points} points cannot be drawn out of {pixels.sum()} pixels")
    # Strata that would fall below their minimum or beyond their size get just that, the others share the rest.
    fixed = np.full(len(pixels), -1, dtype=np.int64)
    while (free := fixed < 0).any():
        ideal = np.zeros(len(pixels))
        ideal[free] = (points - fixed[~free].sum()) * weights[free] / weights[free].sum()
        over, under = free & (ideal > pixels), free & (ideal < lowest)
        # One side at a time: what is cut off above may lift others over their minimum, and the other way round.
        excess, lack = (ideal - pixels)[over].sum(), (lowest - ideal)[under].sum()
        if not over.any() and not under.any():
            fixed[free] = _largest_remainders(ideal[free], int(points - fixed[~free].sum()), pixels[free])
        elif excess >= lack:
            fixed[over] = pixels[over]
        else:
            fixed[under] = lowest[under]
    return [int(n) for n in fixed]


def _largest_remainders(ideal: npt.NDArray[np.float64], total: int, most: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    counts = np.floor(ideal + 1e-9).astype(np.int64)
    order = np.argsort(-(ideal - counts), kind="stable")
    order = order[counts[order] < most[order]]
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def _weights(sizes: Sequence[float] | npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    found = np.asarray(sizes, dtype=np.float64)
    if found.ndim != 1 or not len(found) or not (np.isfinite(found) & (found > 0)).all():
        raise ValueError(f"each stratum needs a size above 0, found {found.tolist()}")
    return np.asarray(found / found.sum())


def _square(ratio: float) -> float:
    return min(ratio, math.sqrt(_MOST_POINTS)) ** 2


def _rounded_up(number: float) -> int:
    # 0.1² is not exactly 0.01: a whole number of points may come out a hair above itself.
    return math.ceil(number - 1e-9 * max(1.0, number))


def _check_shares(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies between 0 and 1, found {share}")


def _check_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be above 0, found {value}")
