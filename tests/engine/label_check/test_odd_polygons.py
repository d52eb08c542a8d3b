"""Polygons that do not fit their class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hsi_engine.label_check.odd_polygons import FEWEST_POLYGONS, find_odd_polygons

Array = npt.NDArray[np.float64]


def polygons(means: Array, pixels: int, seed: int = 0) -> tuple[Array, npt.NDArray[np.int64]]:
    """Pixels (n, components) scattered by 1 around the mean of their polygon, and the numbers 1… of the polygons."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(1, len(means) + 1), pixels)
    return means[groups - 1] + rng.normal(size=(len(groups), means.shape[1])), groups


def test_one_mislabelled_polygon_is_found_and_where_it_belongs() -> None:
    rng = np.random.default_rng(1)
    corn, soy = rng.normal(0, 0.5, (12, 4)), rng.normal(0, 0.5, (12, 4)) + np.array([9, 0, 0, 0])
    points, groups = polygons(np.concatenate([corn, soy]), pixels=9)
    classes = np.where(groups <= 12, 0, 1)
    assert find_odd_polygons(points, classes, groups) == []
    classes[groups == 15] = 0  # soy that was called corn
    (odd,) = find_odd_polygons(points, classes, groups)
    assert (odd.group, odd.own_class, odd.nearest_class) == (15, 0, 1)
    assert odd.distance > 5 * odd.usual


def test_one_large_odd_polygon_does_not_hide_itself() -> None:
    means = np.zeros((8, 3))
    means[:7] = np.random.default_rng(2).normal(0, 0.5, (7, 3))
    means[7] = [12, 12, 0]
    points, groups = polygons(means, pixels=4)
    large, _ = polygons(means[7:], pixels=3000, seed=9)
    points, groups = np.concatenate([points, large]), np.concatenate([groups, np.full(3000, 8)])
    assert [odd.group for odd in find_odd_polygons(points, np.zeros(len(groups), int), groups)] == [8]


def test_a_class_that_varies_from_place_to_place_is_not_odd() -> None:
    means = np.random.default_rng(3).normal(0, 10, (40, 3))  # ten times the scatter within a polygon
    points, groups = polygons(means, pixels=6)
    assert find_odd_polygons(points, np.zeros(len(groups), int), groups) == []


def test_few_polygons_are_not_judged() -> None:
    means = np.zeros((FEWEST_POLYGONS - 1, 2))
    means[0] = 100
    points, groups = polygons(means, pixels=5)
    assert find_odd_polygons(points, np.zeros(len(groups), int), groups) == []


def test_points_are_judged_too() -> None:
    means = np.random.default_rng(4).normal(0, 1, (30, 3))
    means[11] = 25
    odd = find_odd_polygons(means, np.zeros(30, int), np.arange(1, 31))
    assert [polygon.group for polygon in odd] == [12]


def test_chance_alone_finds_next_to_nothing() -> None:
    found = 0
    for seed in range(20):
        means = np.random.default_rng(seed).normal(0, 1, (50, 6))
        points, groups = polygons(means, pixels=5, seed=100 + seed)
        found += len(find_odd_polygons(points, np.zeros(len(groups), int), groups))
    assert found <= 10  # of 1,000
