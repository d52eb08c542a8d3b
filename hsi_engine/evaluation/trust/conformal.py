"""Conformal prediction sets: the classes that a pixel may have, with a stated chance that the right one is among them.

References
----------
Vovk, V. (2012): Conditional validity of inductive conformal predictors. ACML (one threshold for each class). Vovk, V. (2015):
Cross-conformal predictors. Annals of Mathematics and Artificial Intelligence 74, 9–28 (scores of left-out folds). Sadinle, M.,
Lei, J. and Wasserman, L. (2019): Least ambiguous set-valued classifiers with bounded error levels. Journal of the American
Statistical Association 114, 223–234 (LAC). Romano, Y., Sesia, M. and Candès, E. (2020): Classification with valid and adaptive
coverage. NeurIPS (APS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..calibration import FloatArray, of_class

SetMethod = Literal["lac", "aps", "class"]
"""``lac``: the smallest sets, from 1 − p; ``aps``: sets that follow how hard a pixel is, from cumulative probabilities, randomised;
``class``: as ``lac``, with a threshold for each class."""

LEAST_OF_CLASS = 20
"""Fewer calibration samples of a class do not give it a separate threshold."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class CalibrationScores:
    """Scores of samples that were predicted by models which had not seen their surroundings.

    Parameters
    ----------
    lac, aps : score of the right class of each sample, float64 (n,), 0 to 1. Higher means less probable.
    classes : index of the right class, int64 (n,).
    folds : fold in which each was tested, int64 (n,).
    units : block or polygon each belongs to, int64 (n,).
    n_classes : classes of the legend.

    Raises
    ------
    ValueError : shapes or numbers that are impossible.
    """

    lac: Floats
    aps: Floats
    classes: npt.NDArray[np.int64]
    folds: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]
    n_classes: int

    def __post_init__(self) -> None:
        arrays = (self.lac, self.aps, self.classes, self.folds, self.units)
        if any(array.shape != (len(self.lac),) for array in arrays) or not len(self.lac):
            raise ValueError(f"one value for each calibration sample was expected, found {[a.shape for a in arrays]}")
        if not all(np.isfinite(a).all() and a.min() >= 0 and a.max() <= 1 + 1e-9 for a in (self.lac, self.aps)):
            raise ValueError("scores of calibration samples lie between 0 and 1")
        if self.classes.min() < 0 or self.classes.max() >= self.n_classes:
            raise ValueError(f"classes of calibration samples lie between 0 and {self.n_classes - 1}")
        for name in ("lac", "aps", "classes", "folds", "units"):
            frozen = np.array(getattr(self, name), dtype=np.float64 if name in ("lac", "aps") else np.int64)
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    def __len__(self) -> int:
        return len(self.lac)

    @classmethod
    def of(
        cls,
        probabilities: FloatArray,
        reference: npt.NDArray[np.integer[Any]],
        folds: npt.NDArray[np.integer[Any]],
        units: npt.NDArray[np.integer[Any]],
        *,
        seed: int,
    ) -> CalibrationScores:
        """Scores from probabilities (n, classes) of samples; ``seed`` draws the random numbers of APS."""
        draws = np.random.default_rng(seed).random(len(reference))
        return cls(
            lac=np.clip(1 - of_class(probabilities, reference), 0, 1),
            aps=of_class(aps_scores(np.asarray(probabilities, np.float64).T, draws).T, reference),
            classes=np.asarray(reference, np.int64),
            folds=np.asarray(folds, np.int64),
            units=np.asarray(units, np.int64),
            n_classes=probabilities.shape[1],
        )

    def thresholds(self, method: SetMethod, coverage: float, *, without_fold: int | None = None) -> Floats:
        """The largest score of a class in a set, float64 (classes,); infinite if there are too few samples.

        Parameters
        ----------
        method : a class with too few samples for its own threshold gets that of all samples, see :meth:`own_threshold`.
        coverage : chance that the right class is in the set, above 0 and below 1.
        without_fold : a fold whose samples take no part.
        """
        used = np.ones(len(self), bool) if without_fold is None else self.folds != without_fold
        scores = self.aps if method == "aps" else self.lac
        found = np.full(self.n_classes, conformal_quantile(scores[used], coverage))
        if method == "class":
            for index in np.flatnonzero(self.own_threshold(coverage)):
                found[index] = conformal_quantile(scores[used & (self.classes == index)], coverage)
        return found

    def own_threshold(self, coverage: float) -> npt.NDArray[np.bool_]:
        """Whether each class has enough samples for a separate threshold at this coverage, (classes,)."""
        counts = np.bincount(self.classes, minlength=self.n_classes)
        return np.asarray(counts >= max(LEAST_OF_CLASS, smallest_calibration(coverage)))

    def covered(self, method: SetMethod, coverage: float) -> npt.NDArray[np.bool_]:
        """Whether the right class of each sample is in its set, with thresholds from the other folds, (n,)."""
        scores, found = self.aps if method == "aps" else self.lac, np.zeros(len(self), bool)
        for fold in np.unique(self.folds):
            here = self.folds == fold
            thresholds = self.thresholds(method, coverage, without_fold=int(fold))
            found[here] = scores[here] <= thresholds[self.classes[here]]
        return found

    def thinned(self, most: int, *, seed: int) -> CalibrationScores:
        """At most ``most`` of the samples, drawn at random; they stay as exchangeable as all are."""
        if len(self) <= most:
            return self
        at = np.sort(np.random.default_rng(seed).choice(len(self), size=most, replace=False))
        names = ("lac", "aps", "classes", "folds", "units")
        return CalibrationScores(**{name: getattr(self, name)[at] for name in names}, n_classes=self.n_classes)


def smallest_calibration(coverage: float) -> int:
    """The smallest number of calibration samples n for which ⌈(n + 1) · coverage⌉ ≤ n: 9 for 0.9, 99 for 0.99."""
    n = max(1, math.floor(coverage / (1 - coverage)) - 1)
    while _rank(n, coverage) > n:
        n += 1
    return n


def conformal_quantile(scores: Floats, coverage: float) -> float:
    """The ⌈(n + 1) · coverage⌉-th smallest of n scores (n,); infinite if there are too few of them."""
    if not 0 < coverage < 1:
        raise ValueError(f"a coverage lies above 0 and below 1, found {coverage}")
    rank = _rank(len(scores), coverage)
    return math.inf if rank > len(scores) else float(np.partition(scores, rank - 1)[rank - 1])


def prediction_sets(
    probabilities: FloatArray, thresholds: Floats, method: SetMethod, draws: Floats | None = None
) -> npt.NDArray[np.bool_]:
    """The classes in the set of each pixel, bool (classes, …).

    Parameters
    ----------
    probabilities : float (classes, …); a pixel with NaN has an empty set.
    thresholds : from :meth:`CalibrationScores.thresholds`, (classes,).
    draws : a uniform random number for each pixel, (…), for ``aps`` only.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if method == "aps":
        if draws is None:
            raise ValueError("sets of APS need a random number for each pixel")
        scores = aps_scores(values, draws)
    else:
        scores = 1 - values
    limit = thresholds.reshape(-1, *(1,) * (values.ndim - 1))
    # NaN compares as False, so that a pixel without data has no class in its set.
    return np.asarray(scores <= limit)


def aps_scores(probabilities: Floats, draws: Floats) -> Floats:
    """Score of every class by APS, float64 (classes, …), from probabilities (classes, …) and uniform numbers (…).

    The probabilities of all more probable classes, and of the class itself its part ``draws``; of equally probable classes
    the first in the legend counts as more probable.
    """
    order = np.argsort(-probabilities, axis=0, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=0)
    scores = np.cumsum(ordered, axis=0) - (1 - draws) * ordered
    found = np.empty_like(scores)
    np.put_along_axis(found, order, np.clip(scores, 0, 1), axis=0)
    return found


def _rank(n: int, coverage: float) -> int:
    """⌈(n + 1) · coverage⌉; a product that should be whole is not pushed up by its last digits."""
    return math.ceil(round((n + 1) * coverage, 9))
