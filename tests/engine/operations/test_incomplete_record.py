"""Resuming with a model file whose training record lacks something, as one that another program has written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.reporting import Level


class Notebook(hsi_engine.SilentReporter):
    """Keeps what an operation logs."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def log(self, message: str, level: Level = "info") -> None:
        self.notes.append(f"{level}: {message}")


@pytest.fixture
def job(make_scene: Callable[..., Path], tmp_path: Path) -> dict[str, Any]:
    """A training and a map that were made."""
    scene = make_scene(rows=45, cols=33, bands=16)
    labels = make_scenes.write_polygons(scene.with_name("polygons.gpkg"), like=scene)
    settings = {"class_field": "class_id", "model": "lda", "split": "none"}
    files = {"output": tmp_path / "map.tif", "model_output": tmp_path / "m.hsimodel"}
    made = {"scene": scene, "labels": labels, **settings, **files}
    hsi_engine.train_and_classify(**made)
    return made


def with_record(model: Path, change: Callable[[dict[str, Any]], None]) -> None:
    bundle = read_bundle(model)
    record = dict(bundle.training)
    change(record)
    write_bundle(replace(bundle, training=record), model)


def test_a_complete_record_is_used(job: dict[str, Any]) -> None:
    notebook = Notebook()
    hsi_engine.train_and_classify(**job, resume=True, reporter=notebook)
    assert "info: Training is already complete: continuing with m.hsimodel." in notebook.notes


@pytest.mark.parametrize("key", ["versions", "inputs", "history", "device", "seconds", "split"])
def test_without_a_key_that_resuming_needs_the_model_is_trained_again_and_the_key_named(
    job: dict[str, Any], key: str
) -> None:
    before = job["output"].read_bytes()
    with_record(job["model_output"], lambda record: record.pop(key))
    notebook = Notebook()
    hsi_engine.train_and_classify(**job, resume=True, reporter=notebook)
    words = f"The record of the training in m.hsimodel cannot be used: it has no '{key}'. The model is trained again."
    assert f"warning: {words}" in notebook.notes
    assert key in read_bundle(job["model_output"]).training
    assert job["output"].read_bytes() == before


@pytest.mark.parametrize("value", [3, "none", [1, 2], None])
@pytest.mark.parametrize("key", ["versions", "history"])
def test_a_key_of_another_kind_is_no_record_either(job: dict[str, Any], key: str, value: object) -> None:
    with_record(job["model_output"], lambda record: record.update({key: value}))
    notebook = Notebook()
    hsi_engine.train_and_classify(**job, resume=True, reporter=notebook)
    assert any("cannot be used: it is not one of a training." in note for note in notebook.notes)
    assert read_bundle(job["model_output"]).training[key] != value


def test_a_training_from_a_model_without_a_record_of_its_inputs_says_what_it_cannot_know(
    job: dict[str, Any], tmp_path: Path
) -> None:
    given = {name: job[name] for name in ("scene", "labels", "class_field")}
    quick = {"model": "spectral_cnn", "split": "none", "epochs": 1, "smooth": False}
    hsi_engine.train_classifier(**given, **quick, output=tmp_path / "old.hsimodel")
    with_record(tmp_path / "old.hsimodel", lambda record: record.pop("inputs"))
    quick.pop("model")
    made = hsi_engine.train_classifier(
        **given, **quick, output=tmp_path / "new.hsimodel", init_from=tmp_path / "old.hsimodel"
    )
    assert any("does not state the inputs that it was trained on" in note for note in made.notes)
