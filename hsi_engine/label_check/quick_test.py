"""A first estimate of what single spectra are worth: a simple classifier, tested in separate places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from ..metrics import Accuracy, accuracy_from_indices
from ..reporting import Reporter
from ..samples import IndexArray, SampleSet
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

    Linear discriminant analysis with the covariance shrunk as Ledoit and Wolf (2004) do: the cheapest of the methods
    that a training compares.

    Parameters
    ----------
    folds : of all samples with data, those of ``spectra`` among them.

    Returns
    -------
    None where no pixel can be tested.
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
    seen = values[training].astype(np.float64)
    mean, scale = seen.mean(axis=0), seen.std(axis=0)
    scale[scale == 0] = 1.0
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    model.fit((seen - mean) / scale, classes[training])
    found: IndexArray = model.predict((values[tested] - mean) / scale)
    return found


def _places(all_samples: SampleSet, some: SampleSet) -> IndexArray:
    """Index in ``all_samples``, which lie row by row, of each of ``some``."""
    width = 1 + int(max(all_samples.cols.max(), some.cols.max()))
    found: IndexArray = np.searchsorted(all_samples.rows * width + all_samples.cols, some.rows * width + some.cols)
    return found


def _present(of_place: IndexArray, at: IndexArray) -> IndexArray:
    held = of_place[at]
    return held[held >= 0]
