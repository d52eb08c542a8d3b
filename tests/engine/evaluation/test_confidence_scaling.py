"""The curve of confidences: it is found again, it is bounded, and impossible input is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from hsi_engine.evaluation.confidence_scaling import (
    OFFSET_BOUNDS,
    SLOPE_BOUNDS,
    ConfidenceScaling,
    fit_confidence_scaling,
    log_odds,
)

Drawn = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def drawn(samples: int, slope: float = 1.0, offset: float = 0.0, seed: int = 0) -> Drawn:
    """Confidences, and whether they are right, drawn with the probabilities of a curve."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.2, 0.999, samples)
    return confidence, rng.random(samples) < expit(slope * log_odds(confidence) + offset)


def brier(scaling: ConfidenceScaling, confidence: Any, correct: Any) -> float:
    """Brier score for Platt's targets, from their definition."""
    right, wrong = correct.sum(), (~correct).sum()
    targets = np.where(correct, (right + 1) / (right + 2), 1 / (wrong + 2))
    p = expit(scaling.slope * log_odds(confidence) + scaling.offset)
    return float(np.mean((p - targets) ** 2))


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, 0.8), (2.0, -1.5), (0.3, -0.4)])
def test_a_curve_is_found_again(slope: float, offset: float) -> None:
    found = fit_confidence_scaling(*drawn(40_000, slope, offset))
    assert found.slope == pytest.approx(slope, abs=0.05)
    assert found.offset == pytest.approx(offset, abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_no_other_curve_has_a_lower_brier_score(seed: int) -> None:
    confidence, correct = drawn(300, 0.6, 0.5, seed=seed)
    best = fit_confidence_scaling(confidence, correct)
    lowest = brier(best, confidence, correct)
    for slope in np.geomspace(*SLOPE_BOUNDS, 60):
        for offset in np.linspace(-6, 6, 61):
            other = ConfidenceScaling(slope=float(slope), offset=float(offset))
            assert brier(other, confidence, correct) >= lowest - 1e-9
    for slope in (-0.01, 0, 0.01):
        for offset in (-0.01, 0, 0.01):
            other = ConfidenceScaling(slope=best.slope + slope, offset=best.offset + offset)
            assert brier(other, confidence, correct) >= lowest - 1e-12


def test_of_samples_from_a_curve_it_is_the_logistic_regression_of_scikit_learn() -> None:
    confidence, correct = drawn(100_000, 0.7, 0.3)
    theirs = LogisticRegression(C=1e9).fit(log_odds(confidence)[:, None], correct)
    found = fit_confidence_scaling(confidence, correct)
    assert found.slope == pytest.approx(theirs.coef_[0, 0], abs=0.02)
    assert found.offset == pytest.approx(theirs.intercept_[0], abs=0.02)


def test_a_field_that_is_surely_wrong_hardly_changes_the_curve_of_the_others() -> None:
    confidence, correct = drawn(3000, 0.9, 0.1)
    with_field, its_answers = np.append(confidence, np.full(90, 1 - 1e-9)), np.append(correct, np.zeros(90, bool))
    alone, found = fit_confidence_scaling(confidence, correct), fit_confidence_scaling(with_field, its_answers)
    shown = np.array([0.5, 0.7, 0.9])
    before, after = (expit(curve.slope * log_odds(shown) + curve.offset) for curve in (alone, found))
    np.testing.assert_allclose(after, before, atol=0.06)
    # The likelihood has no bound, and makes all others doubtful.
    theirs = LogisticRegression(C=1e9).fit(log_odds(with_field)[:, None], its_answers)
    assert theirs.coef_[0, 0] < 0.5 * alone.slope < 0.9 * found.slope


@pytest.mark.parametrize("confidence", [[], [0.3, 0.5, 0.99, 1.0]])
def test_samples_that_are_all_right_leave_confidence_as_it_is(confidence: list[float]) -> None:
    found = fit_confidence_scaling(np.array(confidence), np.ones(len(confidence), bool))
    assert found == ConfidenceScaling(slope=1.0, offset=0.0)
    assert found.is_identity


@pytest.mark.parametrize("samples", [1, 4, 1000])
def test_samples_that_are_all_wrong_give_a_finite_curve(samples: int) -> None:
    confidence, _ = drawn(samples)
    found = fit_confidence_scaling(confidence, np.zeros(samples, bool))
    p = expit(found.slope * log_odds(confidence) + found.offset)
    # Platt's target of a wrong sample, with no right one next to it; a slope of 0 would meet it everywhere.
    assert p.mean() == pytest.approx(1 / (samples + 2), rel=0.2)
    assert p.min() > 0
    assert found.slope == (1.0 if samples == 1 else SLOPE_BOUNDS[0])


def test_surely_right_and_surely_wrong_stay_bounded() -> None:
    confidence = np.array([1.0] * 50 + [0.0] * 50)
    found = fit_confidence_scaling(confidence, np.arange(100) < 50)
    p = expit(found.slope * log_odds(confidence) + found.offset)
    np.testing.assert_allclose(p[[0, -1]], [51 / 52, 1 / 52], atol=1e-3)


def test_a_threshold_between_right_and_wrong_gives_no_endless_slope() -> None:
    confidence = np.array([0.5, 0.5, 0.500001, 0.500001])
    found = fit_confidence_scaling(confidence, np.array([False, False, True, True]))
    assert found.slope <= SLOPE_BOUNDS[1]


def test_a_confidence_that_says_the_opposite_keeps_its_order() -> None:
    confidence, correct = drawn(2000)
    found = fit_confidence_scaling(confidence, ~correct)
    assert found.slope == SLOPE_BOUNDS[0] > 0


def test_of_one_confidence_only_the_offset_is_fitted() -> None:
    found = fit_confidence_scaling(np.full(100, 0.9), np.arange(100) < 60)
    assert found.slope == pytest.approx(1)
    # The mean of the targets, 60 · 61/62 + 40 · 1/42.
    assert expit(log_odds(np.array([0.9])) + found.offset)[0] == pytest.approx((60 * 61 / 62 + 40 / 42) / 100)


def test_more_samples_with_nothing_new_change_little() -> None:
    confidence, correct = drawn(3000, 0.6, 0.4)
    once = fit_confidence_scaling(confidence, correct)
    twice = fit_confidence_scaling(np.tile(confidence, 2), np.tile(correct, 2))
    assert twice.slope == pytest.approx(once.slope, abs=5e-3)
    assert twice.offset == pytest.approx(once.offset, abs=5e-3)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_the_order_of_samples_changes_nothing_and_bounds_hold(samples: list[tuple[float, bool]], random: Any) -> None:
    def fitted(some: list[tuple[float, bool]]) -> ConfidenceScaling:
        return fit_confidence_scaling(np.array([c for c, _ in some]), np.array([r for _, r in some]))

    found = fitted(samples)
    assert SLOPE_BOUNDS[0] <= found.slope <= SLOPE_BOUNDS[1]
    assert OFFSET_BOUNDS[0] <= found.offset <= OFFSET_BOUNDS[1]
    mixed = list(samples)
    random.shuffle(mixed)
    assert fitted(mixed) == found


def test_a_curve_in_words() -> None:
    assert str(ConfidenceScaling(slope=0.7123, offset=-1.25)) == "logit(p') = 0.712 · logit(p) − 1.25"
    assert str(ConfidenceScaling()) == "logit(p') = 1 · logit(p) + 0"


@pytest.mark.parametrize(
    ("confidence", "correct", "words"),
    [
        (np.array([0.5, 0.6]), np.array([True]), r"one confidence and one answer.*\(2,\) and \(1,\)"),
        (np.full((2, 2), 0.5), np.full((2, 2), True), r"one confidence and one answer.*\(2, 2\)"),
        (np.array([0.5]), np.array([1]), "True or False, found int64"),
        (np.array([0.5, 1.2]), np.array([True, False]), r"between 0 and 1, found 1.2 \(1 such\)"),
        (np.array([-0.1]), np.array([False]), "between 0 and 1, found -0.1"),
        (np.array([math.nan, 0.5]), np.array([True, False]), "between 0 and 1, found nan"),
    ],
)
def test_impossible_samples_are_refused(confidence: Any, correct: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_confidence_scaling(confidence, correct)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"slope": 0.0}, "the slope of a confidence scaling must lie between 0.05 and 20.0, found 0.0"),
        ({"slope": -1.0}, "slope .* found -1.0"),
        ({"slope": math.nan}, "slope .* found nan"),
        ({"slope": math.inf}, "slope .* found inf"),
        ({"offset": math.inf}, "the offset .* between -1000.0 and 1000.0, found inf"),
        ({"offset": math.nan}, "offset .* found nan"),
    ],
)
def test_impossible_curves_are_refused(numbers: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ConfidenceScaling(**numbers)
