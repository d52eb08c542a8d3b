"""Distances between classes, against what is known of normal distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hsi_engine.label_check.separability import fit_space, jeffries_matusita, pair_distances, shrunk_covariance


def test_one_dimension_by_hand() -> None:
    # Means 0 and 2, variances 1 and 4: B = 1/8 · 4/2.5 + 1/2 · ln(2.5/2).
    expected = 2 * (1 - math.exp(-(0.2 + 0.5 * math.log(1.25))))
    found = jeffries_matusita(np.array([0.0]), np.array([[1.0]]), np.array([2.0]), np.array([[4.0]]))
    assert found == pytest.approx(expected, rel=1e-12)


def test_equal_covariances_leave_the_mahalanobis_distance() -> None:
    covariance = np.array([[2.0, 0.6], [0.6, 1.0]])
    step = np.array([1.0, -2.0])
    squared = step @ np.linalg.inv(covariance) @ step
    found = jeffries_matusita(step, covariance, np.zeros(2), covariance)
    assert found == pytest.approx(2 * (1 - math.exp(-squared / 8)), rel=1e-12)


def test_the_same_distribution_is_at_0_and_a_far_one_at_2() -> None:
    same, far = np.zeros(3), np.full(3, 50.0)
    assert jeffries_matusita(same, np.eye(3), same, np.eye(3)) == 0
    assert jeffries_matusita(same, np.eye(3), far, np.eye(3)) == pytest.approx(2)


def test_two_gaussians_seen_through_a_rotated_scene_of_more_bands() -> None:
    rng = np.random.default_rng(1)
    n, bands = 20_000, 9
    turn = np.linalg.qr(rng.normal(size=(bands, bands)))[0]
    a = rng.normal(size=(n, 3)) * [1, 2, 1]
    b = rng.normal(size=(n, 3)) * [1, 1, 1] + [1.5, 0, 1]
    spectra = np.zeros((2 * n, bands))
    spectra[:, :3] = np.concatenate([a, b])
    spectra = 1000 + 40 * spectra @ turn  # any unit, any offset, no axis of its own
    classes = np.repeat([0, 1], n)
    space = fit_space(spectra.astype(np.float32), classes)
    found = pair_distances(space.project(spectra), classes, 3)
    expected = jeffries_matusita(
        np.zeros(3), np.diag([1.0, 4.0, 1.0]), np.array([1.5, 0.0, 1.0]), np.diag([1.0, 1.0, 1.0])
    )
    assert space.n_components == 3
    assert found[0, 1] == found[1, 0] == pytest.approx(expected, abs=0.01)
    assert np.isnan(found[2]).all()  # a class without pixels is at no distance


def test_the_common_covariance_is_1_in_the_space() -> None:
    rng = np.random.default_rng(2)
    classes = np.repeat([0, 1], [400, 100])
    spectra = rng.normal(size=(500, 4)) * [30, 3, 20, 9] + classes[:, None] * 60
    points = fit_space(spectra, classes).project(spectra)
    covariances = [np.cov(points[classes == c].T) for c in (0, 1)]
    np.testing.assert_allclose(sum(covariances) / 2, np.eye(points.shape[1]), atol=1e-3)


def test_bands_that_repeat_each_other_do_no_harm() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=(60, 1)) + np.repeat([[0.0], [3.0]], 30, axis=0)
    found = pair_distances(
        fit_space(np.repeat(one, 5, axis=1), np.repeat([0, 1], 30)).project(np.repeat(one, 5, 1)),
        np.repeat([0, 1], 30),
        2,
    )
    assert 1 < found[0, 1] < 2


def test_a_class_of_one_pixel_gets_the_common_covariance_and_a_large_one_keeps_its_own() -> None:
    rng = np.random.default_rng(4)
    np.testing.assert_allclose(shrunk_covariance(np.ones((1, 3))), np.eye(3))
    many = rng.normal(size=(50_000, 2)) * [3.0, 0.5]
    np.testing.assert_allclose(shrunk_covariance(many), np.diag([9.0, 0.25]), atol=0.1)


def test_few_pixels_do_not_make_the_same_class_look_apart() -> None:
    rng = np.random.default_rng(5)
    distances = []
    for _ in range(20):
        points = rng.normal(size=(1000, 8))
        classes = np.repeat([0, 1], [990, 10])
        distances.append(pair_distances(points, classes, 2)[0, 1])
    assert np.mean(distances) < 0.8  # without shrinkage the ten pixels would give 1.9
