"""The steps of training one model: prepare, compare and fit, assess, pack."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...evaluation.accuracy import accuracy_from_indices
from ...io.files.source_hash import sha256_of_source
from ...pixels.grid import Grid
from ...pixels.samples import IndexArray, SampleSet
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import Device, resolve_devices
from ...runtime.ranks import check_started_once
from ...runtime.versions import versions
from ...selection.choice import Choice
from ...selection.compare import compare
from ...selection.distances import mismatch_with
from ...selection.held_back import intervals_of_split
from ...selection.smoothing_choice import SmoothedChoice, choose_smoothing
from ...selection.trust import TestedPixels
from ...splitting.folds import Folds
from ...splitting.split import Split
from ...training.checkpoint import Checkpoint
from ...training.fit import FittedRecipe, Fitter, mean_probabilities
from ...training.recipe import Recipe
from ..parts.second_source import open_sources
from .early_checks import check_settings, span_note
from .pack import Packing, pack, split_json
from .parameters import TrainClassifierParams
from .preparation import Prepared, prepare
from .recipes import BASELINE
from .report import ONE_CLASS_TESTED
from .samples import comparison_split, folds_of, split_samples
from .warm_start import read_warm_start

# Shares of the job before the comparison and before the final training; they only shape the progress bar.
_PREPARED, _COMPARED, _SMOOTHED, _FITTED = 0.06, 0.7, 0.76, 0.97
# With fewer tested pixels, one or two of them would decide whether the map is smoothed.
_LEAST_TO_SMOOTH = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """A tested model, ready to be written, the checkpoint that can then go, and the samples on ``grid`` by their side.

    ``split`` is None if all samples are trained on; ``folds`` if none were made.
    """

    bundle: ModelBundle
    checkpoint: Checkpoint
    grid: Grid
    samples: SampleSet
    split: Split | None
    folds: Folds | None


@dataclass(kw_only=True, eq=False)
class _Outcome:
    """What is gathered on the way to a packed model."""

    split: Split | None
    folds: Folds | None = None
    choice: Choice | None = None
    smoothed: SmoothedChoice | None = None
    recipes: tuple[Recipe, ...] = ()
    temperatures: tuple[float, ...] = ()
    fitted: tuple[FittedRecipe, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    tested: TestedPixels | None = None
    comparison: dict[str, Any] | None = None


def train_model(
    params: TrainClassifierParams, reporter: Reporter, inputs: dict[str, str] | None = None
) -> TrainedModel:
    """Do everything but write the outputs.

    Parameters
    ----------
    inputs : how the record names what was read; None: by the hashes of the files, for which they are read once more.

    Raises
    ------
    HsiError : of the family of whatever is wrong: parameters, scene, labels, device, training.
    """
    started = time.perf_counter()
    check_started_once()
    devices = resolve_devices(params.device, params.processes)
    check_settings(params)
    with open_sources(params.scene, params) as reader:
        params, warm = read_warm_start(params, reader.scene)
        prepared = prepare(params, reader, PhaseReporter(reporter, 0.0, _PREPARED), warm)
    # The split comes before the files are hashed: one that cannot be read gets a clear message.
    split = split_samples(params, prepared.samples, prepared.grid, prepared.radius)
    if inputs is None:
        inputs = {name: sha256_of_source(path) for name, path in params.input_files().items()}
    prepared.notes.add(*(warm.doubts(inputs) if warm else ()), warn=True)
    checkpoint = Checkpoint(
        path=params.output.with_name(params.output.name + ".checkpoint"),
        fingerprint=params.settings() | {"inputs": list(inputs.values()), "torch": versions()["torch"]},
    )
    if params.resume and not checkpoint.exists():
        reporter.log(f"There is no checkpoint {checkpoint.path}: training from the start.", "warning")
    outcome = _Trainer(params, prepared, devices, checkpoint, split).run(reporter)
    bundle = pack(
        Packing(
            params=params,
            prepared=prepared,
            inputs=inputs,
            device=devices[0],
            split=outcome.split,
            folds=outcome.folds,
            choice=outcome.choice,
            smoothed=outcome.smoothed,
            fitted=outcome.fitted,
            temperatures=outcome.temperatures,
            metrics=outcome.metrics,
            tested=outcome.tested,
            comparison=outcome.comparison,
            seconds=time.perf_counter() - started,
        )
    )
    return TrainedModel(
        bundle=bundle,
        checkpoint=checkpoint,
        grid=prepared.grid,
        samples=prepared.samples,
        split=outcome.split,
        folds=outcome.folds,
    )


class _Trainer:
    """Compares, fits and assesses on the samples of one scene."""

    def __init__(
        self,
        params: TrainClassifierParams,
        prepared: Prepared,
        devices: tuple[Device, ...],
        checkpoint: Checkpoint,
        split: Split | None,
    ) -> None:
        self._params = params
        self._prepared = prepared
        self._samples = prepared.samples
        self._device = devices[0]
        self._cubes = prepared.cubes.to(self._device)
        self._fitter = Fitter(device=self._device, precision=params.precision, n_classes=len(prepared.samples.legend))
        # Methods are compared by one process: most of their trainings are over before others would have started.
        self._final_fitter = replace(self._fitter, rank_devices=devices if len(devices) > 1 else ())
        self._checkpoint = checkpoint
        self._split = split

    def run(self, reporter: Reporter) -> _Outcome:
        params, notes, split, outcome = self._params, self._prepared.notes, self._split, _Outcome(split=self._split)
        other = comparison_split(params, self._samples, self._prepared.radius)
        notes.add(*(() if split is None else split.notes))
        members = np.arange(len(self._samples)) if split is None else split.train
        notes.add(*span_note(self._samples, self._prepared.grid), warn=True)
        if params.split != "none" and (split is None or params.model == "auto"):
            self._compare(outcome, members, PhaseReporter(reporter, _PREPARED, _COMPARED))
        if outcome.choice is None:
            outcome.recipes = self._prepared.untested
            outcome.temperatures = (1.0,) * len(outcome.recipes)
        choice, folds = outcome.choice, outcome.folds
        if choice is not None and folds is not None and self._prepared.can_smooth and split is None:
            if int((folds.fold >= 0).sum()) < _LEAST_TO_SMOOTH:
                notes.add(f"Fewer than {_LEAST_TO_SMOOTH} pixels are tested: too few to test smoothing.")
            else:
                self._smooth(outcome, choice, folds, PhaseReporter(reporter, _COMPARED, _SMOOTHED))
        begin = _PREPARED if outcome.choice is None else _SMOOTHED
        middle = _FITTED if other is None else (begin + _FITTED) / 2
        phase = PhaseReporter(reporter, begin, middle)
        outcome.fitted = self._fit(outcome.recipes, members, split, phase, checkpoint=self._checkpoint)
        if params.processes > 1 and not any(recipe.is_network for recipe in outcome.recipes):
            notes.add(
                "The model holds no network: it was trained by one process, whatever 'processes' says.", warn=True
            )
        if split is not None:
            self._assess_split(outcome, split, phase)
        if other is not None:
            reporter.log(f"Training a second model with split '{other.strategy}' for comparison.")
            outcome.comparison = self._second(outcome, other, PhaseReporter(reporter, middle, _FITTED))
        reasons = outcome.folds is not None and not outcome.folds.n_folds
        if not outcome.metrics.get("test") and outcome.choice is None and not reasons:
            reporter.log("The accuracy of this model is not known: no labelled pixel was tested.", "warning")
        return outcome

    def _compare(self, outcome: _Outcome, members: IndexArray, reporter: Reporter) -> None:
        """Cross-fit the candidates on the training side and choose."""
        params, notes, samples = self._params, self._prepared.notes, self._samples.take(members)
        radius, scene = self._prepared.radius, self._prepared.scene
        mismatch = mismatch_with(samples, radius, self._prepared.with_data, scene.pixel_size_m)
        outcome.folds = folds = folds_of(params, samples, radius, mismatch, of_all=outcome.split is None)
        if not folds.n_folds and outcome.split is not None:
            why = folds.notes[0].removeprefix("The accuracy is not known: ")
            notes.add(f"Methods cannot be compared on the training pixels: {why}", warn=True)
            return
        for note in folds.notes:
            notes.add(note, warn=folds.n_folds == 0 or "accuracy is not known" in note)
        if not folds.n_folds:
            return
        choice = compare(
            self._prepared.recipes,
            folds,
            self._cubes,
            self._fitter,
            seed=params.seed,
            time_limit_s=None if params.time_limit is None else 60 * params.time_limit,
            reporter=reporter,
            wanted=None if params.model == "auto" else self._prepared.recipes[-1].name,
        )
        outcome.choice = choice
        notes.add(f"Chosen: {choice.reason}" if params.model == "auto" else choice.reason)
        outcome.recipes = tuple(member.recipe for member in choice.chosen.members)
        outcome.temperatures = tuple(member.temperature for member in choice.chosen.members)

    def _smooth(self, outcome: _Outcome, choice: Choice, folds: Folds, reporter: Reporter) -> None:
        guide = self._cubes.by_branch[self._cubes.branch_of(self._prepared.guide)]
        outcome.smoothed = choose_smoothing(choice.chosen, folds, self._cubes, guide, self._device, reporter)
        self._prepared.notes.add(str(outcome.smoothed))

    def _fit(
        self,
        recipes: tuple[Recipe, ...],
        members: IndexArray,
        split: Split | None,
        reporter: Reporter,
        *,
        checkpoint: Checkpoint | None,
    ) -> tuple[FittedRecipe, ...]:
        """Fit recipes to the samples at ``members``; a checkpoint serves a single network."""
        networks = sum(recipe.is_network for recipe in recipes)
        validation = None if split is None else self._samples.take(split.validation)
        fitted = []
        for number, recipe in enumerate(recipes):
            keeps = checkpoint if networks == 1 and recipe.is_network else None
            if len(recipes) > 1:
                reporter.log(f"Training method {number + 1} of {len(recipes)}: {recipe.title}.")
            fitted.append(
                self._final_fitter.fit(
                    recipe,
                    self._cubes.of(recipe.reduction, recipe.patch_size),
                    self._samples.take(members),
                    units=self._samples.groups[members],
                    validation=validation,
                    reporter=PhaseReporter(reporter, number / len(recipes), (number + 1) / len(recipes)),
                    checkpoint=keeps,
                    resume=self._params.resume and keeps is not None and keeps.exists(),
                )
            )
        return tuple(fitted)

    def _assess_split(self, outcome: _Outcome, split: Split, reporter: Reporter) -> None:
        """Accuracies of the sides that were not trained on, and that of the baseline on the same pixels."""
        tested = len(np.unique(self._samples.classes[split.test]))
        if tested == 1:
            self._prepared.notes.add(ONE_CLASS_TESTED, warn=True)
        for side, indices in (("validation", split.validation), ("test", split.test if tested > 1 else split.test[:0])):
            if len(indices):
                found = self._probabilities(outcome, outcome.fitted, indices, reporter)
                outcome.metrics[side] = self._accuracy_of(found, indices)
                if side == "test":
                    outcome.metrics["test_intervals"] = self._intervals(found, split)
                    outcome.tested = TestedPixels.of_split(found, self._samples, split)
        baseline = next((recipe for recipe in self._prepared.recipes if recipe.model == BASELINE), None)
        if baseline is not None and tested > 1 and outcome.recipes != (baseline,):
            fitted = self._fit((baseline,), split.train, split, PhaseReporter(reporter, 1.0, 1.0), checkpoint=None)
            of_baseline = self._probabilities(None, fitted, split.test, reporter)
            outcome.metrics["baseline"] = self._accuracy_of(of_baseline, split.test)

    def _second(self, outcome: _Outcome, split: Split, reporter: Reporter) -> dict[str, Any]:
        """Split and test accuracy of a second model that is not kept."""
        fitted = self._fit(outcome.recipes, split.train, split, reporter, checkpoint=None)
        test = intervals = None
        if len(np.unique(self._samples.classes[split.test])) > 1:
            found = self._probabilities(outcome, fitted, split.test, reporter)
            test, intervals = self._accuracy_of(found, split.test), self._intervals(found, split)
        return {"split": split_json(self._samples, split), "test": test, "intervals": intervals}

    def _intervals(self, probabilities: npt.NDArray[np.float64], split: Split) -> dict[str, Any] | None:
        return intervals_of_split(probabilities, self._samples, split, seed=self._params.seed)

    def _accuracy_of(self, probabilities: npt.NDArray[np.float64], indices: IndexArray) -> dict[str, Any]:
        classes, legend = self._samples.classes[indices], self._samples.legend
        return accuracy_from_indices(classes, probabilities.argmax(axis=1), legend).to_json()

    def _probabilities(
        self, outcome: _Outcome | None, fitted: tuple[FittedRecipe, ...], indices: IndexArray, reporter: Reporter
    ) -> npt.NDArray[np.float64]:
        reporter.progress(1.0, f"Assessing on {len(indices):,} pixels")
        temperatures = outcome.temperatures if outcome else (1.0,) * len(fitted)
        return mean_probabilities(fitted, temperatures, self._cubes, self._samples.take(indices), reporter)
