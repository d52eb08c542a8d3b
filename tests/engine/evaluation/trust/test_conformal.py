"""Conformal sets: ranks by hand, the guarantee on exchangeable samples, and how sets grow."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.evaluation.calibration import softmax
from hsi_engine.evaluation.trust.conformal import (
    CalibrationScores,
    SetMethod,
    aps_scores,
    conformal_quantile,
    prediction_sets,
    smallest_calibration,
)
from hsi_engine.evaluation.trust.coverage import realised_coverage

METHODS: tuple[SetMethod, ...] = ("lac", "aps", "class")


def samples(n: int, seed: int, classes: int = 5) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Probabilities that are too sure by far, and references that come from flatter ones."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, classes)) * 1.5 + np.linspace(0, 1, classes)
    drawn = (softmax(scores).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return softmax(scores, 0.4), drawn.clip(max=classes - 1)


def scores_of(n: int, seed: int, folds: int = 5) -> CalibrationScores:
    probabilities, reference = samples(n, seed)
    at = np.arange(n)
    return CalibrationScores.of(probabilities, reference, at % folds, at, seed=seed)


@pytest.mark.parametrize(("n", "rank"), [(9, 9), (10, 10), (19, 18), (20, 19), (99, 90), (100, 91)])
def test_the_rank_is_that_of_one_sample_more(n: int, rank: int) -> None:
    shuffled = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert conformal_quantile(shuffled, 0.9) == rank


def test_too_few_samples_give_the_full_set() -> None:
    assert conformal_quantile(np.arange(8.0), 0.9) == math.inf
    assert prediction_sets(np.full((3, 2), 1 / 3), np.full(3, math.inf), "lac").all()


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_the_smallest_calibration_is_enough_and_one_sample_less_is_not(coverage: float) -> None:
    least = smallest_calibration(coverage)
    assert least == {0.5: 1, 0.8: 4, 0.9: 9, 0.95: 19, 0.99: 99, 0.999: 999}[coverage]
    assert math.isfinite(conformal_quantile(np.arange(float(least)), coverage))
    assert conformal_quantile(np.arange(float(least - 1)), coverage) == math.inf


def test_scores_by_hand() -> None:
    shares = np.array([[0.2], [0.5], [0.3]])
    np.testing.assert_allclose(aps_scores(shares, np.array([0.0])), [[0.8], [0.0], [0.5]])
    np.testing.assert_allclose(aps_scores(shares, np.array([1.0])), [[1.0], [0.5], [0.8]])
    np.testing.assert_allclose(aps_scores(shares, np.array([0.5])), [[0.9], [0.25], [0.65]])
    found = CalibrationScores.of(shares.T, np.array([2]), np.array([0]), np.array([0]), seed=3)
    draw = np.random.default_rng(3).random()
    assert found.lac == pytest.approx([0.7])
    assert found.aps == pytest.approx([0.5 + 0.3 * draw])


@pytest.mark.parametrize("coverage", [0.8, 0.9])
@pytest.mark.parametrize("method", METHODS)
def test_exchangeable_samples_are_covered_as_often_as_asked(method: SetMethod, coverage: float) -> None:
    """Over many calibration sets: the mean coverage lies between that asked for and 1/(n + 1) more."""
    n, repeats = 250, 120
    found, per_class = [], []
    for seed in range(repeats):
        calibration = scores_of(n, seed)
        probabilities, reference = samples(400, 10_000 + seed)
        draws = np.random.default_rng(20_000 + seed).random(400)
        sets = prediction_sets(probabilities.T, calibration.thresholds(method, coverage), method, draws)
        covered = sets[reference, np.arange(400)]
        found.append(covered.mean())
        per_class.append([covered[reference == k].mean() if (reference == k).any() else np.nan for k in range(5)])
    error = np.std(found) / math.sqrt(repeats)
    assert coverage - 4 * error < np.mean(found) < coverage + 1 / (n + 1) + 4 * error
    by_class = np.nanmean(per_class, axis=0)
    if method == "class":
        assert (np.abs(by_class - coverage) < 0.03).all()
    elif method == "lac":  # what the guarantee over all classes leaves open
        assert np.ptp(by_class) > 0.03


@pytest.mark.parametrize("method", METHODS)
def test_sets_only_grow_with_coverage(method: SetMethod) -> None:
    calibration = scores_of(500, 1)
    probabilities, _ = samples(300, 2)
    draws = np.random.default_rng(3).random(300)
    before = np.zeros((5, 300), bool)
    for coverage in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99):
        sets = prediction_sets(probabilities.T, calibration.thresholds(method, coverage), method, draws)
        assert (sets | before == sets).all()
        before = sets
    assert before.sum() > 600


def test_a_rare_class_has_no_threshold_of_its_own_and_is_named() -> None:
    probabilities, reference = samples(400, 5)
    rare = np.flatnonzero(reference == 0)[19:]
    kept = np.delete(np.arange(400), rare)
    at = np.arange(len(kept))
    found = CalibrationScores.of(probabilities[kept], reference[kept], at % 4, at, seed=0)
    assert found.own_threshold(0.9).tolist() == [False, True, True, True, True]
    assert found.thresholds("class", 0.9)[0] == found.thresholds("lac", 0.9)[0]
    assert len(np.unique(found.thresholds("class", 0.9))) == 5
    told = realised_coverage(found, "class", 0.9, seed=0).to_json(["a", "b", "c", "d", "e"])
    assert told["without_own_threshold"] == ["a"]
    assert realised_coverage(found, "lac", 0.9, seed=0).without_own == ()
    # 0.99 takes 99 samples of a class.
    assert found.own_threshold(0.99).tolist() == (np.bincount(found.classes) >= 99).tolist()


def test_realised_coverage_is_measured_with_thresholds_of_the_other_folds() -> None:
    """One block is unlike all others: with its own scores among those that set the threshold, it would look covered."""
    rng = np.random.default_rng(0)
    easy, hard = rng.uniform(0, 0.5, 400), rng.uniform(0.9, 1.0, 100)
    lac = np.concatenate([easy, hard])
    folds = np.repeat([0, 1, 2, 3, 4], 100)
    found = CalibrationScores(lac=lac, aps=lac, classes=np.zeros(500, int), folds=folds, units=folds, n_classes=2)
    covered = found.covered("lac", 0.9)
    assert not covered[folds == 4].any()
    assert covered[folds != 4].all()
    told = realised_coverage(found, "lac", 0.9, seed=1)
    assert told.realised.value == pytest.approx(0.8)
    assert told.realised.interval is not None
    assert told.realised.interval[0] < 0.5
    assert told.of_units[0] < 0.5 < told.of_units[1]
    assert told.by_class == (pytest.approx(0.8), None)


def test_a_pixel_without_data_has_an_empty_set() -> None:
    shares = np.array([[0.9, np.nan], [0.1, np.nan]])
    for method in METHODS:
        found = prediction_sets(shares, np.full(2, 2.0), method, np.array([0.5, 0.5]))
        assert found.tolist() == [[True, False], [True, False]]


def test_thinning_keeps_a_random_part() -> None:
    scores = scores_of(1000, 7)
    part = scores.thinned(200, seed=1)
    assert len(part) == 200
    assert scores.thinned(1000, seed=1) is scores
    assert set(part.lac) <= set(scores.lac)
    assert abs(part.lac.mean() - scores.lac.mean()) < 0.1


def test_impossible_scores_are_refused() -> None:
    whole = np.zeros(3, int)
    for lac, classes, said in (
        (np.array([0.1, 1.2, 0.3]), whole, "between 0 and 1"),
        (np.array([0.1, np.nan, 0.3]), whole, "between 0 and 1"),
        (np.array([0.1, 0.2]), whole, "one value for each calibration sample"),
        (np.array([0.1, 0.2, 0.3]), np.array([0, 1, 2]), "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=said):
            CalibrationScores(lac=lac, aps=lac, classes=classes, folds=whole, units=whole, n_classes=2)
    with pytest.raises(ValueError, match="above 0 and below 1"):
        conformal_quantile(np.arange(5.0), 1.0)
