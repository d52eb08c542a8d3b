"""Intervals of a proportion, also near 0 and 1 and of points that are not drawn with equal probability.

References
----------
Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. Journal of the American
Statistical Association 22, 209–212.
Clopper, C. J. and Pearson, E. S. (1934): The use of confidence or fiducial limits. Biometrika 26, 404–413.
Korn, E. L. and Graubard, B. I. (1998): Confidence intervals for proportions with small expected number of positive counts
estimated from survey data. Survey Methodology 24, 193–201 (effective number of points).
"""

from __future__ import annotations

import math
from typing import Literal

from .sample_size import Z_95

IntervalMethod = Literal["wilson", "clopper_pearson", "wald"]


def wilson(share: float, points: float, *, z: float = Z_95) -> tuple[float, float]:
    """Score interval (Wilson 1927).

    Parameters
    ----------
    share : estimated, 0 to 1.
    points : independent points that the estimate is worth, above 0; need not be whole.
    z : half the width in standard errors.
    """
    _check(share, points)
    middle = share + z**2 / (2 * points)
    half = z * math.sqrt(share * (1 - share) / points + z**2 / (4 * points**2))
    scale = 1 + z**2 / points
    # At the ends the bound is exact, and rounding would miss it.
    low = 0.0 if share == 0 else (middle - half) / scale
    high = 1.0 if share == 1 else (middle + half) / scale
    return low, high


def clopper_pearson(share: float, points: float, *, level: float = 0.95) -> tuple[float, float]:
    """Exact interval, never too narrow for independent points (Clopper and Pearson 1934); parameters as :func:`wilson`."""
    _check(share, points)
    from scipy.stats import beta

    hits, tail = share * points, (1 - level) / 2
    low = 0.0 if share == 0 else float(beta.ppf(tail, hits, points - hits + 1))
    high = 1.0 if share == 1 else float(beta.ppf(1 - tail, hits + 1, points - hits))
    return low, high


def wald(value: float, standard_error: float, *, z: float = Z_95) -> tuple[float, float]:
    """Value ± z standard errors. It may reach beyond 0 and 1, and has no width if no error was found."""
    return value - z * standard_error, value + z * standard_error


def effective_points(share: float, variance: float, kish: float, freedom: float = math.inf) -> float:
    """Independent points that an estimate is worth: p (1 − p) / V (Korn and Graubard 1998), and fewer if V is uncertain.

    For one binomial share, p determines V. A sum over strata may hang on a few points of large weight, and then V itself is a
    rough estimate: as Korn and Graubard do for the number of strata, the number is multiplied by the squared ratio of two
    quantiles of Student's t, here with the degrees of freedom that V would have for one share, and those that it has.

    Parameters
    ----------
    share, variance : the estimate, 0 to 1, and its variance.
    kish : (Σw)² / Σw² over the points, w being the pixels that each stands for; taken if all or none of them are
        right, which leaves no variance to compare.
    freedom : degrees of freedom of the variance, 1 or more; see :class:`.ratio.Ratios`.
    """
    product = share * (1 - share)
    if variance <= 0 or product <= 0:
        return kish
    points = product / variance
    if not math.isfinite(freedom):
        return points
    from scipy.special import stdtrit

    # Of a share of one half the variance is known whatever the number of points.
    binomial = 2 * points * product / max(1 - 4 * product, 1e-12)
    certain, found = stdtrit([max(binomial, 1.0), freedom], 0.975)
    return points * min(1.0, float(certain / found) ** 2)


def share_interval(
    method: IntervalMethod, share: float, variance: float, kish: float, freedom: float = math.inf
) -> tuple[float, float]:
    """The 95 % interval of an estimated share; parameters as :func:`effective_points`."""
    if method == "wald":
        return wald(share, math.sqrt(variance))
    points = effective_points(share, variance, kish, freedom)
    return wilson(share, points) if method == "wilson" else clopper_pearson(share, points)


def _check(share: float, points: float) -> None:
    if not (0 <= share <= 1 and points > 0):
        raise ValueError(f"an interval needs a share from 0 to 1 and points above 0, found {share} and {points}")
