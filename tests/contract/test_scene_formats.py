"""A format of scenes is one module and its name in a tuple: nothing else of the engine has to know of it."""

from __future__ import annotations

import json
import pickle
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
import toy_scenes
import worker_process
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.io.scenes.formats import catalogue
from hsi_engine.io.scenes.scene import SceneReader, describe_scene, open_scene
from hsi_engine.pixels.window import Window

ROWS, COLS, BANDS, BAD = 41, 67, 16, 5
MAP_FILES = ("map.tif", "map.qml", "map.tif.aux.xml", "confidence.tif", "confidence.qml")
# Both scenes have the same name, since maps say which scene they are of.
NAME = "scene.cube"

# A program of the engine in a process of its own, in whose tuple of formats there is one more.
PROGRAM = f"""
import runpy, sys
sys.path.insert(0, {str(Path(toy_scenes.__file__).parent)!r})
import toy_scenes
from hsi_engine.io.scenes.formats import catalogue
catalogue.FORMATS = (toy_scenes.TOY, *catalogue.FORMATS)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "FORMATS", (toy_scenes.TOY, *catalogue.FORMATS))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cube as a GeoTIFF in ``tiff`` and in the made-up format in ``toy``, and a model trained on the former."""
    folder = tmp_path_factory.mktemp("formats")
    for name in ("tiff", "toy"):
        (folder / name).mkdir()
    tiff = make_scenes.write_scene(folder / "tiff" / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=tiff)
    cloud = np.zeros((ROWS, COLS), np.uint8)
    cloud[30:37, 40:60] = 1
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(tiff, "r+") as file:
        file.write_mask(np.where(cloud, 0, 255).astype(np.uint8))
        file.update_tags(BAD + 1, bbl="0")
        cube, nodata = file.read(), file.nodata
    scene = describe_scene(tiff.rename(tiff.with_name(NAME)))
    toy = folder / "toy" / NAME
    toy.mkdir()
    about = {
        "crs": scene.grid.crs,
        "transform": list(scene.grid.transform)[:6],
        "wavelength_nm": scene.bands.wavelength_nm[::-1],
        "good": scene.bands.good[::-1],
        "nodata": nodata,
        "scale": scene.scale[0],
    }
    (toy / "about.json").write_text(json.dumps(about))
    np.save(toy / "cube.npy", cube[::-1].transpose(1, 2, 0))
    np.save(toy / "cloud.npy", cloud)
    hsi_engine.train_classifier(
        scene=folder / "tiff" / NAME,
        labels=folder / "polygons.gpkg",
        class_field="class_id",
        model="hybridsn",
        components=13,
        patch_size=9,
        epochs=1,
        split="random",
        train_share=0.3,
        output=folder / "m.hsimodel",
    )
    return folder


def mapping(project: Path, scene: str, out: Path) -> dict[str, str]:
    out.mkdir()
    values = {
        "scene": project / scene / NAME,
        "model": project / "m.hsimodel",
        "output": out / "map.tif",
        "confidence": out / "confidence.tif",
    }
    return {name: str(value) for name, value in values.items()}


def by_python(params: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = hsi_engine.classify_scene(**params).to_json()
    return answer


def by_command(params: dict[str, str]) -> dict[str, Any]:
    options = [word for name, value in params.items() for word in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "hsi_engine", "classify", *options, "--json"],
        capture_output=True,
        cwd=worker_process.ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def by_worker(params: dict[str, str]) -> dict[str, Any]:
    with worker_process.started("-c", PROGRAM, "hsi_engine.worker") as worker:
        worker.request("classify_scene", **params)
        last = list(worker.read())[-1]
    assert last["type"] == "result", last
    answer: dict[str, Any] = last["result"]
    return answer


@pytest.mark.parametrize("door", [by_python, by_command, by_worker])
def test_a_map_is_the_same_to_the_byte_as_that_of_a_geotiff(
    project: Path, tmp_path: Path, door: Callable[[dict[str, str]], dict[str, Any]]
) -> None:
    expected = by_python(mapping(project, "tiff", tmp_path / "expected"))
    found = door(mapping(project, "toy", tmp_path / "found"))
    for name in MAP_FILES:
        assert (tmp_path / "found" / name).read_bytes() == (tmp_path / "expected" / name).read_bytes(), name
    assert found["nodata_pixels"] == expected["nodata_pixels"] == 7 * 20 + hole_pixels()
    assert [c["pixels"] for c in found["classes"]] == [c["pixels"] for c in expected["classes"]]


def hole_pixels() -> int:
    rows, cols = make_scenes.hole(ROWS, COLS)
    return (rows.stop - rows.start) * (cols.stop - cols.start)


def test_it_can_be_trained_on(project: Path, tmp_path: Path) -> None:
    results = [
        hsi_engine.train_classifier(
            scene=project / scene / NAME,
            labels=project / "polygons.gpkg",
            class_field="class_id",
            model="lda",
            split="random",
            output=tmp_path / f"{scene}.hsimodel",
        )
        for scene in ("tiff", "toy")
    ]
    assert results[0].test == results[1].test
    assert results[0].test is not None
    bundle = read_bundle(tmp_path / "toy.hsimodel")
    assert (bundle.training["scene"]["sensor"], bundle.training["scene"]["day"]) == ("Toy-1", "2024-05-06")


def test_its_words_reach_the_description(project: Path) -> None:
    scene = hsi_engine.inspect_scene(scene=project / "toy" / NAME)
    like = hsi_engine.inspect_scene(scene=project / "tiff" / NAME)
    assert (scene.format, scene.sensor, scene.acquired) == ("Toy", "Toy-1", "2024-05-06T10:11:12Z")
    assert [band.wavelength_nm for band in scene.bands] == [band.wavelength_nm for band in like.bands]
    assert [band.mean for band in scene.bands] == [band.mean for band in like.bands]
    assert scene.valid_pixels == like.valid_pixels
    assert scene.bands_flagged_bad == [BAD + 1]
    assert describe_scene(project / "toy" / NAME).why_bad(BAD) == "in water vapour"


@pytest.mark.parametrize("scene", ["tiff", "toy"])
def test_a_description_opens_the_same_pixels_after_pickling(project: Path, scene: str) -> None:
    window, bands = Window(row=3, col=11, height=30, width=50), (7, 2, 2, 15)
    with open_scene(project / scene / NAME) as reader:
        expected = reader.read(window, bands)
        with SceneReader(pickle.loads(pickle.dumps(reader.scene))) as again:
            found = again.read(window, bands)
    np.testing.assert_array_equal(found.data, expected.data)
    np.testing.assert_array_equal(found.valid, expected.valid)
    assert 0 < found.valid.sum() < found.valid.size
