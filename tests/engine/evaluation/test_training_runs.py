"""Differences over training runs, by hand."""

from __future__ import annotations

import math

import pytest

from hsi_engine.evaluation.training_runs import combined_p_value, corrected_t


def test_three_runs_by_hand() -> None:
    found = corrected_t([0.01, 0.02, 0.03], 0.25)
    assert found is not None
    # s² = 1e-4, variance (1/3 + 1/4)·1e-4; with two degrees of freedom p = 1 - t/√(2 + t²).
    assert found.standard_error == pytest.approx(0.01 * math.sqrt(7 / 12))
    t = 2 / math.sqrt(7 / 12)
    assert found.t == pytest.approx(t)
    assert found.p_value == pytest.approx(1 - t / math.sqrt(2 + t**2))
    assert (found.degrees_of_freedom, found.runs) == (2, 3)


def test_overlap_of_training_sets_makes_it_less_certain() -> None:
    plain, corrected = (corrected_t([0.01, 0.02, 0.03, 0.01], ratio) for ratio in (0.0, 0.25))
    assert plain is not None
    assert corrected is not None
    assert corrected.p_value > plain.p_value


def test_the_sign_follows_the_order_of_the_models() -> None:
    one, other = corrected_t([0.1, 0.3], 0.5), corrected_t([-0.1, -0.3], 0.5)
    assert one is not None
    assert other is not None
    assert (other.t, other.p_value) == (pytest.approx(-one.t), pytest.approx(one.p_value))


@pytest.mark.parametrize("differences", [[], [0.1], [0.1, 0.1, 0.1], [0.0, 0.0]])
def test_without_spread_it_is_not_defined(differences: list[float]) -> None:
    assert corrected_t(differences, 0.25) is None


@pytest.mark.parametrize(("differences", "ratio"), [([0.1, math.nan], 0.1), ([0.1, 0.2], -1.0)])
def test_impossible_numbers(differences: list[float], ratio: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        corrected_t(differences, ratio)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([0.03], 0.03),
        ([0.01, 0.04], 0.04),
        ([0.9, 0.02, 0.01], 0.03),
        ([0.9, 0.8, 0.9], 1.0),
        ([0.1, 0.2, 0.3, 0.4], 0.4),
    ],
)
def test_one_p_value_from_several(p_values: list[float], expected: float) -> None:
    assert combined_p_value(p_values) == pytest.approx(expected)


def test_no_p_value() -> None:
    with pytest.raises(ValueError, match="one p-value or more"):
        combined_p_value([])
