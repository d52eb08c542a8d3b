"""Accuracies of many confusion matrices at once, rows are the reference, for draws of units."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def overall_accuracies(confusions: FloatArray) -> FloatArray:
    """Overall accuracy of each confusion matrix, (draws, classes, classes) to (draws,)."""
    return np.asarray(np.trace(confusions, axis1=1, axis2=2) / confusions.sum(axis=(1, 2)))


def average_accuracies(confusions: FloatArray) -> FloatArray:
    """Mean producer's accuracy of the classes with reference samples, (draws, classes, classes) to (draws,)."""
    right, support = np.diagonal(confusions, axis1=1, axis2=2), confusions.sum(axis=2)
    return np.asarray((right / np.maximum(support, 1)).sum(axis=1) / np.count_nonzero(support, axis=1))


def mean_accuracies(confusions: FloatArray) -> FloatArray:
    """Mean of overall and average accuracy, (draws, classes, classes) to (draws,)."""
    return (overall_accuracies(confusions) + average_accuracies(confusions)) / 2
