"""A curve that turns the confidence of a model into the share of pixels that are right.

References
----------
Platt, J. (1999): Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods.
Advances in Large Margin Classifiers (the curve, and targets a little inside 0 and 1).
Gupta, C. and Ramdas, A. (2022): Top-label calibration and multiclass-to-binary reductions. ICLR (of the chosen class only).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SLOPE_BOUNDS = (0.05, 20.0)
"""Below, confidences would be so alike that float32 no longer keeps their order; the bounds of temperatures, inverted."""
OFFSET_BOUNDS = (-1000.0, 1000.0)
"""Wider than any offset that follows from finite log-odds and the bounds of the slope."""

LEAST = 1e-12
"""Below this, a probability cannot be told from zero."""

FloatArray = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class ConfidenceScaling:
    """logit(p') = slope · logit(p) + offset, with p the confidence, which is the probability of the chosen class.

    Parameters
    ----------
    slope : within ``SLOPE_BOUNDS``, so that the curve rises.
    offset : within ``OFFSET_BOUNDS``.

    Raises
    ------
    ValueError : a number that is not finite or beyond its bounds.
    """

    slope: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("slope", self.slope, SLOPE_BOUNDS),
            ("offset", self.offset, OFFSET_BOUNDS),
        ):
            if not low <= value <= high:
                raise ValueError(f"the {name} of a confidence scaling must lie between {low} and {high}, found {value}")

    @property
    def is_identity(self) -> bool:
        """Whether confidences stay as they are."""
        return self.slope == 1 and self.offset == 0


def fit_confidence_scaling(confidence: FloatArray, correct: npt.NDArray[np.bool_]) -> ConfidenceScaling:
    """The most likely curve, for targets (N₊ + 1) / (N₊ + 2) of right and 1 / (N₋ + 2) of wrong samples (Platt 1999).

    These targets lie inside 0 and 1, so that samples that are all wrong, or that a threshold separates, give a finite curve.
    Samples that are all right set no limit on how sure one may be: their confidence stays as it is. The problem is convex, and
    samples are sorted first: their order changes nothing. If all have one confidence, only the offset is fitted.

    Parameters
    ----------
    confidence : probability of the chosen class of samples that did not train the model, 0 to 1, (n,).
    correct : whether the chosen class is the right one, (n,).

    Returns
    -------
    The curve; the identity without samples and if all of them are right.

    Raises
    ------
    ValueError : shapes or numbers that are impossible.
    """
    confidence, correct = _checked(confidence, correct)
    right = int(np.count_nonzero(correct))
    if right == len(correct):  # also without any
        return ConfidenceScaling()
    order = np.lexsort((correct, confidence))
    odds = log_odds(confidence[order])
    targets = np.where(correct[order], (right + 1) / (right + 2), 1 / (len(correct) - right + 2))
    # Around the mean, slope and height hardly depend on each other; a slope that nothing depends on stays 1.
    middle = float(odds.mean())
    centred = odds - middle

    def loss(curve: FloatArray) -> tuple[float, FloatArray]:
        scores = curve[0] * centred + curve[1]
        excess = expit(scores) - targets
        value = np.logaddexp(0, scores) - targets * scores
        return float(value.mean()), np.array([(excess * centred).mean(), excess.mean()])

    from scipy.optimize import minimize  # slow to load, and a map alone has no use for it
    from scipy.special import expit

    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000}
    found = minimize(
        loss, np.array([1.0, middle]), jac=True, method="L-BFGS-B", bounds=[SLOPE_BOUNDS, (None, None)], options=options
    )
    slope, height = (float(value) for value in found.x)
    return ConfidenceScaling(slope=slope, offset=height - slope * middle)


def log_odds(confidence: FloatArray) -> npt.NDArray[np.float64]:
    """log(p / (1 − p)), float64, of probabilities brought to within ``LEAST`` of 0 and 1."""
    bounded = np.clip(np.asarray(confidence, dtype=np.float64), LEAST, 1 - LEAST)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def _checked(
    confidence: FloatArray, correct: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    if confidence.ndim != 1 or correct.shape != confidence.shape:
        raise ValueError(
            f"one confidence and one answer per sample were expected, found {confidence.shape} and {correct.shape}"
        )
    if correct.dtype != np.bool_:
        raise ValueError(f"whether samples are right must be True or False, found {correct.dtype}")
    found = np.asarray(confidence, dtype=np.float64)
    outside = ~((found >= 0) & (found <= 1 + 1e-6))
    if outside.any():
        raise ValueError(f"confidences lie between 0 and 1, found {found[outside][0]} ({outside.sum()} such)")
    return found, correct
