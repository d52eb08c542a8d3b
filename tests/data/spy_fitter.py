"""Labelled squares in a small scene, dealt into folds, and a fitter that trains nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hsi_engine.classes.legend import Legend
from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.errors import TrainingError
from hsi_engine.models import registry
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import Branch, ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.linear_reduction import LinearReduction
from hsi_engine.preprocess.standardisation import Standardisation
from hsi_engine.reporting import Reporter, SilentReporter
from hsi_engine.spectrum.bands import BandTable
from hsi_engine.splitting.folds import Folds, make_folds
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.cubes import Cubes
from hsi_engine.training.fit import FittedRecipe
from hsi_engine.training.recipe import Recipe

SHAPE, BANDS, CLASSES, RADIUS = (60, 72), 4, 3, 4
# What networks see, and what classifiers of spectra see.
DECORRELATED, STANDARDISED = ReductionSettings(kind="decorrelated", whiten=0.5), ReductionSettings(kind="bands")


def recipe(model: str = "logistic_regression", patch_size: int = 1) -> Recipe:
    training = TrainingConfig(epochs=1, batch_size=16, learning_rate=1e-3)
    reduction = STANDARDISED if registry.get(model).fit else DECORRELATED
    return Recipe(model=model, options={}, reduction=reduction, patch_size=patch_size, training=training)


def squares() -> SampleSet:
    """Thirty squares of 5×5 pixels, 12 apart, of three classes in turn."""
    values, groups = np.zeros(SHAPE, int), np.zeros(SHAPE, int)
    for number, (row, col) in enumerate((r, c) for r in range(2, 60, 12) for c in range(2, 72, 12)):
        values[row : row + 5, col : col + 5] = (number + row // 12) % CLASSES + 1
        groups[row : row + 5, col : col + 5] = number + 1
    rows, cols = np.nonzero(values)
    legend = Legend.of({1: "a", 2: "b", 3: "c"})
    return SampleSet(rows=rows, cols=cols, classes=values[rows, cols] - 1, groups=groups[rows, cols], legend=legend)


def three_folds(samples: SampleSet) -> Folds:
    made = make_folds(samples, n_folds=3, guard_px=RADIUS, seed=0)
    assert made.n_folds == 3
    return made


def cubes_of(samples: SampleSet) -> Cubes:
    """Two branches with the same channels, which are the class, noisily."""
    rng = np.random.default_rng(0)
    components = rng.normal(0, 1.0, (BANDS, *SHAPE)).astype(np.float32)
    components[samples.classes, samples.rows, samples.cols] += 2
    cube = ReducedCube.empty(BANDS, SHAPE, 2 * RADIUS + 1)
    cube.fill(Window.of_shape(SHAPE), components)
    bands = BandTable(names=tuple("abcd"), wavelength_nm=(None,) * BANDS, fwhm_nm=(None,) * BANDS, good=(True,) * BANDS)
    reduction = LinearReduction(kind="decorrelated", whiten=0.5, mean=np.zeros(BANDS), matrix=np.eye(BANDS))
    standard = Standardisation(mean=np.zeros(BANDS), deviation=np.ones(BANDS))
    preprocessing = Preprocessing(
        bands=bands,
        band_indices=tuple(range(BANDS)),
        scene_bands=BANDS,
        scene_dtype="float32",
        pixels=10,
        mean_spectrum=np.zeros(BANDS),
        branches=(Branch(n_bands=BANDS, reduction=reduction), Branch(n_bands=BANDS, reduction=standard)),
    )
    return Cubes(preprocessing=preprocessing, by_branch=(cube, cube))


@dataclass(frozen=True, kw_only=True, eq=False)
class Told(FittedRecipe):
    """Gives for each sample the scores that it was told."""

    scores: npt.NDArray[np.float32]
    asked: list[SampleSet]

    def scores_at(self, cube: ReducedCube, samples: SampleSet, reporter: Reporter) -> npt.NDArray[np.float32]:
        self.asked.append(samples)
        return self.scores[samples.rows, samples.cols]


@dataclass
class SpyFitter:
    """Notes what it is asked to fit; what it hands back says what ``right`` or ``scores`` wants.

    Parameters
    ----------
    right : by name of a recipe, the share of samples that it gets right; the wrong ones are the same for all, so that
        those of a better recipe are among those of a worse one.
    scores : by name of a recipe, scores (rows, cols, classes); takes the place of ``right``.
    fails : by name of a recipe, the error.
    """

    samples: SampleSet
    right: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    fails: Mapping[str, BaseException] = field(default_factory=dict)
    fitted: list[tuple[Recipe, SampleSet, npt.NDArray[np.int64], Told]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    def fit(self, recipe: Recipe, cube: ReducedCube, samples: SampleSet, *, units: Any, reporter: Reporter) -> Told:
        reporter.check_cancelled()
        reporter.log("an epoch")
        if recipe.name in self.fails:
            raise self.fails[recipe.name]
        told = Told(
            recipe=recipe,
            options={},
            network=registry.build("logistic_regression", {}, BANDS, 1, CLASSES),
            state=None,
            scores=self._scores_of(recipe.name),
            asked=[],
        )
        self.fitted.append((recipe, samples, units, told))
        return told

    def _scores_of(self, name: str) -> npt.NDArray[np.float32]:
        if name in self.scores:
            return self.scores[name]
        s = self.samples
        luck = np.random.default_rng(5).random(len(s))
        said = np.where(luck < self.right.get(name, 1.0), s.classes, (s.classes + 1) % CLASSES)
        scores = np.zeros((*SHAPE, CLASSES), np.float32)
        scores[s.rows, s.cols, said] = 3
        return scores


class Listener(SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.logs: list[tuple[str, str]] = []
        self.progresses: list[tuple[float, str]] = []

    def log(self, message: str, level: str = "info") -> None:
        self.logs.append((message, level))

    def progress(self, fraction: float, message: str = "") -> None:
        self.progresses.append((fraction, message))


def error(message: str) -> TrainingError:
    return TrainingError(message, code="test", hint="Nothing.")
