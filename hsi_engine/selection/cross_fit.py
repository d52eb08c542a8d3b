"""Cross-fitting: each labelled pixel is predicted once, by a model that has not seen its surroundings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..evaluation.calibration import fit_temperature, softmax
from ..reporting import Level, PhaseReporter, Reporter
from ..splitting.folds import Folds
from ..training.cubes import Cubes
from ..training.fit import FittedRecipe, Fitter, on_cpu
from ..training.recipe import Recipe


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossFitted:
    """The predictions of a recipe for the tested samples.

    Parameters
    ----------
    recipe : what was trained.
    log_scores : scores of the tested samples, float32 (tested, classes), in the order of :func:`tested_samples`.
    temperature : the one with the lowest Brier score on all tested samples.
    models : the model of each fold, on the CPU.
    seconds : training and prediction of all folds.
    """

    recipe: Recipe
    log_scores: npt.NDArray[np.float32]
    temperature: float
    models: tuple[FittedRecipe, ...]
    seconds: float

    @property
    def probabilities(self) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of the tested samples, (tested, classes)."""
        return softmax(self.log_scores, self.temperature)


def tested_samples(folds: Folds) -> npt.NDArray[np.int64]:
    """Indices of the samples that are tested in some fold, rising."""
    return np.flatnonzero(folds.fold >= 0)


def cross_fit(
    recipe: Recipe,
    folds: Folds,
    cubes: Cubes,
    fitter: Fitter,
    reporter: Reporter,
    *,
    task: str = "Comparing methods",
) -> CrossFitted:
    """Train ``recipe`` once per fold, away from what the fold tests by the recipe's radius, and predict the fold.

    ``task`` is what it is done for, as the progress has it.

    Raises
    ------
    HsiError : the recipe cannot be trained on these samples.
    Cancelled : asked between and during trainings.
    """
    started = time.perf_counter()
    samples = folds.samples
    cube = cubes.of(recipe.reduction, recipe.patch_size)
    scores = np.full((len(samples), len(samples.legend)), np.nan, dtype=np.float32)
    models = []
    for fold in range(folds.n_folds):
        part = PhaseReporter(reporter, fold / folds.n_folds, (fold + 1) / folds.n_folds)
        quiet = FoldReporter(part, f"{task}: {recipe.title}, fold {fold + 1} of {folds.n_folds}")
        train, test = folds.training_of(fold, recipe.radius), folds.tested_in(fold)
        fitted = fitter.fit(recipe, cube, samples.take(train), units=folds.unit[train], reporter=quiet)
        scores[test] = fitted.scores_at(cube, samples.take(test), quiet)
        models.append(on_cpu(fitted))
    tested = tested_samples(folds)
    return CrossFitted(
        recipe=recipe,
        log_scores=scores[tested],
        temperature=fit_temperature(scores[tested], samples.classes[tested]),
        models=tuple(models),
        seconds=time.perf_counter() - started,
    )


class FoldReporter(PhaseReporter):
    """Passes on the progress of a training under the name of its candidate, but none of its epochs."""

    def __init__(self, parent: Reporter, what: str) -> None:
        super().__init__(parent, 0.0, 1.0)
        self._what = what

    def progress(self, fraction: float, message: str = "") -> None:
        super().progress(fraction, self._what)

    def log(self, message: str, level: Level = "info") -> None:
        if level == "warning":
            super().log(message, level)

    def metric(self, name: str, value: float, step: int) -> None: ...

    def artifact(self, kind: str, path: Path) -> None: ...

    def if_cancelled(self, message: str = "") -> None: ...
