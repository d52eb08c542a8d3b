"""A training fits the last step to tested pixels, and its maps, sets and figures all go through it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.evaluation.confidence_scaling import ConfidenceScaling, fit_confidence_scaling
from hsi_engine.inference.confidence.scaling import scaled_samples
from hsi_engine.operations.train_classifier.pack import _scaled_by_other_folds

ROWS, COLS, BANDS = 66, 53, 12


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes overlap, so that some pixels are wrong."""
    cube = make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.06)
    return make_scenes.write_scene(tmp_path_factory.mktemp("scene") / "scene.tif", cube=cube)


@pytest.fixture(scope="module")
def labels(scene: Path) -> Path:
    return make_scenes.write_labels(scene.with_name("labels.tif"), like=scene)


def raster(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


def shares_of(scene: Path, model: Path, **given: Any) -> npt.NDArray[Any]:
    """Probabilities (classes, rows, cols) of a map, NaN without data."""
    target = model.with_suffix(".shares.tif")
    hsi_engine.classify_scene(
        scene=scene,
        model=model,
        output=model.with_suffix(".map.tif"),
        probabilities=target,
        confidence=model.with_suffix(".confidence.tif"),
        device="cpu",
        **given,
    )
    found = raster(target)
    np.testing.assert_array_equal(raster(model.with_suffix(".confidence.tif"))[0], found.max(axis=0))
    return found


def test_one_method_without_smoothing_is_scaled_too_and_the_map_is_on_the_curve(
    scene: Path, labels: Path, tmp_path: Path
) -> None:
    model, plain = tmp_path / "m.hsimodel", tmp_path / "plain.hsimodel"
    hsi_engine.train_classifier(
        scene=scene, labels=labels, output=model, model="logistic_regression", smooth=False, folds=3, device="cpu"
    )
    bundle = read_bundle(model)
    curve = bundle.confidence_scaling
    assert not curve.is_identity
    assert bundle.temperature == 1
    assert bundle.metrics["calibration"]["confidence_scaling"] == asdict(curve)
    write_bundle(replace(bundle, confidence_scaling=ConfidenceScaling()), plain)
    found, before = shares_of(scene, model), shares_of(scene, plain)
    valid = np.isfinite(before).all(axis=0)
    np.testing.assert_array_equal(np.isfinite(found).all(axis=0), valid)
    assert 0 < valid.sum() < valid.size
    expected = scaled_samples(np.ascontiguousarray(before[:, valid].T.astype(np.float64)), curve)
    np.testing.assert_allclose(found[:, valid], expected.T, atol=2e-6)
    assert np.abs(found - before)[:, valid].max() > 0.005
    np.testing.assert_array_equal(raster(model.with_suffix(".map.tif")), raster(plain.with_suffix(".map.tif")))


def test_tested_pixels_have_the_probabilities_of_the_map(scene: Path, labels: Path, tmp_path: Path) -> None:
    """With a test side, the model that was tested is the one that maps: its scores for prediction sets must be those of the map."""
    model, sides = tmp_path / "m.hsimodel", tmp_path / "split.tif"
    hsi_engine.train_classifier(
        scene=scene,
        labels=labels,
        output=model,
        split_output=sides,
        split="random",
        train_share=0.5,
        effort="quick",
        time_limit=1e-6,
        device="cpu",
    )
    bundle = read_bundle(model)
    assert not bundle.confidence_scaling.is_identity
    assert bundle.trust.calibrated is not None
    tested = raster(sides)[0] == 3
    values = raster(labels)[0][tested]
    index = {entry.value: number for number, entry in enumerate(bundle.legend)}
    reference = np.array([index[value] for value in values])
    of_reference = shares_of(scene, model)[:, tested][reference, np.arange(len(reference))]
    scores = bundle.trust.calibrated.scores.lac
    assert len(scores) == len(reference) > 100
    np.testing.assert_allclose(np.sort(scores), np.sort(1 - of_reference.astype(np.float64)), atol=2e-5)


def drawn(samples: int = 600) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(4) / 2, samples)
    # Right less often than the confidence states.
    right = rng.random(samples) < 0.8 * probabilities.max(axis=1)
    reference = np.where(right, probabilities.argmax(axis=1), probabilities.argmin(axis=1))
    return probabilities, reference, rng.integers(0, 3, samples)


def test_the_figure_after_scaling_is_of_curves_that_have_not_seen_the_fold() -> None:
    probabilities, reference, fold = drawn()
    found = _scaled_by_other_folds(probabilities, reference, fold)
    for number in range(3):
        here = fold == number
        others = fit_confidence_scaling(
            probabilities[~here].max(axis=1), probabilities[~here].argmax(axis=1) == reference[~here]
        )
        np.testing.assert_array_equal(found[here], scaled_samples(probabilities[here], others))
    # What the labels of a fold are changes all other folds, but not this one.
    changed = np.where(fold == 1, (reference + 1) % 4, reference)
    again = _scaled_by_other_folds(probabilities, changed, fold)
    np.testing.assert_array_equal(again[fold == 1], found[fold == 1])
    # Pixels that would fall below their runner-up stay there with either curve.
    assert (again[fold != 1] != found[fold != 1]).any(axis=1).mean() > 0.8


def test_pixels_that_are_all_right_leave_the_confidence_as_it_is(make_scene: Any, tmp_path: Path) -> None:
    scene = make_scene(rows=60, cols=48, bands=10)
    labels = make_scenes.write_labels(tmp_path / "labels.tif", like=scene)
    model = tmp_path / "m.hsimodel"
    trained = hsi_engine.train_classifier(scene=scene, labels=labels, output=model, model="lda", device="cpu")
    assert trained.test is not None
    assert trained.test["overall_accuracy"] == 1
    assert read_bundle(model).confidence_scaling.is_identity
