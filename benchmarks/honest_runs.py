"""Training and testing one candidate, or the automatic choice, with the engine's own parts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.honest_scenes import Method, Place, Scene
from benchmarks.honest_store import Indices, Outcome, count_cells
from hsi_engine.evaluation.accuracy import accuracy_from_indices
from hsi_engine.evaluation.calibration import fit_temperature, softmax
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import describe_device
from hsi_engine.selection.candidate import Candidate
from hsi_engine.selection.choice import averages, choose, single
from hsi_engine.selection.compare import compare
from hsi_engine.selection.cross_fit import CrossFitted, cross_fit, tested_samples
from hsi_engine.selection.smoothing_choice import choose_smoothing
from hsi_engine.splitting.folds import Folds, make_folds
from hsi_engine.splitting.split import Split, measure_leakage
from hsi_engine.training.fit import Fitter
from hsi_engine.training.recipe import Recipe

N_FOLDS = 5


def fitter_of(place: Place) -> Fitter:
    return Fitter(device=place.device, precision="32-true", n_classes=len(place.samples.legend))


# ------------------------------------------------------------------------------------------- a split


def clock_of(place: Place) -> Callable[[], float]:
    """Seconds of the processor, all threads together, which other work on the machine hardly changes; on a GPU, of the clock."""
    return time.process_time if place.device.type == "cpu" else time.perf_counter


def run_on_split(place: Place, split: Split, method: Method, seed: int) -> Outcome:
    """Train a candidate on one side of a split and test it on the other."""
    clock = clock_of(place)
    began = clock()
    scores = _scores_on_test(place, split, method, seed)
    return _tested_on_split(place, split, scores.argmax(axis=1), method.recipe.radius, clock() - began)


def choose_on_split(scene: Scene, split: Split, seed: int) -> Outcome:
    """Choose by folds inside the training side, train what was chosen on all of it, and test that."""
    place, (names, n_folds) = scene.place, scene.compared
    methods = {name: place.method(name) for name in names}
    recipes = [method.recipe.with_seed(seed) for method in methods.values()]
    clock = clock_of(place)
    began = clock()
    folds = make_folds(
        place.samples.take(split.train),
        n_folds=n_folds,
        guard_px=max(recipe.radius for recipe in recipes),
        seed=seed,
    )
    if folds.n_folds:
        choice = compare(
            recipes,
            folds,
            place.cubes(),
            fitter_of(place),
            seed=seed,
            time_limit_s=None,
            reporter=SilentReporter(),
        )
        members: list[tuple[Recipe, float]] = [(m.recipe, m.temperature) for m in choice.chosen.members]
        chosen, reason = choice.chosen.name, choice.reason
    else:
        members = [(recipe.with_seed(seed), 1.0) for recipe in place.prepared().untested]
        chosen, reason = "untested", " ".join(folds.notes)
    total = sum(
        softmax(_scores_on_test(place, split, place.method(recipe.name), seed), temperature)
        for recipe, temperature in members
    )
    radius = max(recipe.radius for recipe, _ in members)
    predicted = np.asarray(total).argmax(axis=1)
    outcome = _tested_on_split(place, split, predicted, radius, clock() - began)
    return replace(outcome, chosen=chosen, reason=reason)


def _scores_on_test(place: Place, split: Split, method: Method, seed: int) -> npt.NDArray[np.float32]:
    samples, cube = place.samples, method.cubes.of(method.recipe.reduction, method.recipe.patch_size)
    fitted = fitter_of(place).fit(
        method.recipe.with_seed(seed),
        cube,
        samples.take(split.train),
        units=samples.groups[split.train],
        reporter=SilentReporter(),
    )
    return fitted.scores_at(cube, samples.take(split.test), SilentReporter())


def _tested_on_split(place: Place, split: Split, predicted: Indices, radius: int, seconds: float) -> Outcome:
    samples = place.samples
    return Outcome(
        cells=count_cells(samples.classes[split.test], predicted, place.units[split.test]),
        n_classes=len(samples.legend),
        n_train=len(split.train),
        seconds=seconds,
        leakage=measure_leakage(samples, split.train, split.test, radius),
        device=describe_device(place.device),
        # The sizes of the sides stand in the table.
        notes=[note for note in split.notes if " are for training, " not in note],
    )


# ------------------------------------------------------------------------------------------- folds


def block_folds(scene: Scene, seed: int) -> Folds:
    """Folds of blocks, as far apart as the widest patch asks for of those among which the choice is made."""
    place, (names, _) = scene.place, scene.compared
    guard = max(place.method(name).recipe.radius for name in names)
    return make_folds(place.samples, n_folds=N_FOLDS, guard_px=guard, seed=seed)


@dataclass(frozen=True, kw_only=True, eq=False)
class OnFolds:
    """The candidates of one seed on the folds of blocks."""

    place: Place
    folds: Folds
    seed: int

    def cross_fit(self, method: Method) -> CrossFitted:
        """Train and predict a candidate, fold by fold."""
        recipe = method.recipe.with_seed(self.seed)
        clock = clock_of(self.place)
        began = clock()
        found = cross_fit(recipe, self.folds, method.cubes, fitter_of(self.place), SilentReporter())
        return replace(found, seconds=clock() - began)

    def restored(self, method: Method, log_scores: npt.NDArray[np.float32], seconds: float) -> CrossFitted:
        """A candidate whose scores were kept; its models were not."""
        samples = self.folds.samples
        return CrossFitted(
            recipe=method.recipe.with_seed(self.seed),
            log_scores=log_scores,
            temperature=fit_temperature(log_scores, samples.classes[tested_samples(self.folds)]),
            models=(),
            seconds=seconds,
        )

    def outcome(self, fitted: CrossFitted) -> Outcome:
        """The test of one candidate over all folds."""
        radius, legend = fitted.recipe.radius, self.folds.samples.legend
        notes = list(self.folds.notes)
        for fold in range(self.folds.n_folds):
            train, test = self.folds.training_of(fold, radius), self.folds.tested_in(fold)
            known = self.folds.samples.classes
            unseen = np.setdiff1d(known[test], known[train])
            if len(unseen):
                named = ", ".join(legend.names[index] for index in unseen)
                notes.append(f"At a distance of {radius} pixels, fold {fold + 1} has no training pixel of {named}.")
        return replace(self._pooled(fitted.log_scores.argmax(axis=1), radius, fitted.seconds), notes=notes)

    def choose(self, fitted: Sequence[CrossFitted], smooth: bool) -> tuple[Outcome, Outcome | None]:
        """Choose for each fold on the other folds; pooled, without and with smoothing.

        Parameters
        ----------
        fitted : what is chosen among.
        smooth : try smoothing too. The second outcome is None if no fold takes it.
        """
        clock = clock_of(self.place)
        began = clock()
        reference, fold, unit = self._tested
        by_name = {one.recipe.name: one for one in fitted}
        predicted = np.zeros_like(reference)
        cells: list[list[int]] = []
        chosen, strengths, reasons, radius = Counter[str](), Counter[str](), [], 0
        smoothing_s = 0.0
        for number in range(self.folds.n_folds):
            others = [other for other in range(self.folds.n_folds) if other != number]
            known = only_folds(self.folds, others)
            parts = [self._part(one, others) for one in by_name.values()]
            choice = choose([single(one, known) for one in parts] + averages(parts, known), (), known, seed=self.seed)
            members = choice.chosen.members
            here = fold == number
            probabilities = np.mean(
                [softmax(by_name[m.recipe.name].log_scores[here], m.temperature) for m in members], axis=0
            )
            predicted[here] = probabilities.argmax(axis=1)
            chosen[choice.chosen.name] += 1
            reasons.append(f"Fold {number + 1}: {choice.reason}")
            radius = max(radius, *(m.recipe.radius for m in members))
            if smooth:
                before = clock()
                for name in (m.recipe.name for m in members if not by_name[m.recipe.name].models):
                    by_name[name] = self.cross_fit(self.place.method(name))
                strength, found = self._smoothed(choice.chosen, by_name, number, known, others)
                strengths[strength] += 1
                cells += found or count_cells(reference[here], predicted[here], unit[here])
                smoothing_s += clock() - before
        seconds = sum(one.seconds for one in fitted) + clock() - began
        plain = replace(
            self._pooled(predicted, radius, seconds - smoothing_s),
            notes=list(self.folds.notes),
            chosen=_by_number(chosen),
            reason=" ".join(reasons),
        )
        if set(strengths) <= {"none"}:
            return plain, None
        smoothed = replace(plain, cells=cells, seconds=seconds, chosen=f"{plain.chosen}, {_by_number(strengths)}")
        return plain, smoothed

    def _smoothed(
        self,
        chosen: Candidate,
        by_name: dict[str, CrossFitted],
        number: int,
        known: Folds,
        others: list[int],
    ) -> tuple[str, list[list[int]]]:
        """The strength that the other folds choose, and what it does to fold ``number``, block by block."""
        cubes, guide = self.place.cubes(), self.place.guide

        def with_models(folds: list[int]) -> tuple[CrossFitted, ...]:
            return tuple(
                replace(m, models=tuple(by_name[m.recipe.name].models[fold] for fold in folds)) for m in chosen.members
            )

        learned = replace(chosen, members=with_models(others))
        choice = choose_smoothing(learned, known, cubes, guide, self.place.device, SilentReporter())
        if choice.strength is None:
            return "none", []
        cells = []
        samples, inside = self.folds.samples, self.folds.tested_in(number)
        for unit in np.unique(self.folds.unit[inside]):
            here = inside[self.folds.unit[inside] == unit]
            fold = np.full(len(samples), -1)
            fold[here] = 0
            alone = replace(self.folds, fold=fold, n_folds=1)
            # Only the models and the temperatures of the members matter here.
            nothing = accuracy_from_indices(samples.classes[here], samples.classes[here], samples.legend)
            candidate = replace(learned, members=with_models([number]), accuracy=nothing)
            tried = choose_smoothing(candidate, alone, cubes, guide, self.place.device, SilentReporter()).tried
            confusion = tried[choice.chosen][1].confusion
            cells += [[int(unit), int(r), int(p), int(confusion[r, p])] for r, p in np.argwhere(confusion)]
        return f"smoothed within {choice.strength.reach_px} px", cells

    def _part(self, fitted: CrossFitted, kept: list[int]) -> CrossFitted:
        """What a candidate says in some folds, calibrated there."""
        reference, fold, _ = self._tested
        inside = np.isin(fold, kept)
        scores = fitted.log_scores[inside]
        return replace(fitted, log_scores=scores, temperature=fit_temperature(scores, reference[inside]), models=())

    def _pooled(self, predicted: Indices, radius: int, seconds: float) -> Outcome:
        reference, _, unit = self._tested
        sizes = [len(self.folds.training_of(fold, radius)) for fold in range(self.folds.n_folds)]
        return Outcome(
            cells=count_cells(reference, predicted, unit),
            n_classes=len(self.folds.samples.legend),
            n_train=float(np.mean(sizes)),
            seconds=seconds,
            leakage=self.folds.leakage(radius, radius),
            device=describe_device(self.place.device),
        )

    @property
    def _tested(self) -> tuple[Indices, Indices, Indices]:
        """Class, fold and unit of the tested samples."""
        tested = tested_samples(self.folds)
        return self.folds.samples.classes[tested], self.folds.fold[tested], self.folds.unit[tested]


def only_folds(folds: Folds, kept: Sequence[int]) -> Folds:
    """The same folds, of which only some test; these are numbered again from 0."""
    place = np.full(folds.n_folds + 1, -1)  # the last is for what is not tested
    place[list(kept)] = np.arange(len(kept))
    return replace(folds, fold=place[folds.fold], n_folds=len(kept))


def _by_number(names: Counter[str]) -> str:
    """``a (3 folds), b (2 folds)``; only ``a`` where there is nothing else."""
    if len(names) == 1:
        return next(iter(names))
    return ", ".join(f"{name} ({count} fold{'s' * (count > 1)})" for name, count in names.most_common())


def settings_of(scene: Scene, names: Sequence[str], **more: Any) -> dict[str, Any]:
    """What decides a result besides the sources, for its key."""
    recipes = {name: repr(scene.place.method(name).recipe) for name in names}
    return {"protocol": scene.protocol, "unit_px": scene.place.unit_px, "recipes": recipes, **more}
