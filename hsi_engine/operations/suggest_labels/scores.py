"""How useful the label of a pixel would be: how unsure the model is of it, and how unlike the training pixels it is.

References
----------
Settles, B. (2009): Active learning literature survey. University of Wisconsin–Madison, Computer Sciences Technical Report 1648
(margin, entropy, confidence). Meyer, H. and Pebesma, E. (2021): Predicting into unknown space? Methods in Ecology and
Evolution 12, 1620–1633 (dissimilarity index, threshold). Efraimidis, P. S. and Spirakis, P. G. (2006): Weighted random sampling
with a reservoir. Information Processing Letters 97, 181–185.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Measure = Literal["margin", "entropy", "confidence", "none"]

SHARPNESS = 2.0
"""Power of a score that is the weight of a draw: a pixel of twice the score is drawn four times as often."""
# Probabilities of the same pixel differ by rounding if tiles have other sizes; so much finer differences do not count.
_STEP = 1e-4
_LEAST = 1e-12
# Between these, uncertainties are of one level: many models are sure of nearly all pixels, so that low ones are told apart too.
_LEVELS = (
    np.array([5e-5, 5e-4, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    + _STEP / 3
)
# And novelties, one half of which is the border of the area of applicability.
_NOVELTIES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
N_UNSURE, N_UNLIKE = len(_LEVELS) + 1, len(_NOVELTIES) + 1


def uncertainty(probabilities: npt.NDArray[np.floating[Any]], measure: Measure) -> Floats:
    """How unsure a model is of pixels, float64 (n,) from 0 (sure) to 1, from probabilities (classes, n); 0 with a single class.

    margin : 1 less the difference of the two largest probabilities.
    entropy : of all probabilities, divided by its largest value, the logarithm of the number of classes.
    confidence : 1 less the largest probability, divided by its largest value, 1 - 1 / classes.
    none : 0.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if measure == "none" or len(p) < 2:
        return np.zeros(p.shape[1])
    if measure == "entropy":
        bounded = np.maximum(p, _LEAST)
        found = -(p * np.log(bounded)).sum(axis=0) / np.log(len(p))
    else:
        top = np.partition(p, len(p) - 2, axis=0)[-2:]
        found = 1 - (top[1] - top[0]) if measure == "margin" else (1 - top[1]) / (1 - 1 / len(p))
    return np.asarray(np.round(np.clip(found, 0, 1) / _STEP) * _STEP)


def levels(unsure: Floats, dissimilarity: Floats, threshold: float | None) -> Integers:
    """A number for each pixel, int64 (n,), below :data:`N_UNSURE` · :data:`N_UNLIKE`: how unsure and how unlike, in steps.

    The level of its uncertainty times :data:`N_UNLIKE` plus that of its dissimilarity, which is put in relation to the
    threshold of the area of applicability; 0 if there is none.
    """
    of_unsure = np.searchsorted(_LEVELS, unsure)
    if threshold is None:
        return np.asarray(of_unsure * N_UNLIKE, dtype=np.int64)
    scale = threshold if threshold > 0 else 1.0
    novelty = np.round(dissimilarity / (dissimilarity + scale) / _STEP) * _STEP
    return np.asarray(of_unsure * N_UNLIKE + np.searchsorted(_NOVELTIES + _STEP / 3, novelty), dtype=np.int64)


def level_scores(pixels: Integers, weight: float) -> Floats:
    """The score of each level, above 0 to 1, (levels,): which share of all pixels is less unsure, or less unlike.

    Ranks stay the same whatever a model makes of its probabilities: one that is far too sure of itself is still less sure of
    some pixels than of others.

    Parameters
    ----------
    pixels : of each level, (levels,), one or more in all.
    weight : of the dissimilarity, next to the uncertainty.
    """
    counts = pixels.reshape(N_UNSURE, N_UNLIKE)
    unsure, unlike = _ranks(counts.sum(axis=1)), _ranks(counts.sum(axis=0))
    return np.asarray(((1 - weight) * unsure[:, None] + weight * unlike[None, :]).ravel())


def _ranks(counts: Integers) -> Floats:
    """The share of the pixels below the middle of each level."""
    return np.asarray((np.cumsum(counts) - counts / 2) / counts.sum())


def draw_keys(scores: Floats, uniform: Floats) -> Floats:
    """Keys of pixels, (n,): those with the largest keys are a random draw, without replacement, by weights score².

    ``uniform`` are random numbers of the pixels from 0 to below 1 (Efraimidis and Spirakis, 2006).
    """
    weights = np.maximum(scores, _STEP) ** SHARPNESS
    return np.asarray(np.log1p(-uniform) / weights)
