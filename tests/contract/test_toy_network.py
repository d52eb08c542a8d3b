"""A new network is two files and a name: it is trained and maps through every entry point, and nothing else was touched."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import make_scenes
from entry_points import EntryPoints, timeless
from hsi_engine.bundle.model_file import read_bundle
from toy_engine import GENERATED, ToyEngine, engine_with_toy_network

COMMANDS = {"train_and_classify": "map"}
JOB: dict[str, dict[str, Any]] = {
    "train_and_classify": {
        "scene": "scene.tif",
        "labels": "polygons.gpkg",
        "class_field": "class_id",
        "model": "toy_net",
        "dropout": 0.1,  # an option that is a parameter
        "split": "random",
        "train_share": 0.3,
        "output": "map.tif",
        "model_output": "m.hsimodel",
    },
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> ToyEngine:
    return engine_with_toy_network(tmp_path_factory.mktemp("toy"), Path(sys.executable))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs") / "inputs"
    folder.mkdir()
    scene = make_scenes.write_scene(folder / "scene.tif", rows=45, cols=37, bands=8)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    return folder


def test_two_files_and_a_name_are_all(engine: ToyEngine) -> None:
    added, changed = engine.touched()
    assert added == {"hsi_engine/models/architectures/toy_net.py", "hsi_engine/models/networks/toy_net.py"}
    assert changed - GENERATED == {"hsi_engine/models/registry.py"}


@pytest.fixture(scope="module")
def outcomes(engine: ToyEngine, inputs: Path) -> dict[str, dict[str, Any]]:
    """What Python, command and worker answer, each in a folder of its own with the same names."""
    entries, found = EntryPoints(COMMANDS, engine.environment), {}
    for entry in ("python", "command", "worker"):
        folder = Path(shutil.copytree(inputs, inputs.with_name(entry)))
        found[entry] = entries.answers(entry, folder, JOB)
    return found


def test_it_is_trained_and_maps_through_every_entry_point(outcomes: dict[str, dict[str, Any]], inputs: Path) -> None:
    made = outcomes["python"]["train_and_classify"]
    assert made["training"]["method"].startswith("Toy network")
    assert made["training"]["epochs"] == 2
    assert sum(c["pixels"] for c in made["mapping"]["classes"]) > 0
    for entry in ("command", "worker"):
        assert timeless(outcomes[entry]) == timeless(outcomes["python"]), entry
    with pytest.raises(Exception, match="toy_net"):  # this engine does not know it
        read_bundle(inputs.with_name("python") / "m.hsimodel")


def test_a_form_offers_it_by_its_title(engine: ToyEngine) -> None:
    described = json.loads(engine.operations.read_text(encoding="utf-8"))["operations"]
    models = [p for o in described for p in o["parameters"] if p["name"] == "model" and p["kind"] == "choice"]
    assert len(models) == 2
    for model in models:
        assert "toy_net" in model["choices"]
        assert model["choice_titles"]["toy_net"] == "Toy network"
