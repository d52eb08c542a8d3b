"""Every model of the registry: trained for one epoch, saved, loaded and mapped, through Python, the command and the worker."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import rasterio

import hsi_engine
import make_scenes
from entry_points import timeless
from forked_entry_points import answers_of
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.models import registry
from second_rasters import write_second

ROWS, COLS, BANDS = 33, 27, 24
VALUES = {2, 5, 11}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    write_second(folder / "second.tif", like=scene)
    return folder


def parameters(name: str) -> dict[str, Any]:
    architecture = registry.get(name)
    found: dict[str, Any] = {
        "scene": "scene.tif",
        "labels": "polygons.gpkg",
        "class_field": "class_id",
        "model": name,
        "split": "random",
        "train_share": 0.1,
        "output": "map.tif",
        "model_output": "m.hsimodel",
    }
    if architecture.fit is None:
        found |= {"epochs": 1, "patch_size": architecture.patch_sizes[0]}
    if architecture.second_source:
        found["second"] = "second.tif"
    return found


def weights(model: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(model) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".safetensors")}


@pytest.mark.parametrize("name", registry.architectures())
def test_it_is_trained_and_maps_through_every_entry_point(inputs: Path, tmp_path: Path, name: str) -> None:
    for entry in ("python", "command", "worker"):
        shutil.copytree(inputs, tmp_path / entry)

    answers = answers_of(tmp_path, "train_and_classify", "map", parameters(name))

    python = tmp_path / "python"
    for other in ("command", "worker"):
        assert timeless(answers[other]) == timeless(answers["python"])
        assert (tmp_path / other / "map.tif").read_bytes() == (python / "map.tif").read_bytes()
        assert weights(tmp_path / other / "m.hsimodel") == weights(python / "m.hsimodel")
    assert {member.architecture for member in read_bundle(python / "m.hsimodel").members} == {name}
    with rasterio.open(python / "map.tif") as class_map:
        values = class_map.read(1)
    assert values.shape == (ROWS, COLS)
    assert set(values.flat) <= {0, *VALUES}
    assert (values > 0).sum() > ROWS * COLS / 2

    # The file alone maps to the same classes.
    second = {"second": python / "second.tif"} if registry.get(name).second_source else {}
    given: dict[str, Any] = {"scene": python / "scene.tif", "model": python / "m.hsimodel", **second}
    hsi_engine.classify_scene(**given, output=tmp_path / "again.tif")
    with rasterio.open(tmp_path / "again.tif") as again:
        assert (again.read(1) == values).all()
