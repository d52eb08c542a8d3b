"""Sample sizes and allocations, against the worked example of Olofsson et al. (2014) and by their properties."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.evaluation.design_based.sample_size import (
    equal_allocation,
    proportional_allocation,
    simple_random_variance,
    simple_sample_size,
    stratified_sample_size,
)

OLOFSSON_PX = [200_000, 150_000, 3_200_000, 6_450_000]


def test_the_worked_example_needs_641_points() -> None:
    assert stratified_sample_size(OLOFSSON_PX, [0.70, 0.60, 0.90, 0.95], 0.01) == 641


def test_its_proportional_allocation_follows_the_areas() -> None:
    assert proportional_allocation(641, OLOFSSON_PX) == [13, 10, 205, 413]


def test_its_equal_allocation_gives_160_points_to_each() -> None:
    assert equal_allocation(640, OLOFSSON_PX) == [160, 160, 160, 160]


@pytest.mark.parametrize(("p", "d", "n"), [(0.5, 0.05, 385), (0.9, 0.05, 139), (0.85, 0.03, 545)])
def test_sizes_of_simple_samples(p: float, d: float, n: int) -> None:
    assert simple_sample_size(p, d) == n


def test_an_error_that_no_sample_reaches_asks_for_more_points_than_any_map_has_pixels() -> None:
    assert simple_sample_size(0.5, 1e-300) > 10**17
    assert stratified_sample_size(OLOFSSON_PX, [0.7] * 4, 1e-300) > 10**17


def test_the_variance_of_all_pixels_is_0() -> None:
    assert simple_random_variance(0.3, 50, 50) == 0
    assert simple_random_variance(0.3, 1, 50) == pytest.approx(0.21)


def test_allocations_keep_total_minimum_and_sizes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        sizes = rng.integers(1, 10 ** rng.integers(1, 6), size=rng.integers(1, 9)).tolist()
        minimum = int(rng.integers(0, 12))
        lowest = [min(size, minimum) for size in sizes]
        points = int(rng.integers(max(1, sum(lowest)), min(sum(sizes), sum(lowest) + 500) + 1))
        for allocate in (equal_allocation, proportional_allocation):
            found = allocate(points, sizes, minimum=minimum)
            assert sum(found) == points
            assert all(low <= n <= size for low, n, size in zip(lowest, found, sizes, strict=True))


def test_a_small_stratum_passes_on_what_it_cannot_hold() -> None:
    assert equal_allocation(90, [10, 1000, 1000]) == [10, 40, 40]


def test_minima_that_need_more_points_are_refused() -> None:
    with pytest.raises(ValueError, match="3 strata with at least 50 points each need 150, not 100"):
        proportional_allocation(100, [1000, 1000, 1000], minimum=50)


def test_an_empty_stratum_is_refused() -> None:
    with pytest.raises(ValueError, match="each stratum needs a size above 0"):
        proportional_allocation(100, [1000, 0])
