"""A new map product is one entry: every entry point then has its parameter, writes its raster and names it in the result."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.operations.catalogue import CATALOGUE
from worker_process import started

DATA = Path(__file__).parents[1] / "data"
PRODUCT = DATA / "margin_product.py"
FILES = {"output": "map.tif", "probabilities": "probabilities.tif", "margin": "margin.tif"}

Params = dict[str, Any]
Json = dict[str, Any]


def run(*words: str) -> str:
    return subprocess.run([sys.executable, PRODUCT, *words], capture_output=True, encoding="utf-8", check=True).stdout


def by_python(params: Params) -> Json:
    found: Json = json.loads(run("python", json.dumps(params)))
    return found


def by_command(params: Params) -> Json:
    options = [f"--{name}={value}" for name, value in params.items()]
    found: Json = json.loads(run("cli", "classify", *options, "--json"))
    return found


def by_worker(params: Params) -> Json:
    with started(str(PRODUCT), "worker") as worker:
        worker.wait_for("hello")
        worker.request("classify_scene", **params, resume=True)  # so that its pixels are kept too
        messages = list(worker.read())
        assert worker.end() == 0
    artifacts = {message["kind"]: message["path"] for message in messages if message["type"] == "artifact"}
    assert artifacts["margin"] == params["margin"]
    found: Json = messages[-1]["result"]
    return found


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Params:
    folder = tmp_path_factory.mktemp("inputs")
    model = folder / "m.hsimodel"
    model.write_bytes(gzip.decompress((DATA / "models" / "version_1.hsimodel.gz").read_bytes()))
    scene = make_scenes.write_scene(folder / "scene.tif", bands=16)
    return {"scene": str(scene), "model": str(model), "device": "cpu", "tile_size": 16}


@pytest.fixture(scope="module")
def without(inputs: Params, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Checksums of what the engine writes as it is."""
    folder = tmp_path_factory.mktemp("without")
    hsi_engine.classify_scene(**inputs, **{k: folder / v for k, v in FILES.items() if k != "margin"})
    return {path.name: sha256_of(path) for path in folder.iterdir()}


@pytest.mark.parametrize("entry", [by_python, by_command, by_worker])
def test_each_entry_point_writes_the_raster(
    entry: Callable[[Params], Json], inputs: Params, without: dict[str, str], tmp_path: Path
) -> None:
    asked = {name: str(tmp_path / file) for name, file in FILES.items()}
    result = entry(inputs | asked)
    assert {name: result[name] for name in FILES} == asked
    assert {path.name for path in tmp_path.iterdir()} == {*without, "margin.tif", "margin.qml"}
    assert {name: sha256_of(tmp_path / name) for name in without} == without
    with rasterio.open(asked["margin"]) as file, rasterio.open(asked["probabilities"]) as shares:
        found, probabilities = file.read(1), np.sort(shares.read(), axis=0)
        assert (file.dtypes, file.descriptions, np.isnan(file.nodata)) == (("float32",), ("margin",), True)
    np.testing.assert_array_equal(found, probabilities[-1] - probabilities[-2])
    assert 0 < np.isnan(found).sum() < found.size
    assert len(np.unique(found)) > 100
    assert 'type="singlebandpseudocolor"' in (tmp_path / "margin.qml").read_text(encoding="utf-8")


@pytest.mark.parametrize("operation", ["classify_scene", "train_and_classify"])
def test_its_parameter_is_described_like_all_others(operation: str) -> None:
    (described,) = json.loads(run("cli", "describe", operation))["operations"]
    (parameter,) = [one for one in described["parameters"] if one["name"] == "margin"]
    assert parameter["title"] == "Margin"
    assert (parameter["kind"], parameter["required"], parameter["advanced"]) == ("styled_raster_out", False, False)
    assert parameter["layer"] == {"name": "margin", "content": "ramp", "shown": False}
    assert "margin" in [one["name"] for one in described["outputs"]]
    assert "--margin" in run("cli", described["command"], "--help")


def test_what_is_wrong_with_its_file_is_said_before_the_work(inputs: Params, tmp_path: Path) -> None:
    asked = {"output": str(tmp_path / "map.tif"), "margin": str(tmp_path / "map.tif")}
    done = subprocess.run(
        [sys.executable, PRODUCT, "cli", "classify", *(f"--{k}={v}" for k, v in (inputs | asked).items())],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 7
    assert "Two outputs have the same name" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_engine_itself_does_not_have_it() -> None:
    """So that these tests are about a new product, in whatever order they run."""
    assert "margin" not in CATALOGUE["classify_scene"].params.model_fields
