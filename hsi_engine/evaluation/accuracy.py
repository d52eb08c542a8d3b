"""Accuracy of a map against a reference.

All figures come from one confusion matrix. Reference samples to which the map gives no class are kept
separately: they count as errors of the map and in the support of their class.

References
----------
Congalton, R. G. (1991): A review of assessing the accuracy of classifications of remotely sensed data.
Remote Sensing of Environment 37, 35–46 (overall, producer's and user's accuracy).
Cohen, J. (1960): A coefficient of agreement for nominal scales. Educational and Psychological
Measurement 20, 37–46 (kappa).
Jaccard, P. (1912): The distribution of the flora in the alpine zone. New Phytologist 11, 37–50
(intersection over union).
Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. Journal of
the American Statistical Association 22, 209–212 (interval of a proportion).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classes.legend import NO_CLASS, Legend
from ..errors import MismatchError


@dataclass(frozen=True, kw_only=True, eq=False)
class Accuracy:
    """Agreement of a map with a reference.

    Parameters
    ----------
    confusion : samples by reference class (rows) and class of the map (columns), int64 (classes, classes).
    legend : the classes; the position in it is the row and the column.
    unclassified : samples by reference class to which the map gives no class, int64 (classes,).

    Figures that are not defined, such as the user's accuracy of a class that the map does not hold, are NaN.
    """

    confusion: npt.NDArray[np.int64]
    legend: Legend
    unclassified: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.legend)
        if self.confusion.shape != (n, n) or self.unclassified.shape != (n,):
            raise ValueError(
                f"{n} classes need a confusion matrix of {n}×{n} and {n} unclassified counts;"
                f" found {self.confusion.shape} and {self.unclassified.shape}"
            )
        if (self.confusion < 0).any() or (self.unclassified < 0).any():
            raise ValueError("counts cannot be negative")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Accuracy):
            return NotImplemented
        return (
            self.legend == other.legend
            and np.array_equal(self.confusion, other.confusion)
            and np.array_equal(self.unclassified, other.unclassified)
        )

    def __add__(self, other: Accuracy) -> Accuracy:
        """The accuracy over the samples of both, which must not overlap.

        Raises
        ------
        MismatchError
            The legends differ.
        """
        if self.legend != other.legend:
            raise MismatchError(
                "Accuracies can only be added for the same legend;"
                f" found classes {self.legend.values.tolist()} and {other.legend.values.tolist()}.",
                code="legend",
                hint="Assess both maps with one common legend.",
            )
        return Accuracy(
            confusion=self.confusion + other.confusion,
            legend=self.legend,
            unclassified=self.unclassified + other.unclassified,
        )

    @property
    def samples(self) -> int:
        """Number of reference samples, unclassified ones included."""
        return int(self.support.sum())

    @property
    def correct(self) -> int:
        """Number of samples for which map and reference agree."""
        return int(np.trace(self.confusion))

    @property
    def support(self) -> npt.NDArray[np.int64]:
        """Reference samples by class, unclassified ones included, (classes,)."""
        return np.asarray(self.confusion.sum(axis=1) + self.unclassified)

    @property
    def mapped(self) -> npt.NDArray[np.int64]:
        """Samples by class of the map, (classes,)."""
        return np.asarray(self.confusion.sum(axis=0))

    @property
    def overall_accuracy(self) -> float:
        """Share of samples for which map and reference agree (Congalton, 1991)."""
        return self.correct / self.samples if self.samples else math.nan

    @property
    def overall_accuracy_interval(self) -> tuple[float, float]:
        """95 % interval of the overall accuracy (Wilson, 1927).

        It takes the samples for independent draws, which neighbouring pixels are not: for a whole map of
        reference pixels it is too narrow.
        """
        return wilson_interval(self.correct, self.samples)

    @property
    def average_accuracy(self) -> float:
        """Mean producer's accuracy of the classes that have reference samples."""
        present = self.support > 0
        return float(self.producers_accuracy[present].mean()) if present.any() else math.nan

    @property
    def kappa(self) -> float:
        """Agreement beyond chance, given the class proportions (Cohen, 1960)."""
        if not self.samples:
            return math.nan
        # "Unclassified" is a column without a row, so it adds nothing to the chance agreement.
        total = float(self.samples)
        by_chance = float((self.support / total) @ (self.mapped / total))
        return (self.overall_accuracy - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan

    @property
    def producers_accuracy(self) -> npt.NDArray[np.float64]:
        """Share of a reference class that the map shows as that class, or recall, (classes,)."""
        return _ratio(np.diag(self.confusion), self.support)

    @property
    def users_accuracy(self) -> npt.NDArray[np.float64]:
        """Share of a class of the map that is that class in the reference, or precision, (classes,)."""
        return _ratio(np.diag(self.confusion), self.mapped)

    @property
    def f1(self) -> npt.NDArray[np.float64]:
        """Harmonic mean of producer's and user's accuracy, (classes,)."""
        return _ratio(2 * np.diag(self.confusion), self.support + self.mapped)

    @property
    def iou(self) -> npt.NDArray[np.float64]:
        """Samples that a class has in map and reference, over those it has in either (Jaccard, 1912), (classes,)."""
        both = np.diag(self.confusion)
        return _ratio(both, self.support + self.mapped - both)

    @property
    def mean_iou(self) -> float:
        """Mean intersection over union of the classes that have reference samples."""
        present = self.support > 0
        return float(self.iou[present].mean()) if present.any() else math.nan

    def to_json(self) -> dict[str, Any]:
        """All figures as plain values; what is not defined is None."""
        by_class = zip(
            self.legend.to_json(),
            self.producers_accuracy.tolist(),
            self.users_accuracy.tolist(),
            self.f1.tolist(),
            self.iou.tolist(),
            self.support.tolist(),
            self.mapped.tolist(),
            self.unclassified.tolist(),
            strict=True,
        )
        return {
            "overall_accuracy": _defined(self.overall_accuracy),
            "overall_accuracy_interval_95": [_defined(bound) for bound in self.overall_accuracy_interval],
            "average_accuracy": _defined(self.average_accuracy),
            "kappa": _defined(self.kappa),
            "mean_iou": _defined(self.mean_iou),
            "samples": self.samples,
            "correct": self.correct,
            "unclassified": int(self.unclassified.sum()),
            "confusion_matrix": self.confusion.tolist(),
            "classes": [
                {
                    **item,
                    "producers_accuracy": _defined(producers),
                    "users_accuracy": _defined(users),
                    "f1": _defined(f1),
                    "iou": _defined(iou),
                    "support": support,
                    "mapped": mapped,
                    "unclassified": unclassified,
                }
                for item, producers, users, f1, iou, support, mapped, unclassified in by_class
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Accuracy:
        """The accuracy that :meth:`to_json` wrote; its figures are computed again from the counts."""
        return cls(
            confusion=np.array(data["confusion_matrix"], dtype=np.int64).reshape(len(data["classes"]), -1),
            legend=Legend.from_json(data["classes"]),
            unclassified=np.array([item["unclassified"] for item in data["classes"]], dtype=np.int64),
        )


def accuracy_from_indices(
    reference: npt.NDArray[np.integer[Any]], predicted: npt.NDArray[np.integer[Any]], legend: Legend
) -> Accuracy:
    """Compare class indices (not raster values) of the same samples.

    Parameters
    ----------
    reference : class index of each sample, 0 to classes - 1, any shape.
    predicted : class index given by the map, same shape; -1 if it gives none.
    legend : the classes.
    """
    reference, predicted = np.asarray(reference).ravel(), np.asarray(predicted).ravel()
    n = len(legend)
    if reference.shape != predicted.shape:
        raise ValueError(f"{reference.size} reference samples against {predicted.size} of the map")
    if reference.size and not (reference.min() >= 0 and reference.max() < n):
        raise ValueError(f"reference indices must lie between 0 and {n - 1}")
    if predicted.size and not (predicted.min() >= NO_CLASS and predicted.max() < n):
        raise ValueError(f"predicted indices must lie between {NO_CLASS} and {n - 1}")
    classified = predicted != NO_CLASS
    pairs = reference[classified].astype(np.int64) * n + predicted[classified]
    return Accuracy(
        confusion=np.bincount(pairs, minlength=n * n).reshape(n, n).astype(np.int64),
        legend=legend,
        unclassified=np.bincount(reference[~classified], minlength=n).astype(np.int64),
    )


def wilson_interval(correct: int, samples: int) -> tuple[float, float]:
    """95 % score interval of a proportion of independent samples (Wilson, 1927); NaN without samples."""
    if samples == 0:
        return math.nan, math.nan
    from scipy.stats import binomtest

    found = binomtest(correct, samples).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
