"""A first estimate of what single spectra are worth: a simple classifier, tested in separate places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from ..evaluation.accuracy import Accuracy, accuracy_from_indices
from ..pixels.samples import IndexArray, SampleSet
from ..reporting import Reporter
from ..spectrum.shrunk_covariance import ledoit_wolf, mean_and_scale, row_blocks, row_slices
from ..splitting.folds import Folds
from .spectra import LabelledSpectra, spread_choice

MOST_PIXELS = 20_000
"""Pixels that take part: more would not change the estimate, but take longer than a glance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class QuickTest:
    """Accuracies in the order of the legend, and how many pixels took part in training and test."""

    accuracy: Accuracy
    pixels: int


def quick_test(spectra: LabelledSpectra, folds: Folds, guard_px: int, reporter: Reporter) -> QuickTest | None:
    """Fit shrinkage LDA to the spectra outside each fold and classify those in it.

    Linear discriminant analysis with the common covariance shrunk as Ledoit and Wolf (2004) do, and the shares of the
    classes among the training pixels as priors.

    Parameters
    ----------
    folds : of all samples with data, those of ``spectra`` among them.

    Returns
    -------
    None if no pixel can be tested.
    """
    samples = spectra.samples
    held = spread_choice(samples, MOST_PIXELS)
    place = _places(folds.samples, samples.take(held))
    of_place = np.full(len(folds.samples), -1)
    of_place[place] = held
    predicted = np.full(len(samples), -1)
    for fold in range(folds.n_folds):
        reporter.check_cancelled()
        reporter.progress(fold / folds.n_folds, f"Testing a simple classifier: fold {fold + 1} of {folds.n_folds}")
        training, tested = (_present(of_place, at) for at in (folds.training_of(fold, guard_px), folds.tested_in(fold)))
        if len(tested) and len(np.unique(samples.classes[training])) > 1:
            predicted[tested] = _classify(spectra.values, samples.classes, training, tested)
    tested = np.flatnonzero(predicted >= 0)
    if not len(tested):
        return None
    accuracy = accuracy_from_indices(samples.classes[tested], predicted[tested], samples.legend)
    return QuickTest(accuracy=accuracy, pixels=len(held))


def _classify(
    values: npt.NDArray[np.float32], classes: IndexArray, training: IndexArray, tested: IndexArray
) -> IndexArray:
    mean, scale = mean_and_scale(partial(row_blocks, values, training))
    present, member, counts = np.unique(classes[training], return_inverse=True, return_counts=True)
    of_classes = np.split(training[np.argsort(member, kind="stable")], np.cumsum(counts)[:-1])
    means = np.stack([sum(block.sum(axis=0) for block in row_blocks(values, here)) / len(here) for here in of_classes])
    means = (means - mean) / scale
    residuals = (
        (values[training[some]] - mean) / scale - means[member[some]]
        for some in row_slices(len(training), values.shape[1])
    )
    covariance = ledoit_wolf(residuals)
    # Pixels that do not vary within any class leave nothing to divide by; then the nearest mean decides.
    covariance += np.eye(len(covariance)) * max(1e-9, np.finfo(np.float64).eps * np.trace(covariance))
    weights = np.linalg.solve(covariance, means.T)
    constants = np.log(counts / counts.sum()) - (means.T * weights).sum(axis=0) / 2
    scores = (values[tested] - mean) / scale @ weights + constants
    found: IndexArray = present[scores.argmax(axis=1)]
    return found


def _places(all_samples: SampleSet, some: SampleSet) -> IndexArray:
    """Index in ``all_samples``, which lie row by row, of each of ``some``."""
    width = 1 + int(max(all_samples.cols.max(), some.cols.max()))
    found: IndexArray = np.searchsorted(all_samples.rows * width + all_samples.cols, some.rows * width + some.cols)
    return found


def _present(of_place: IndexArray, at: IndexArray) -> IndexArray:
    held = of_place[at]
    return held[held >= 0]
