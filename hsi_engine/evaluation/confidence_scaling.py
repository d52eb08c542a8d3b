"""A curve that turns the confidence of a model into the share of pixels that are right.

References
----------
Platt, J. (1999): Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods.
Advances in Large Margin Classifiers (the curve, and targets a little inside 0 and 1).
Gupta, C. and Ramdas, A. (2022): Top-label calibration and multiclass-to-binary reductions. ICLR (of the chosen class only).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SLOPE_BOUNDS = (0.05, 20.0)
"""The bounds of temperatures, inverted. Below, hardly anything would be left of the order of confidences."""
OFFSET_BOUNDS = (-1000.0, 1000.0)
"""Wider than any offset of a fit, whose height at the mean of the log-odds, themselves up to 28, is bounded too."""
_HEIGHT_BOUNDS = (-400.0, 400.0)

# From the middle outwards: of slopes that nothing depends on, 1 is taken.
_TRIED_SLOPES = (1.0, 0.5, 2.0, 0.25, 4.0, 0.1, 10.0)
_TRIED_SHIFTS = (0.0, -1.0, 1.0, -3.0, 3.0)

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

    def __str__(self) -> str:
        sign = "−" if self.offset < 0 else "+"
        return f"logit(p') = {self.slope:.3g} · logit(p) {sign} {abs(self.offset):.3g}"

    @property
    def is_identity(self) -> bool:
        """Whether confidences stay as they are."""
        return self.slope == 1 and self.offset == 0


def fit_confidence_scaling(confidence: FloatArray, correct: npt.NDArray[np.bool_]) -> ConfidenceScaling:
    """The curve with the lowest Brier score, for targets (N₊ + 1) / (N₊ + 2) of right and 1 / (N₋ + 2) of wrong samples.

    Platt (1999) maximises the likelihood for these targets. In places that were not labelled, a whole field may be surely wrong,
    and its likelihood, which has no bound, would make all others doubtful: see docs/decisions/0018. The targets lie inside 0 and
    1, so that samples that are all wrong, or that a threshold separates, give a finite curve. Samples that are all right set no
    limit on how sure one may be: their confidence stays as it is. If all have one confidence, the slope stays 1.

    The order of samples changes nothing: they are sorted first.

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
    # Around the mean, slope and height hardly depend on each other.
    middle = float(odds.mean())
    centred = odds - middle if np.ptp(odds) > 0 else np.zeros_like(odds)
    slope, height = _lowest_brier_score(centred, targets)
    return ConfidenceScaling(slope=slope, offset=height - slope * middle)


def _lowest_brier_score(odds: npt.NDArray[np.float64], targets: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Slope and height of the logistic curve with the smallest mean squared distance from the targets."""
    from scipy.optimize import minimize  # slow to load, and a map alone has no use for it
    from scipy.special import expit

    def likelihood(curve: FloatArray) -> tuple[float, FloatArray]:
        scores = curve[0] * odds + curve[1]
        excess = expit(scores) - targets
        loss = np.logaddexp(0, scores) - targets * scores
        return float(loss.mean()), np.array([(excess * odds).mean(), excess.mean()])

    def brier(curve: FloatArray) -> tuple[float, FloatArray]:
        shares = expit(curve[0] * odds + curve[1])
        excess = shares - targets
        change = 2 * excess * shares * (1 - shares)
        return float((excess**2).mean()), np.array([(change * odds).mean(), change.mean()])

    def lowest(loss: Any, start: FloatArray) -> FloatArray:
        options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000}
        bounds = [SLOPE_BOUNDS, _HEIGHT_BOUNDS]
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return np.asarray(found.x)

    # There may be several minima: that next to the most likely curve, which is unique, and that next to the best of a few.
    level = math.log(targets.mean() / (1 - targets.mean()))
    tried = [np.array([slope, level + shift]) for slope in _TRIED_SLOPES for shift in _TRIED_SHIFTS]
    starts = [lowest(likelihood, np.array([1.0, level])), min(tried, key=lambda curve: brier(curve)[0])]
    best = min((lowest(brier, start) for start in starts), key=lambda curve: brier(curve)[0])
    return float(best[0]), float(best[1])


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
