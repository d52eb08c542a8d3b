"""Intervals of proportions, against the cases of Newcombe (1998) and by their properties."""

from __future__ import annotations

import pytest

from hsi_engine.evaluation.accuracy import wilson_interval
from hsi_engine.evaluation.design_based.intervals import (
    IntervalMethod,
    clopper_pearson,
    effective_points,
    share_interval,
    wald,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "points", "score", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0, 0.1611), (0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
        (29, 29, (0.8830, 1), (0.8806, 1)),
    ],
)
def test_vectors(hits: int, points: int, score: tuple[float, float], exact: tuple[float, float]) -> None:
    assert wilson(hits / points, points) == pytest.approx(score, abs=5.1e-5)
    assert clopper_pearson(hits / points, points) == pytest.approx(exact, abs=5.1e-5)
    assert wilson(hits / points, points) == pytest.approx(wilson_interval(hits, points), abs=1e-9)


def test_wald_collapses_without_errors_and_the_others_do_not() -> None:
    assert wald(1.0, 0.0) == (1.0, 1.0)
    methods: tuple[IntervalMethod, ...] = ("wilson", "clopper_pearson")
    for method in methods:
        low, high = share_interval(method, 1.0, 0.0, 40.0)
        assert 0.9 < low < 0.93
        assert high == 1


def test_effective_points_of_simple_points_are_their_number() -> None:
    assert effective_points(0.3, 0.3 * 0.7 / 50, 12.0) == pytest.approx(50)


def test_effective_points_without_variance_are_those_of_the_weights() -> None:
    assert effective_points(1.0, 0.0, 12.0) == 12
    assert effective_points(0.9, 0.0, 12.0) == 12


def test_no_points_are_refused() -> None:
    with pytest.raises(ValueError, match="points above 0"):
        wilson(0.5, 0)


def test_a_variance_that_hangs_on_few_points_makes_the_interval_wider() -> None:
    certain = share_interval("wilson", 0.05, 1e-4, 300.0)
    rough = share_interval("wilson", 0.05, 1e-4, 300.0, 4.0)
    assert rough[0] < certain[0] < 0.05 < certain[1] < rough[1]
    assert effective_points(0.05, 1e-4, 300.0, 1e9) == effective_points(0.05, 1e-4, 300.0)
