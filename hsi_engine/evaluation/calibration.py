"""Temperature of a network's scores, and what its probabilities are worth.

References
----------
Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017): On calibration of modern neural networks. ICML
(temperature scaling).
Brier, G. W. (1950): Verification of forecasts expressed in terms of probability. Monthly Weather Review 78, 1–3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

TEMPERATURE_BOUNDS = (0.05, 20.0)
"""Of what is fitted, and of what a model file may hold."""
_TRIED = 25

FloatArray = npt.NDArray[np.floating[Any]]


def softmax(log_scores: FloatArray, temperature: float = 1.0) -> npt.NDArray[np.float64]:
    """Probabilities of the classes.

    Parameters
    ----------
    log_scores : logits or log-probabilities, float (n, classes); a constant added to a row changes nothing.
    temperature : above 0; above 1 makes the probabilities less certain. The order of the classes stays.

    Returns
    -------
    float64 (n, classes), each row sums to 1.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature must be above 0, found {temperature}")
    scores = np.asarray(log_scores, dtype=np.float64)
    # The largest score is taken off before the division, so that scores of -1e300 cannot overflow.
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_temperature(log_scores: FloatArray, reference: npt.NDArray[np.integer[Any]]) -> float:
    """The temperature T with the lowest Brier score of ``softmax(log_scores / T)``, within ``TEMPERATURE_BOUNDS``.

    Guo et al. (2017) maximise the likelihood. In places that were not labelled, a whole field may be surely wrong, and
    its likelihood, which has no bound, would make all others doubtful: see docs/decisions/0018. The Brier score is as
    proper and has a bound. Samples that are all right set no limit on how sure scores may be: then T is 1. A T at the upper
    bound means that the scores contain nothing about the classes.

    Parameters
    ----------
    log_scores : logits or log-probabilities of samples that did not train the network, finite, (n, classes); a
        constant added to a row changes nothing.
    reference : class index of each sample, (n,).

    Returns
    -------
    The temperature; 1 if no other has a lower score, there are no samples, or all of them are right.

    Raises
    ------
    ValueError : shapes, indices or scores that are impossible.
    """
    if not len(reference):
        return 1.0
    margins = _margins(log_scores, reference)
    is_reference = np.zeros(margins.shape, dtype=bool)
    is_reference[np.arange(len(margins)), reference] = True

    def loss(log_temperature: float) -> float:
        powers = np.exp((margins - margins.max(axis=1, keepdims=True)) / math.exp(log_temperature))
        others = np.where(is_reference, 0.0, powers) / powers.sum(axis=1, keepdims=True)
        # 1 - p from the other classes: it would be rounded away if p is nearly 1.
        return float((others.sum(axis=1) ** 2 + (others**2).sum(axis=1)).mean())

    low, high = (math.log(bound) for bound in TEMPERATURE_BOUNDS)
    # There may be several minima: the best of a few temperatures first, then what lies around it.
    tried = np.linspace(low, high, _TRIED)
    best = int(np.argmin([loss(value) for value in tried]))
    if best == 0:
        return 1.0
    bounds = (tried[max(best - 1, 0)], tried[min(best + 1, _TRIED - 1)])
    from scipy.optimize import minimize_scalar  # slow to load, and a map alone has no use for it

    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return math.exp(float(found.x)) if found.fun < loss(0.0) else 1.0


def negative_log_likelihood(
    log_scores: FloatArray, reference: npt.NDArray[np.integer[Any]], temperature: float = 1.0
) -> float:
    """Mean of -log p over the samples, p the probability of the reference class, in nats; NaN without samples.

    From scores rather than probabilities, which round to 0 if a network is sure and wrong.

    Parameters
    ----------
    log_scores : logits or log-probabilities, finite, (n, classes).
    reference : class index of each sample, (n,).
    temperature : by which the scores are divided, above 0.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature must be above 0, found {temperature}")
    if not len(reference):
        return math.nan
    from scipy.special import logsumexp  # slow to load, and a description has no use for it

    return float(logsumexp(_margins(log_scores, reference) / temperature, axis=1).mean())


def brier_score(probabilities: FloatArray, reference: npt.NDArray[np.integer[Any]]) -> float:
    """Mean squared distance of the probabilities from certainty, 0 to 2 (Brier, 1950); NaN without samples.

    All classes are summed, as Brier did: for two classes it is twice the figure of that name for one of them.

    Parameters
    ----------
    probabilities : of the classes, float (n, classes).
    reference : class index of each sample, (n,).
    """
    if not len(reference):
        return math.nan
    of_reference = of_class(probabilities, reference)
    squares = (np.asarray(probabilities, dtype=np.float64) ** 2).sum(axis=1)
    return float((squares - 2 * of_reference + 1).mean())


def of_class(values: FloatArray, reference: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float64]:
    """The value of the reference class of each sample, float64 (n,), of ``values`` (n, classes).

    Raises
    ------
    ValueError : not one row per sample, or an index that is not a class.
    """
    if values.ndim != 2 or reference.shape != (len(values),):
        raise ValueError(f"(n, classes) values and n references were expected, found {values.shape}, {reference.shape}")
    if len(reference) and not (reference.min() >= 0 and reference.max() < values.shape[1]):
        raise ValueError(f"reference indices must lie between 0 and {values.shape[1] - 1}")
    return np.take_along_axis(np.asarray(values, dtype=np.float64), reference[:, None].astype(np.int64), axis=1)[:, 0]


def _margins(log_scores: FloatArray, reference: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float64]:
    of_reference = of_class(log_scores, reference)
    if not np.isfinite(log_scores).all():
        raise ValueError(f"scores must be finite, found {np.count_nonzero(~np.isfinite(log_scores))} that are not")
    return np.asarray(np.asarray(log_scores, dtype=np.float64) - of_reference[:, None])
