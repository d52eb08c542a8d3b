"""Estimates from a probability sample: one form for shares, accuracies and areas.

Every figure is a ratio R = Σ W_h ȳ_h / Σ W_h x̄_h of two quantities of the points. For a share of the map x is 1; for the
user's accuracy of a class it marks the points that the map gives the class, for the producer's those that have it in the
reference; y marks those that are right besides. With e = (y − R x) / X̂ the variance is that of the mean of e:
Σ W_h² (1 − n_h/N_h) s²_eh / n_h in strata (Stehman 2014, equations 25 and 28), and
(1/n)(1 − n/N) Σ W_h s²_eh + (1/n²) Σ (1 − W_h) s²_eh after post-stratification (Stehman 2013, equation 48). Without the
finite-population factor and with the map's classes as strata these are the formulas of Olofsson et al. (2014).

References
----------
Stehman, S. V. (2013): Estimating area from an accuracy assessment error matrix. Remote Sensing of Environment 132, 202–211.
Stehman, S. V. (2014): Estimating area and map accuracy for stratified random sampling when the strata are different
from the map classes. International Journal of Remote Sensing 35, 4923–4939.
Olofsson, P. et al. (2013): Making better use of accuracy data in land change studies. Remote Sensing of Environment 129,
122–131; (2014): Good practices for estimating area and assessing accuracy of land change. Ibid. 148, 42–57.
Kish, L. (1965): Survey Sampling. Wiley (effective number of points of unequal weight).
Satterthwaite, F. E. (1946): An approximate distribution of estimates of variance components. Biometrics Bulletin 2,
110–114 (degrees of freedom).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .reference_sample import ReferenceSample

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratios:
    """Estimated ratios, each of shape (ratios,).

    Parameters
    ----------
    values : NaN if no point of the denominator was found.
    variances : NaN if a stratum that matters has a single point, or the value is not defined.
    kish : independent points that the points of the denominator are worth by their weights alone (Kish 1965).
    freedom : degrees of freedom of the variance, 1 or more (Satterthwaite 1946, from the fourth moments within strata): few
        if it hangs on few points, such as the ones in which a common class turned out to be a rare one. Infinite if
        the denominator lies in one stratum, where the share alone determines the variance.
    """

    values: FloatArray
    variances: FloatArray
    kish: FloatArray
    freedom: FloatArray


def ratios(sample: ReferenceSample, y: FloatArray, x: FloatArray, *, own_strata: bool = False) -> Ratios:
    """Estimate R = Y/X for each column.

    Parameters
    ----------
    y, x : quantities of the points, (points, ratios); x may be (points, 1).
    own_strata : x is 0 in whole strata by definition, not by chance, as for the user's accuracy of a class that is a
        stratum. A stratum with a single point then leaves the variance of the other classes known.
    """
    scale = np.ones(len(sample)) if sample.areas is None else sample.areas
    if sample.inside is not None:
        scale = scale * sample.inside
    y, x = y * scale[:, None], np.broadcast_to(x * scale[:, None], y.shape)
    weights, counts = sample.weights, sample.points_by_stratum
    member = np.zeros((len(weights), len(sample)))
    member[sample.strata, np.arange(len(sample))] = 1.0
    total_y, total_x = (weights / counts @ (member @ values) for values in (y, x))
    known = total_x > 0
    divisor = np.where(known, total_x, 1.0)
    values = np.where(known, total_y / divisor, np.nan)
    residuals = (y - np.where(known, values, 0.0) * x) / divisor
    spread, doubt = _variances_by_stratum(sample, member, residuals)
    if own_strata:
        spread = np.where(np.isnan(spread) & (member @ x == 0), 0.0, spread)
    factors = variance_factors(sample)
    found = np.where(known, factors @ spread, np.nan)
    point_weights = (weights / counts)[sample.strata][:, None] * x
    squares = (point_weights**2).sum(axis=0)
    return Ratios(
        values=values,
        variances=found,
        kish=np.where(known, total_x**2 / np.where(known, squares, 1.0), np.nan),
        freedom=_freedom(found, factors**2 @ doubt, alone=np.count_nonzero(member @ x, axis=0) < 2),
    )


def _variances_by_stratum(
    sample: ReferenceSample, member: FloatArray, residuals: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Variance of each column within each stratum, and the variance of that, both (strata, ratios).

    The first is NaN for a stratum with one of several pixels.
    """
    counts = sample.points_by_stratum[:, None]
    means = member @ residuals / counts
    squares = (residuals - means[sample.strata]) ** 2
    sums, fourth = member @ squares, member @ squares**2 / counts
    whole = sample.finite & (counts >= sample.sizes[:, None])
    spread = np.where(counts > 1, sums / np.maximum(counts - 1, 1), np.where(whole, 0.0, np.nan))
    return spread, np.maximum(fourth - (sums / counts) ** 2, 0.0) / counts


def _freedom(variances: FloatArray, doubt: FloatArray, *, alone: npt.NDArray[np.bool_]) -> FloatArray:
    """Degrees of freedom of variances that themselves have the variance ``doubt``, all (ratios,)."""
    bounded = ~alone & (doubt > 0) & (variances > 0)
    freedom = 2 * np.where(bounded, variances, 1.0) ** 2 / np.where(bounded, doubt, 1.0)
    return np.where(bounded, np.maximum(freedom, 1.0), np.inf)


def variance_factors(sample: ReferenceSample) -> FloatArray:
    """What the variance within each stratum is multiplied by, (strata,)."""
    weights, counts = sample.weights, sample.points_by_stratum
    if sample.design == "post_stratified":
        n = counts.sum()
        left = 1 - n / sample.sizes.sum() if sample.finite else 1.0
        return np.asarray(left * weights / n + (1 - weights) / n**2)
    left = 1 - counts / sample.sizes if sample.finite else np.ones(len(weights))
    return np.asarray(weights**2 * left / counts)
