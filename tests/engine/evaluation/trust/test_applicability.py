"""Area of applicability: the worked vector, brute force, and what must not change it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from hsi_engine.evaluation.trust.applicability import Applicability, dissimilarity_threshold, fit_applicability

POINTS = np.array([(0, 0), (1, 0), (0, 1), (1, 1), (4, 4)], float)
FOLDS = np.array([0, 0, 1, 1, 1])
RNG = np.random.default_rng(4)
MANY = RNG.normal(size=(300, 3)) * (1, 50, 0.1) + (5, -300, 0)
MANY_FOLDS = RNG.integers(0, 4, 300)


def test_the_worked_example_without_scale_and_weights() -> None:
    found = fit_applicability(POINTS, FOLDS, scale=False)
    assert found.area.mean_distance == pytest.approx(2.672792, abs=5e-7)
    np.testing.assert_allclose(found.training_dissimilarity, [0.374141] * 4 + [1.870703], atol=5e-7)
    assert found.area.threshold == pytest.approx(0.374141, abs=5e-7)
    outside = found.area.dissimilarity(np.array([(2.0, 2.0)]))
    assert outside == pytest.approx(0.529115, abs=5e-7)
    assert not found.area.is_inside(outside).any()


@pytest.mark.parametrize("folds", [MANY_FOLDS, np.arange(300) // 3], ids=["few folds", "many folds"])
def test_it_is_what_the_formula_says(folds: np.ndarray) -> None:
    weights = np.array([2.0, 0.5, -1.0])
    found = fit_applicability(MANY, folds, weights)
    scaled = (MANY - MANY.mean(axis=0)) / MANY.std(axis=0, ddof=1) * np.maximum(weights, 0)
    apart = cdist(scaled, scaled)
    mean = apart.sum() / (300 * 299)
    training = np.where(folds[:, None] == folds[None, :], np.inf, apart).min(axis=1) / mean
    np.testing.assert_allclose(found.training_dissimilarity, training, rtol=1e-12)
    low, high = np.quantile(training, (0.25, 0.75))
    assert found.area.threshold == pytest.approx(min(high + 1.5 * (high - low), training.max()), rel=1e-12)
    pixels = RNG.normal(size=(50, 3)) * (2, 100, 0.2) + (5, -300, 0)
    placed = (pixels - MANY.mean(axis=0)) / MANY.std(axis=0, ddof=1) * np.maximum(weights, 0)
    distances = cdist(placed, scaled) / mean
    np.testing.assert_allclose(found.area.dissimilarity(pixels), distances.min(axis=1), rtol=1e-9)
    density = (distances < found.area.threshold).sum(axis=1)
    np.testing.assert_array_equal(found.area.local_density(pixels), density)
    assert 0 < np.count_nonzero(density) < 50


def test_the_threshold_is_no_more_than_the_largest_training_dissimilarity() -> None:
    assert dissimilarity_threshold(np.array([0.1, 0.2, 0.3, 0.4])) == 0.4
    assert dissimilarity_threshold(np.array([0.1, 0.1, 0.1, 0.1, 9.0])) == pytest.approx(0.1)


def test_a_point_at_the_threshold_is_inside_and_does_not_count_as_near() -> None:
    area = Applicability(
        points=np.array([[0.0], [4.0]]), centre=np.zeros(1), factor=np.ones(1), mean_distance=4.0, threshold=0.25
    )
    at = np.array([[1.0], [0.999], [1.001]])
    assert area.is_inside(area.dissimilarity(at)).tolist() == [True, True, False]
    assert area.local_density(at).tolist() == [0, 1, 0]


def test_units_of_the_predictors_do_not_matter_and_one_that_does_not_vary_is_left_out() -> None:
    constant = np.full((300, 1), 1e6)
    plain = fit_applicability(MANY, MANY_FOLDS)
    other = fit_applicability(np.hstack([MANY * (1e-3, 7, 1e4) + (1, 2, 3), constant]), MANY_FOLDS)
    np.testing.assert_allclose(plain.training_dissimilarity, other.training_dissimilarity, rtol=1e-9)
    assert other.area.factor[3] == 0


def test_pixels_are_searched_for_one_by_one_and_by_another_process_alike() -> None:
    area = fit_applicability(MANY, MANY_FOLDS).area
    pixels = RNG.normal(size=(101, 3)).astype(np.float32) * np.float32(3)
    whole = area.dissimilarity(pixels)
    pieces = np.concatenate([area.dissimilarity(pixels[at : at + 13]) for at in range(0, 101, 13)])
    np.testing.assert_array_equal(whole, pieces)
    np.testing.assert_array_equal(whole, pickle.loads(pickle.dumps(area)).dissimilarity(pixels))


@pytest.mark.parametrize(
    ("points", "folds", "said"),
    [
        (POINTS, np.zeros(5, int), "two folds or more are needed"),
        (POINTS, np.zeros(4, int), "values and n folds were expected"),
        (np.ones((5, 2)), FOLDS, "all training points have the same predictors"),
        (np.where(POINTS == 4, np.nan, POINTS), FOLDS, "finite"),
    ],
    ids=["one fold", "lengths", "one spectrum", "nan"],
)
def test_what_is_impossible_is_refused(points: np.ndarray, folds: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_applicability(points, folds)
