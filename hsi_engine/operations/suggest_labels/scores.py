"""How useful the label of a pixel would be: how unsure the model is of it, and how unlike the training pixels it is.

References
----------
Settles, B. (2009): Active learning literature survey. University of Wisconsin–Madison, Computer Sciences Technical Report 1648
(margin, entropy, confidence). Meyer, H. and Pebesma, E. (2021): Predicting into unknown space? Methods in Ecology and
Evolution 12, 1620–1633 (dissimilarity index, threshold). Efraimidis, P. S. and Spirakis, P. G. (2006): Weighted random sampling
with a reservoir. Information Processing Letters 97, 181–185.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Measure = Literal["margin", "entropy", "confidence", "none"]

SHARPNESS = 2.0
"""Power of a score that is the weight of a draw: a pixel of twice the score is drawn four times as often."""
# Probabilities of the same pixel differ by rounding if tiles have other sizes; so much finer differences do not count.
_STEP = 1e-4
_LEAST = 1e-12


def uncertainty(probabilities: npt.NDArray[np.floating], measure: Measure) -> Floats:
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


def novelty(dissimilarity: Floats, threshold: float) -> Floats:
    """A dissimilarity index (n,) brought between 0 and 1: one half at the border of the area of applicability.

    It keeps outliers, whose dissimilarity may be any number, from outweighing everything else.
    """
    scale = threshold if threshold > 0 else 1.0
    found = dissimilarity / (dissimilarity + scale)
    return np.asarray(np.round(found / _STEP) * _STEP)


def combined(unsure: Floats, new: Floats | None, weight: float) -> Floats:
    """The score of pixels, (n,): a mean of both with ``weight`` on ``new``; that of ``unsure`` alone if there is no ``new``."""
    return unsure if new is None else (1 - weight) * unsure + weight * new


def draw_keys(scores: Floats, uniform: Floats) -> Floats:
    """Keys of pixels, (n,): those with the largest keys are a random draw, without replacement, by weights score².

    ``uniform`` are random numbers of the pixels from 0 to below 1 (Efraimidis and Spirakis, 2006). A pixel with a score of 0 is
    drawn after all others.
    """
    weights = np.maximum(scores, _STEP) ** SHARPNESS
    return np.asarray(np.log1p(-uniform) / weights)
