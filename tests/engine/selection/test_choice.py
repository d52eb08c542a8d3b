"""Choosing: the best wins, but for a simpler one that cannot be told from it; failures and limits are told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from hsi_engine.errors import Cancelled, HsiError
from hsi_engine.evaluation.accuracy import accuracy_from_indices
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.selection.candidate import Row
from hsi_engine.selection.choice import Choice, _reason, averages, choose, single
from hsi_engine.selection.compare import compare
from hsi_engine.selection.cross_fit import CrossFitted, cross_fit
from hsi_engine.selection.cross_fit import tested_samples as indices_tested
from hsi_engine.splitting.folds import Folds
from hsi_engine.training.cubes import Cubes
from hsi_engine.training.recipe import Recipe
from spy_fitter import CLASSES, SHAPE, Listener, SpyFitter, error, recipe

LINEAR, LDA, SVM, FOREST = (recipe(name) for name in ("logistic_regression", "lda", "svm", "random_forest"))
SMALL, LARGE = recipe("spectral_cnn", 3), recipe("spectral_cnn", 5)


@pytest.fixture
def compared(folds: Folds, cubes: Cubes, listener: Listener) -> Any:
    """``compared([recipes], right={name: share}, limit=…)`` compares them with a fitter that trains nothing."""

    def run(recipes: Sequence[Recipe], *, limit: float | None = None, wanted: str | None = None, **how: Any) -> Choice:
        spy = SpyFitter(folds.samples, **how)
        return compare(recipes, folds, cubes, spy, seed=0, time_limit_s=limit, reporter=listener, wanted=wanted)

    return run


def names(choice: Choice) -> dict[str, str]:
    return {row.name: row.status for row in choice.rows}


def test_the_best_wins_where_it_is_clearly_better(compared: Any) -> None:
    choice = compared([LINEAR, LDA, SMALL], right={LINEAR.name: 0.5, LDA.name: 0.6, SMALL.name: 0.99})
    assert choice.chosen.name == SMALL.name
    assert choice.rows[0].status == "chosen"
    assert choice.rows[0].to_best is None
    assert choice.reason.startswith(
        "Spectral-first CNN (3×3 px) has the highest mean of overall and average accuracy: 9"
    )
    scores = [row.candidate.score for row in choice.rows]
    assert scores == sorted(scores, reverse=True)
    assert all(row.to_best.difference == pytest.approx(scores[0] - row.candidate.score) for row in choice.rows[1:])
    assert [status for status in names(choice).values() if status == "chosen"] == ["chosen"]


def test_the_score_is_the_mean_of_overall_and_average_accuracy(compared: Any, folds: Folds) -> None:
    choice = compared([LINEAR], right={LINEAR.name: 0.7})
    reference = folds.samples.classes[indices_tested(folds)]
    found = accuracy_from_indices(reference, choice.chosen.predicted, folds.samples.legend)
    assert choice.chosen.score == pytest.approx((found.overall_accuracy + found.average_accuracy) / 2)
    assert found.overall_accuracy == pytest.approx(0.7, abs=0.05)


@pytest.mark.parametrize("recipes", [[LINEAR, SVM, LARGE], [LARGE, SVM, LINEAR]], ids=["simple first", "simple last"])
def test_of_equal_ones_the_simplest_is_taken(compared: Any, recipes: list[Recipe]) -> None:
    choice = compared(recipes, right=dict.fromkeys((r.name for r in recipes), 0.8))
    assert choice.chosen.name == LINEAR.name
    assert choice.chosen is choice.rows[0].candidate


def test_a_simpler_one_is_taken_if_it_is_behind_by_less_than_the_error(compared: Any, samples: SampleSet) -> None:
    """One errs in every second square, the other in all others and once more: of 750 samples, that is nothing."""
    scores = np.zeros((2, *SHAPE, CLASSES), np.float32)
    first_of = np.unique(samples.groups, return_index=True)[1]
    for number, wrong in enumerate((np.append(first_of[::2], first_of[1] + 1), first_of[1::2])):
        said = samples.classes.copy()
        said[wrong] += 1
        scores[number, samples.rows, samples.cols, said % CLASSES] = 3
    choice = compared([LINEAR, LARGE], scores={LINEAR.name: scores[0], LARGE.name: scores[1]})
    assert choice.chosen.name == LINEAR.name
    assert choice.rows[0].name != LINEAR.name
    assert choice.rows[0].status == "judged"
    assert choice.rows[0].candidate.score > choice.chosen.score
    best = choice.rows[0].title
    assert f"{best} is equally good; the simpler one is taken." in choice.reason or (
        f"{best} reaches" in choice.reason
        and "but the two are not distinguishable with these labels; the simpler one is taken" in choice.reason
    )


@pytest.mark.parametrize(
    ("scores", "members", "words"),
    [
        (
            (0.6492, 0.6494),
            (3, 2),
            "B is equally good; the first holds a method that is no network, so it changes less from one",
        ),
        (
            (0.645, 0.6494),
            (1, 2),
            "B reaches 64.9 %, but the two are not distinguishable with these labels; the simpler one is",
        ),
        ((0.6492, 0.6494), (1, 2), "B is equally good; the simpler one is taken."),
    ],
)
def test_the_reason_does_not_tell_a_difference_between_the_same_figures(
    scores: tuple[float, float], members: tuple[int, int], words: str
) -> None:
    first, best = (
        SimpleNamespace(title=title, score=score, members=(None,) * count)
        for title, score, count in zip("AB", scores, members, strict=True)
    )
    reason = _reason(first, best)  # type: ignore[arg-type]
    assert reason.startswith("A reaches 64.")
    assert words in reason


def test_a_simpler_one_that_is_a_point_behind_is_not_taken(compared: Any) -> None:
    choice = compared([LINEAR, LARGE], right={LINEAR.name: 0.82, LARGE.name: 0.9})
    (behind,) = [row for row in choice.rows if row.name == LINEAR.name]
    assert behind.to_best.difference > 0.01
    assert choice.chosen.name == LARGE.name


def complementary(samples: SampleSet) -> dict[str, np.ndarray]:
    """Two that are sure where they are right and unsure where they are wrong, in different places."""
    luck = np.random.default_rng(2).random(len(samples))
    found = {}
    for name, wrong in ((SVM.name, luck < 0.3), (SMALL.name, luck > 0.7)):
        scores = np.zeros((*SHAPE, CLASSES), np.float32)
        scores[samples.rows, samples.cols, samples.classes] = np.where(wrong, 0.0, 4.0)
        scores[samples.rows, samples.cols, (samples.classes + 1) % CLASSES] = np.where(wrong, 1.0, 0.0)
        found[name] = scores
    return found


def test_an_average_is_a_candidate_and_wins_where_errors_differ(compared: Any, samples: SampleSet) -> None:
    choice = compared([SVM, SMALL], scores=complementary(samples))
    assert choice.chosen.name == f"mean_of_{SVM.name}_and_{SMALL.name}"
    assert choice.chosen.title == "Average of SVM (RBF kernel) and spectral-first CNN (3×3 px)"
    assert [member.recipe.name for member in choice.chosen.members] == [SVM.name, SMALL.name]
    assert choice.chosen.score > 0.99
    expected = np.mean([member.probabilities for member in choice.chosen.members], axis=0)
    np.testing.assert_allclose(choice.chosen.probabilities, expected)
    json = choice.rows[0].to_json()
    assert json["members"] == [SVM.name, SMALL.name]
    assert json["seconds"] == pytest.approx(sum(member.seconds for member in choice.chosen.members))


def test_which_averages_are_compared(folds: Folds, cubes: Cubes, listener: Listener) -> None:
    right = {LINEAR.name: 0.87, LDA.name: 0.885, SVM.name: 0.9, FOREST.name: 0.8, SMALL.name: 0.88, LARGE.name: 0.89}
    spy = SpyFitter(folds.samples, right=right)

    def fitted(*recipes: Recipe) -> list[CrossFitted]:
        return [cross_fit(one, folds, cubes, spy, listener) for one in recipes]

    found = averages(fitted(LINEAR, LDA, SVM, FOREST, SMALL, LARGE), folds)
    groups = {frozenset(member.recipe.name for member in one.members) for one in found}
    assert len(groups) == len(found)
    for wanted in (
        (LARGE, SVM),
        (LARGE, LINEAR),
        (LARGE, SMALL),
        (SVM, LDA),
        (LARGE, SMALL, LINEAR),
        (LARGE, SVM, LDA),
    ):
        assert frozenset(one.name for one in wanted) in groups
    # Ten points behind: it is in no average but that of all classifiers of spectra, which is for few labels.
    steady = frozenset(one.name for one in (LINEAR, LDA, SVM, FOREST))
    assert [group for group in groups if FOREST.name in group] == [steady]
    for one in found:
        members = {member.recipe.name for member in one.members}
        mixed = bool(members & {SMALL.name, LARGE.name}) and bool(members & {LINEAR.name, LDA.name, SVM.name})
        assert (FOREST.simplicity < one.simplicity < SMALL.simplicity) == (
            mixed or members in ({SVM.name, LDA.name}, steady)
        )
    assert averages(fitted(LINEAR), folds) == []


@pytest.mark.parametrize(
    ("best", "places", "steady"),
    [
        pytest.param(0.86, 4, True, id="few places"),
        pytest.param(0.86, 15, False, id="five for each class"),
        pytest.param(1.0, 14, False, id="few places, but nothing else is near"),
    ],
)
def test_with_few_places_the_average_of_the_classifiers_of_spectra_is_taken(
    folds: Folds, cubes: Cubes, listener: Listener, best: float, places: int, steady: bool
) -> None:
    others = 0.84 if best < 1 else 0.4
    right = {LINEAR.name: others, LDA.name: others, SVM.name: others, SMALL.name: best}
    few = replace(folds, unit=folds.unit % places)
    spy = SpyFitter(folds.samples, right=right)
    fitted = [cross_fit(one, folds, cubes, spy, listener) for one in (LINEAR, LDA, SVM, SMALL)]
    choice = choose([single(one, few) for one in fitted] + averages(fitted, few), [], few, seed=0)
    spectral = {one.recipe.name for one in choice.chosen.members} == {LINEAR.name, LDA.name, SVM.name}
    assert spectral == steady
    if steady:
        assert choice.reason.startswith("Average of logistic regression, shrinkage LDA and SVM (RBF kernel)")
        assert choice.chosen is choice.rows[0].candidate or "the labels lie in too few places" in choice.reason


def test_what_fails_is_reported_and_left_out(compared: Any, listener: Listener) -> None:
    choice = compared(
        [LINEAR, LDA, SVM],
        right={LINEAR.name: 0.6, SVM.name: 0.8},
        fails={LDA.name: error("It does not converge.")},
    )
    assert names(choice)[LDA.name] == "failed"
    failed = choice.rows[-1]
    assert (failed.name, failed.candidate, failed.message) == (LDA.name, None, "It does not converge.")
    assert ("Shrinkage LDA is left out: It does not converge.", "warning") in listener.logs
    assert choice.chosen.name == SVM.name
    assert failed.to_json()["overall_accuracy"] is None
    assert not any(LDA.name in row.name for row in choice.rows[:-1])


@pytest.mark.parametrize("problem", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")], ids=["CPU", "GPU"])
def test_what_does_not_fit_into_memory_is_left_out(compared: Any, problem: BaseException) -> None:
    choice = compared([LINEAR, LARGE], right={LINEAR.name: 0.9}, fails={LARGE.name: problem})
    assert choice.chosen.name == LINEAR.name
    assert choice.rows[-1].message == "Not enough memory."


def test_where_everything_fails_the_first_error_is_raised(compared: Any) -> None:
    with pytest.raises(HsiError, match="The first"):
        compared([LINEAR, LDA], fails={LINEAR.name: error("The first."), LDA.name: error("The second.")})
    with pytest.raises(HsiError, match="The second"):
        compared([LINEAR, LDA], fails={LINEAR.name: MemoryError(), LDA.name: error("The second.")})
    with pytest.raises(MemoryError):
        compared([LINEAR], fails={LINEAR.name: MemoryError()})


def test_a_cancel_is_no_failure(compared: Any) -> None:
    with pytest.raises(Cancelled):
        compared([LINEAR, LDA], fails={LINEAR.name: Cancelled()})


def test_errors_of_the_program_are_no_failures(compared: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        compared([LINEAR, LDA], fails={LDA.name: ZeroDivisionError()})


@pytest.mark.parametrize("first_fails", [False, True])
def test_a_time_limit_says_what_was_not_tried(compared: Any, listener: Listener, first_fails: bool) -> None:
    fails = {LINEAR.name: error("No.")} if first_fails else {}
    choice = compared([LINEAR, LDA, SVM, LARGE], limit=0.0, fails=fails)
    tried = LDA if first_fails else LINEAR
    assert choice.chosen.name == tried.name
    skipped = [one for one in (LDA, SVM, LARGE) if one is not tried]
    assert [row.name for row in choice.rows if row.status == "not_tried"] == [one.name for one in skipped]
    assert all("time limit of 0 min" in row.message for row in choice.rows if row.status == "not_tried")
    assert sum("not tried: the time limit" in message for message, level in listener.logs if level == "warning") == len(
        skipped
    )


def test_a_time_limit_that_is_not_reached_skips_nothing(compared: Any) -> None:
    started = time.monotonic()
    choice = compared([LINEAR, LDA], limit=600.0)
    assert time.monotonic() - started < 600
    assert "not_tried" not in names(choice).values()


def test_no_network_is_trained_where_nothing_can_be_better(compared: Any, listener: Listener) -> None:
    recipes, right = [LINEAR, LDA, SVM, SMALL, LARGE], {LINEAR.name: 0.9, LDA.name: 1.0}
    choice = compared(recipes, right=right)
    assert choice.chosen.name == LDA.name
    messages = {row.name: row.message for row in choice.rows if row.status == "not_tried"}
    assert messages == {one.name: "Not tried: Shrinkage LDA is right on every tested pixel." for one in (SMALL, LARGE)}
    assert not [message for message, level in listener.logs if level == "warning"]


def test_a_method_that_was_asked_for_is_taken_whatever_it_reaches(compared: Any) -> None:
    choice = compared([LINEAR, LARGE], right={LINEAR.name: 1.0, LARGE.name: 0.6}, wanted=LARGE.name)
    assert choice.chosen.name == LARGE.name
    assert names(choice) == {LINEAR.name: "judged", LARGE.name: "chosen"}
    assert "was requested" in choice.reason
    assert choice.reason.endswith("Logistic regression reaches 100.0 %.")


def test_the_choice_does_not_depend_on_other_draws(folds: Folds, cubes: Cubes, listener: Listener) -> None:
    spy = SpyFitter(folds.samples, right={LINEAR.name: 0.8, LARGE.name: 0.83})
    candidates = [single(cross_fit(one, folds, cubes, spy, listener), folds) for one in (LINEAR, LARGE)]
    other = Row(name="x", title="X", status="failed", message="No.")
    first = choose(candidates, [other], folds, seed=3)
    np.random.default_rng(0).random(5)
    second = choose(candidates[::-1], [other], folds, seed=3)
    assert [row.to_json() for row in first.rows] == [row.to_json() for row in second.rows]
    assert first.rows[-1] is other
