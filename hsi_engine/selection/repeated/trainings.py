"""All trainings of a comparison: those that are kept are read, the others run."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ...errors import Cancelled, HsiError, OutputError, TrainingError
from ...pixels.samples import SampleSet
from ...reporting import Level, PhaseReporter, Reporter
from ...training.cubes import Cubes
from ...training.fit import Fitter
from ...training.recipe import Recipe
from .kept_trainings import FinishedTraining, KeptTrainings
from .rounds import Round, Rounds


@dataclass(frozen=True, kw_only=True, eq=False)
class Contestant:
    """A model with all its trainings, in the order of the rounds, or the reason why there are none.

    Parameters
    ----------
    label : its name in files, tables and messages.
    recipe : what is trained, with any seed.
    trainings : empty before they are made, and if the model failed.
    failure : why it cannot be trained, in a sentence; empty if it can.
    """

    label: str
    recipe: Recipe
    trainings: tuple[FinishedTraining, ...] = ()
    failure: str = ""


class Trainer:
    """Trains each model in each round and keeps what is finished.

    Parameters
    ----------
    cubes, samples : of the scene, on the device.
    rounds : the same for all models.
    kept : where finished trainings are kept.
    shared : what decides the outcome besides the recipe and the round, as JSON values.
    """

    def __init__(
        self,
        cubes: Cubes,
        samples: SampleSet,
        rounds: Rounds,
        fitter: Fitter,
        kept: KeptTrainings,
        shared: Mapping[str, Any],
    ) -> None:
        self._cubes, self._samples, self._rounds = cubes, samples, rounds
        self._fitter, self._kept, self._shared = fitter, kept, dict(shared)

    def train_all(self, contestants: Sequence[Contestant], reporter: Reporter) -> list[Contestant]:
        """Train all models; one that fails is reported, and the others continue.

        Raises
        ------
        HsiError : all models failed; the error of the first one that was trained.
        OutputError : a training cannot be kept.
        Cancelled : asked between and during trainings.
        """
        self._report_kept(contestants, reporter)
        found: list[Contestant] = []
        errors: list[Exception] = []
        for number, one in enumerate(contestants):
            phase = PhaseReporter(reporter, number / len(contestants), (number + 1) / len(contestants))
            why = one.failure
            if not why:
                try:
                    found.append(replace(one, trainings=self._train(one, phase)))
                    continue
                except (Cancelled, OutputError):
                    raise
                except (HsiError, MemoryError, torch.cuda.OutOfMemoryError) as error:
                    errors.append(error)
                    why = error.message if isinstance(error, HsiError) else "Not enough memory."
            reporter.log(f"{one.label} is left out: {why}", "warning")
            found.append(replace(one, failure=why))
        if all(one.failure for one in found):
            raise (
                errors[0] if errors else TrainingError(f"No model can be trained. {found[0].failure}", code="no_model")
            )
        return found

    def _report_kept(self, contestants: Sequence[Contestant], reporter: Reporter) -> None:
        there = self._kept.files()
        if not there:
            return
        ours = {self._path(one, at) for one in contestants for at in self._rounds.rounds}
        reused, foreign = len(there & ours), len(there - ours)
        if reused:
            reporter.log(f"{reused} of {len(ours)} trainings are finished already and are not repeated.")
            reporter.if_cancelled(self._kept.kept_message)
        if foreign:
            reporter.log(
                f"{foreign} finished trainings in {self._kept.folder.name} belong to other settings or inputs: they are not"
                " used, and are removed when this comparison is finished.",
                "warning",
            )

    def _train(self, one: Contestant, reporter: Reporter) -> tuple[FinishedTraining, ...]:
        finished = []
        rounds = self._rounds.rounds
        for number, at in enumerate(rounds):
            path = self._path(one, at)
            found = self._kept.load(path, len(at.test), len(self._samples.legend))
            if found is None:
                part = PhaseReporter(reporter, number / len(rounds), (number + 1) / len(rounds))
                where = f", fold {at.fold + 1}" if len(rounds) > len(self._rounds.seeds) else ""
                found = self._run(one.recipe, at, _Quiet(part, f"{one.label}, seed {at.seed}{where}"))
                self._kept.save(path, found)
                reporter.if_cancelled(self._kept.kept_message)
            finished.append(found)
        return tuple(finished)

    def _run(self, recipe: Recipe, at: Round, reporter: Reporter) -> FinishedTraining:
        reporter.check_cancelled()
        reporter.progress(0.0)
        recipe = recipe.with_seed(at.seed)
        cube = self._cubes.of(recipe.reduction, recipe.patch_size)
        if not recipe.is_network:
            # Loaded on first use otherwise, which would count as training.
            importlib.import_module("sklearn.discriminant_analysis")
            importlib.import_module("sklearn.ensemble")
        started = time.perf_counter()
        fitted = self._fitter.fit(recipe, cube, self._samples.take(at.train), units=at.units, reporter=reporter)
        trained = time.perf_counter() - started
        # The first use sets up what the others find ready.
        fitted.scores_at(cube, self._samples.take(at.test[:1]), reporter)
        started = time.perf_counter()
        scores = fitted.scores_at(cube, self._samples.take(at.test), reporter)
        seconds = time.perf_counter() - started
        weights = fitted.network.state_dict().values()
        return FinishedTraining(
            predicted=scores.argmax(axis=1),
            train_seconds=trained,
            predict_seconds=seconds,
            parameters=sum(tensor.numel() for tensor in weights),
            size_bytes=sum(tensor.numel() * tensor.element_size() for tensor in weights),
        )

    def _path(self, one: Contestant, at: Round) -> Path:
        recipe = one.recipe.with_seed(at.seed)
        fingerprint = {**self._shared, "recipe": repr(recipe), "round": at.digest(self._samples)}
        return self._kept.path(one.label, at.seed, at.fold, fingerprint)


class _Quiet(PhaseReporter):
    """Passes on the progress of a training under the name of its model, and its warnings, but none of its epochs."""

    def __init__(self, parent: Reporter, what: str) -> None:
        super().__init__(parent, 0.0, 1.0)
        self._what = what

    def progress(self, fraction: float, message: str = "") -> None:
        super().progress(fraction, f"Comparing models: {self._what}")

    def log(self, message: str, level: Level = "info") -> None:
        if level == "warning":
            super().log(f"{self._what}: {message}", level)

    def metric(self, name: str, value: float, step: int) -> None: ...

    def artifact(self, kind: str, path: Path) -> None: ...

    def if_cancelled(self, message: str = "") -> None: ...
