"""What a model keeps to say where it may be trusted, from the pixels that it was trained on and those that were tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..bundle.trust import Calibrated, KnownSpectra
from ..evaluation.trust.applicability import fit_applicability
from ..evaluation.trust.conformal import CalibrationScores, SetMethod, prediction_sets, smallest_calibration
from ..evaluation.trust.coverage import realised_coverage
from ..evaluation.trust.selective import risk_coverage
from ..label_check.spectra import spread_choice
from ..pixels.samples import IndexArray, SampleSet
from ..preprocess.branch import ReductionSettings
from ..splitting.folds import Folds
from ..splitting.split import Split
from ..training.cubes import Cubes

MOST_POINTS = 10_000
"""Training pixels that a model keeps; of more, these are spread over classes and polygons."""
MOST_SCORES = 20_000
"""Calibration scores that a model keeps; of more, these are drawn at random."""

# Enough for what land covers differ in, few enough for a fast search. Later components are mostly noise, which would make all
# pixels equally unlike one another.
_COMPONENTS = 8
_STATED = (0.8, 0.9, 0.95)
_METHODS: tuple[SetMethod, ...] = ("lac", "aps", "class")
# A split without folds: its test side is dealt into so many, to try thresholds on pixels that did not set them.
_DEALT = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class TestedPixels:
    """Pixels that were predicted by a model which had not seen them.

    Parameters
    ----------
    probabilities : as the map will have them, float64 (n, classes).
    classes, folds, units : index of the right class, fold, and block, polygon or pixel of each, (n,).
    unit_name : "block", "polygon" or "pixel".
    """

    probabilities: npt.NDArray[np.float64]
    classes: IndexArray
    folds: IndexArray
    units: IndexArray
    unit_name: str

    @classmethod
    def of_split(cls, probabilities: npt.NDArray[np.float64], samples: SampleSet, split: Split) -> TestedPixels:
        """The test side of a split of ``samples``, dealt into folds.

        Dealt are the units of the split if the test holds as many as folds; else whole polygons, or single pixels if
        these were drawn at random. ``probabilities`` are in the order of the test side.
        """
        test, name = samples.take(split.test), split.unit_name
        drawn = np.arange(len(test)) if split.strategy == "random" else split.test_unit
        if drawn is None or len(np.unique(drawn)) < _DEALT:
            drawn, name = test.groups, "polygon"
        _, units = np.unique(drawn, return_inverse=True)
        return cls(probabilities=probabilities, classes=test.classes, folds=units % _DEALT, units=units, unit_name=name)


def space_of(n_bands: int) -> ReductionSettings:
    """The reduction in which spectra are compared: the first principal components of all bands."""
    return ReductionSettings(kind="pca", n_components=min(_COMPONENTS, n_bands))


def known_spectra(
    cubes: Cubes, space: ReductionSettings, trained: SampleSet, folds: Folds | None, *, branch: int
) -> KnownSpectra | None:
    """The area of applicability of a model that was trained on these samples.

    Predictors are the components of ``space``, each scaled by its deviation over the training pixels: a network has no
    importances that would weigh them.

    Parameters
    ----------
    folds : of exactly these samples; None, or without folds: whole polygons and connected areas are kept apart.
    branch : position of ``space`` in the preprocessing of the model.

    Returns
    -------
    None if the samples lie in one place, or have one spectrum: nothing says then how unlike another place is.
    """
    at = _known(trained)
    thinned = trained.take(at)
    rows, cols = (torch.from_numpy(values) for values in (thinned.rows, thinned.cols))
    predictors = cubes.of(space, 1).spectra(rows, cols).cpu().numpy()
    _, apart = np.unique(thinned.groups, return_inverse=True)
    has_folds = folds is not None and folds.n_folds > 0
    if folds is not None and has_folds:
        # What is tested in no fold was not tested apart from its own block or polygon.
        fold = folds.fold[at]
        apart = np.where(fold >= 0, fold, folds.n_folds + folds.unit[at])
    if len(np.unique(apart)) < 2 or not np.ptp(predictors, axis=0).any():
        return None
    area = fit_applicability(predictors, apart).area
    return KnownSpectra(
        branch=branch, area=area, training_pixels=len(trained), apart="folds" if has_folds else "places"
    )


def known_samples(trained: SampleSet) -> SampleSet:
    """The training pixels that :func:`known_spectra` keeps, in the order of its points."""
    return trained.take(_known(trained))


def _known(trained: SampleSet) -> IndexArray:
    return spread_choice(trained, MOST_POINTS)


def calibrated(tested: TestedPixels, *, seed: int) -> Calibrated:
    """The scores behind prediction sets."""
    scores = CalibrationScores.of(tested.probabilities, tested.classes, tested.folds, tested.units, seed=seed)
    return Calibrated(
        scores=scores.thinned(MOST_SCORES, seed=seed),
        tested_pixels=len(tested.classes),
        unit_name=tested.unit_name,
    )


def trust_figures(tested: TestedPixels, names: list[str], *, seed: int) -> dict[str, Any]:
    """``conformal`` and ``selective`` of the metrics of a model: coverage of its sets, and accuracy of its surest pixels."""
    confidence = tested.probabilities.max(axis=1)
    correct = tested.probabilities.argmax(axis=1) == tested.classes
    curve = risk_coverage(confidence, correct, tested.units, seed=seed)
    scores = CalibrationScores.of(tested.probabilities, tested.classes, tested.folds, tested.units, seed=seed)
    stated = [asked for asked in _STATED if len(scores) >= smallest_calibration(asked)]
    return {
        "conformal": {
            "unit_name": tested.unit_name,
            "sets": [
                realised_coverage(scores, method, asked, seed=seed).to_json(names)
                | {"set_sizes": _set_sizes(tested, scores, method, asked, seed)}
                for method in _METHODS
                for asked in stated
            ],
        },
        "selective": None if curve is None else curve.to_json(),
    }


def _set_sizes(
    tested: TestedPixels, scores: CalibrationScores, method: SetMethod, asked: float, seed: int
) -> list[float]:
    """Shares of the tested pixels with 0, 1, 2 … classes in their set."""
    draws = np.random.default_rng(seed).random(len(tested.classes))  # those of the scores
    sizes = np.zeros(len(tested.classes), np.int64)
    for fold in np.unique(tested.folds):
        here = tested.folds == fold
        thresholds = scores.thresholds(method, asked, without_fold=int(fold))
        sizes[here] = prediction_sets(tested.probabilities[here].T, thresholds, method, draws[here]).sum(axis=0)
    shares: list[float] = (np.bincount(sizes, minlength=scores.n_classes + 1) / len(sizes)).tolist()
    return shares
