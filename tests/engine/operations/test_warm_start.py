"""Trainings that start from a model file, and options of a method as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.errors import MismatchError, ParameterError
from hsi_engine.operations.train_classifier.recipes import parse_option_text

QUICK: dict[str, Any] = {"split": "none", "epochs": 1, "smooth": False, "device": "cpu"}
MakeScene = Callable[..., Path]


def train(scene: Path, labels: Path, output: Path, **changes: Any) -> Any:
    return hsi_engine.train_classifier(
        **({"scene": scene, "labels": labels, "class_field": "class_id", "output": output} | QUICK | changes)
    )


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    scene = make_scenes.write_scene(folder / "scene.tif")
    labels = make_scenes.write_polygons(folder / "labels.gpkg", like=scene)
    train(scene, labels, folder / "old.hsimodel", model="spectral_cnn")
    return folder / "old.hsimodel"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    cube = make_scenes.reflectance(40, 56, noise=0.05)
    return make_scenes.write_scene(tmp_path / "new.tif", cube=cube)


@pytest.fixture
def labels(scene: Path) -> Path:
    return make_scenes.write_polygons(scene.with_name("labels.gpkg"), like=scene)


def test_the_view_of_the_old_model_is_kept_and_the_record_says_so(old: Path, scene: Path, labels: Path) -> None:
    new = scene.with_name("new.hsimodel")
    train(scene, labels, new, init_from=old)
    before, after = read_bundle(old), read_bundle(new)
    (first,), (second,) = before.members, after.members
    assert (second.architecture, second.options, second.patch_size) == (
        first.architecture,
        first.options,
        first.patch_size,
    )
    seen = before.preprocessing.branches[first.branch].arrays()
    now = after.preprocessing.branches[second.branch].arrays()
    assert all(np.array_equal(seen[name], now[name]) for name in seen)
    names = list(make_scenes.CLASS_NAMES.values())
    assert after.training["warm_start"] == {
        "model": before.id,
        "name": "old.hsimodel",
        "kept": names,
        "new": [],
        "frozen": False,
    }
    assert any(note.startswith("Starts from Spectral-first CNN of 'old.hsimodel'") for note in after.training["notes"])


def test_frozen_features_are_those_of_the_old_model(old: Path, scene: Path, labels: Path) -> None:
    new = scene.with_name("new.hsimodel")
    train(scene, labels, new, init_from=old, freeze_features=True)
    (first,), (second,) = read_bundle(old).members, read_bundle(new).members
    for name, weight in first.weights.items():
        same = np.array_equal(weight.numpy(), second.weights[name].numpy())
        assert same is name.startswith("features."), name


def test_a_model_that_was_trained_on_the_scene_makes_the_accuracy_doubtful(old: Path) -> None:
    again = old.with_name("again.hsimodel")
    train(old.with_name("scene.tif"), old.with_name("labels.gpkg"), again, init_from=old)
    assert any("was trained on this scene" in note for note in read_bundle(again).training["notes"])


def test_a_scene_of_another_sensor_is_refused(old: Path, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(30, 44)
    scene = make_scenes.write_scene(tmp_path / "other.tif", cube=cube[:5])
    labels = make_scenes.write_polygons(tmp_path / "labels.gpkg", like=scene)
    with pytest.raises(MismatchError, match=r"A training on this scene cannot start from .*old\.hsimodel"):
        train(scene, labels, tmp_path / "m.hsimodel", init_from=old)
    assert not (tmp_path / "m.hsimodel").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"model": "hybridsn"}, r"is a spectral_cnn, but the method is 'hybridsn'.*Set 'model' to spectral_cnn"),
        ({"patch_size": 3}, r"Parameter 'patch_size' is decided by the model to start from"),
        ({"bands": "1-4"}, r"Parameter 'bands' is decided by the model to start from"),
    ],
)
def test_what_the_old_model_decides_cannot_be_set(
    old: Path, scene: Path, labels: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ParameterError, match=says):
        train(scene, labels, scene.with_name("m.hsimodel"), init_from=old, **given)


def test_freezing_needs_a_model_to_start_from(scene: Path, labels: Path) -> None:
    with pytest.raises(ParameterError, match=r"\(Train the last layers only\) needs a model to start from"):
        train(scene, labels, scene.with_name("m.hsimodel"), model="spectral_cnn", freeze_features=True)


def test_a_model_without_a_network_is_refused(scene: Path, labels: Path) -> None:
    forest = scene.with_name("svm.hsimodel")
    train(scene, labels, forest, model="lda", epochs=None)
    with pytest.raises(ParameterError, match=r"exactly one network; .*svm\.hsimodel' holds Shrinkage LDA"):
        train(scene, labels, scene.with_name("m.hsimodel"), init_from=forest)


# ------------------------------------------------------------------------------------------- options as text


def test_options_are_numbers_truth_values_and_words() -> None:
    text = "attention=non_local, nodes = 8,batch-norm=True, dropout=0.25,"
    assert parse_option_text(text) == {"attention": "non_local", "nodes": 8, "batch_norm": True, "dropout": 0.25}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nodes", r"cannot be read at 'nodes': expected name=value.*such as attention=non_local"),
        ("nodes=", r"cannot be read at 'nodes='"),
        ("nodes=1, nodes=2", r"states 'nodes' twice"),
    ],
)
def test_options_that_cannot_be_read_are_named(text: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parse_option_text(text)


def test_options_reach_the_network(scene: Path, labels: Path) -> None:
    output = scene.with_name("m.hsimodel")
    train(scene, labels, output, model="mlp", patch_size=3, reduction="bands", model_options="dropout=0.1")
    assert read_bundle(output).members[0].options == {"dropout": 0.1}


def test_an_option_of_another_method_is_refused_before_the_scene_is_read(tmp_path: Path, labels: Path) -> None:
    with pytest.raises(ParameterError, match=r"LeNet has no option 'nodes'.*Its options are width, dropout"):
        train(tmp_path / "missing.tif", labels, tmp_path / "m.hsimodel", model="lenet", model_options="nodes=8")
