"""Small scenes and a model that is trained once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
import make_scenes
from archives import SIZE, write_scenes


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    scene = make_scenes.write_scene(folder / "trained.tif", **SIZE)
    labels = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    options = {"class_field": "class_id", "model": "lda", "split": "random", "train_share": 0.3}
    hsi_engine.train_classifier(scene=scene, labels=labels, output=folder / "fields.hsimodel", **options)
    return folder / "fields.hsimodel"


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A folder of three good scenes of different content."""
    return write_scenes(tmp_path / "scenes", 3)


@pytest.fixture
def classify(model: Path, scenes: Path, tmp_path: Path) -> Callable[..., Any]:
    """Runs the operation over the folder of scenes into ``out``, with what a test changes."""

    def run(**changes: Any) -> Any:
        params = {"scenes": str(scenes), "model": model, "output": tmp_path / "out", "processes": 1}
        return hsi_engine.classify_scenes(**(params | changes))

    return run
