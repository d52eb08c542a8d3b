import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix

from hsi_engine.evaluation.comparison import (
    PairedDifference,
    compare_paired,
    paired_score_difference,
    unit_confusions,
    verdict_on,
)
from hsi_engine.evaluation.confusion_figures import average_accuracies, mean_accuracies, overall_accuracies


def discordant(only_a: int, only_b: int, both: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples that one model or both have right, each a unit."""
    a = np.repeat([True, False, True], [only_a, only_b, both])
    b = np.repeat([False, True, True], [only_a, only_b, both])
    return a, b, np.arange(len(a))


@pytest.mark.parametrize(
    ("by_unit", "p_value"),
    [
        ([2, 1, 1], 2 / 8),  # only all or none swapped reach 4
        ([3, -1, 1], 6 / 8),  # 3 or 5 is reached unless both ones stand against the three
        ([1, -1], 1),
        ([0, 0, 0], 1),
        ([4], 1),  # a single unit can tell nothing
        ([1] * 12, 2 / 4096),
    ],
)
def test_all_ways_to_swap_are_counted(by_unit: list[int], p_value: float) -> None:
    units = np.repeat(np.arange(len(by_unit)), 5)
    a, b = (np.concatenate([np.arange(5) < max(0, sign * d) for d in by_unit]) for sign in (1, -1))
    found = compare_paired(a, b, units, seed=0)
    assert found.exact
    assert found.p_value == p_value
    assert found.difference == pytest.approx(sum(by_unit) / len(units))
    assert found.units == len(by_unit)
    mirrored = compare_paired(b, a, units, seed=0)
    assert (mirrored.p_value, mirrored.difference) == (p_value, pytest.approx(-found.difference))


@pytest.mark.parametrize(("only_a", "only_b"), [(2, 8), (0, 12), (5, 6)])
def test_independent_samples_have_the_exact_test_of_mcnemar(only_a: int, only_b: int) -> None:
    found = compare_paired(*discordant(only_a, only_b), seed=0)
    assert found.exact
    assert found.p_value == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)


@pytest.mark.parametrize(("only_a", "only_b", "exact"), [(10, 25, 0.01667), (3, 12, 0.03516), (40, 60, 0.05689)])
def test_drawn_swaps_come_near(only_a: int, only_b: int, exact: float) -> None:
    found = compare_paired(*discordant(only_a, only_b), seed=0, draws=20_000)
    assert not found.exact
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))
    n = only_a + only_b + 20
    expected = np.sqrt(only_a + only_b - (only_a - only_b) ** 2 / n) / n
    assert found.standard_error == pytest.approx(expected, rel=0.03)


def test_a_p_value_from_draws_is_never_zero() -> None:
    found = compare_paired(*discordant(0, 60), seed=0, draws=100)
    assert found.p_value == 1 / 101


def test_alike_samples_of_a_unit_are_not_counted_as_many() -> None:
    a, b, _ = discordant(10, 50)
    clustered = compare_paired(a, b, np.repeat(np.arange(8), 10), seed=0)
    alone = compare_paired(a, b, np.arange(80), seed=0)
    assert clustered.difference == alone.difference
    assert clustered.p_value > 0.1 > 0.001 > alone.p_value
    assert clustered.standard_error is not None
    assert alone.standard_error is not None
    assert clustered.standard_error > 2 * alone.standard_error


def test_models_that_do_not_differ_seldom_seem_to() -> None:
    rng = np.random.default_rng(0)
    p_values = []
    for seed in range(200):
        a, b = (np.repeat(rng.random(20) < 0.7, 10) & (rng.random(200) < 0.9) for _ in range(2))
        p_values.append(compare_paired(a, b, np.arange(200) // 10, seed=seed, draws=300).p_value)
    assert np.mean(np.array(p_values) <= 0.05) < 0.09
    assert np.mean(np.array(p_values) <= 0.5) == pytest.approx(0.5, abs=0.12)


def test_one_unit_has_no_standard_error() -> None:
    a, b, _ = discordant(3, 9)
    found = compare_paired(a, b, np.zeros(len(a)), seed=0)
    assert (found.standard_error, found.p_value, found.units) == (None, 1, 1)
    assert PairedDifference.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_overall_accuracy_by_confusions_is_the_same_comparison() -> None:
    rng = np.random.default_rng(2)
    reference, units = rng.integers(0, 4, 600), rng.integers(0, 30, 600)
    predictions = [np.where(rng.random(600) < share, reference, rng.integers(0, 4, 600)) for share in (0.8, 0.7)]
    a, b = (unit_confusions(reference, predicted, units, 4) for predicted in predictions)
    by_matrix = paired_score_difference(a, b, overall_accuracies, seed=5)
    by_sample = compare_paired(*(predicted == reference for predicted in predictions), units, seed=5)
    assert by_matrix == PairedDifference(
        difference=pytest.approx(by_sample.difference),
        standard_error=pytest.approx(by_sample.standard_error),
        p_value=pytest.approx(by_sample.p_value, abs=0.015),  # other units differ in a matrix, so other swaps are drawn
        units=30,
        exact=False,
        draws=5000,
    )


def test_overall_and_average_accuracy_together() -> None:
    rng = np.random.default_rng(2)
    reference, units = rng.choice(3, 500, p=[0.7, 0.25, 0.05]), rng.integers(0, 50, 500)
    good = np.where(rng.random(500) < 0.95, reference, 0)
    poor = np.where(reference == 2, 0, reference)  # knows the large classes only
    a, b = (unit_confusions(reference, predicted, units, 3) for predicted in (good, poor))
    found = paired_score_difference(a, b, mean_accuracies, seed=0, draws=1000)

    def score(predicted: np.ndarray, chosen: slice | np.ndarray = slice(None)) -> float:
        of, by = reference[chosen], predicted[chosen]
        return (accuracy_score(of, by) + balanced_accuracy_score(of, by)) / 2

    assert found.difference == pytest.approx(score(good) - score(poor))
    members = [np.flatnonzero(units == unit) for unit in range(50)]
    draws = [np.concatenate([members[u] for u in rng.integers(0, 50, 50)]) for _ in range(400)]
    assert found.standard_error == pytest.approx(np.std([score(good, d) - score(poor, d) for d in draws]), rel=0.15)
    assert found.p_value < 0.01


def test_confusions_by_unit() -> None:
    rng = np.random.default_rng(0)
    reference, predicted = rng.integers(0, 3, (2, 90))
    units = np.array(["b", "c", "a"])[np.arange(90) % 3]
    found = unit_confusions(reference, predicted, units, 4)
    assert found.shape == (3, 4, 4)
    assert found.dtype == np.int64
    for matrix, name in zip(found, "abc", strict=True):
        chosen = units == name
        np.testing.assert_array_equal(
            matrix, confusion_matrix(reference[chosen], predicted[chosen], labels=[0, 1, 2, 3])
        )


def test_figures_of_stacked_matrices() -> None:
    stacked = np.array([[[3, 1], [0, 4]], [[2, 2], [0, 0]]], float)
    assert overall_accuracies(stacked).tolist() == [7 / 8, 1 / 2]
    assert average_accuracies(stacked).tolist() == [(3 / 4 + 1) / 2, 1 / 2]
    assert mean_accuracies(stacked).tolist() == [7 / 8, 1 / 2]


def test_impossible_input_is_refused() -> None:
    a, b, units = discordant(2, 3)
    with pytest.raises(ValueError, match="shapes"):
        compare_paired(a, b[1:], units, seed=0)
    with pytest.raises(ValueError, match="no samples"):
        compare_paired(a[:0], b[:0], units[:0], seed=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        unit_confusions(np.array([0, 1]), np.array([0, -1]), np.array([0, 1]), 2)
    ones = np.ones((2, 2, 2), int)
    with pytest.raises(ValueError, match="of one shape"):
        paired_score_difference(ones, ones[:1], overall_accuracies, seed=0)
    with pytest.raises(ValueError, match="same samples"):
        paired_score_difference(ones, 2 * ones, overall_accuracies, seed=0)


@pytest.mark.parametrize(
    ("points", "error", "p_value", "verdict"),
    [
        (0.021, 0.01, 0.04, "lower"),
        (0.004, 0.01, 0.04, "lower"),
        (0.01, 0.01, 0.3, "alike"),
        (0.2, 0.03, 0.0625, "too_few"),
        (0.0, 0.0, 1.0, "alike"),
        (0.1, None, None, "too_few"),
    ],
)
def test_one_rule_says_what_a_difference_means(
    points: float, error: float | None, p_value: float | None, verdict: str
) -> None:
    assert verdict_on(points, error, p_value) == verdict


def test_five_places_cannot_show_that_a_model_is_lower() -> None:
    """However large the difference: one of 16 swaps makes it as large."""
    a, b = np.ones(50, bool), np.zeros(50, bool)
    found = compare_paired(a, b, np.repeat(np.arange(5), 10), seed=0)
    assert verdict_on(found.difference, found.standard_error, found.p_value) == "too_few"
    assert found.may_be_chance
    many = compare_paired(a, b, np.repeat(np.arange(10), 5), seed=0)
    assert not many.may_be_chance
