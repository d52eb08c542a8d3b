"""The EnMAP scene next to a multispectral raster from the command line: maps from both, from either, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine

import make_scenes
import second_rasters

Hsi = Callable[..., dict[str, Any]]

# 0-based, first and end: blue, green, red, near infrared and twice short-wave infrared.
GROUPS = ((10, 14), (24, 28), (40, 44), (75, 80), (140, 146), (180, 186))
HELD_BACK = 2


def values(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as opened:
        return opened.read(1)


def write_second(path: Path, scene: Path) -> Path:
    with rasterio.open(scene) as opened:
        cube = opened.read(masked=True).astype(np.float32).filled(np.nan)
        place = {"crs": opened.crs, "transform": opened.transform}
        size = {"height": opened.height, "width": opened.width, "count": len(GROUPS)}
    with rasterio.open(path, "w", driver="GTiff", dtype="float32", nodata=np.nan, **place, **size) as target:
        target.write(np.stack([cube[first:end].mean(axis=0) for first, end in GROUPS]))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


def test_maps_from_either_source_are_nearly_as_good_as_from_both(enmap: Path, folder: Path, hsi: Hsi) -> None:
    scene, model = enmap / "scene.tif", folder / "either.hsimodel"
    second = write_second(folder / "multispectral.tif", scene)
    hsi(
        "train", "--scene", scene, "--second", second, "--labels", enmap / "labels.tif", "--split-source", enmap / "split.tif",
        "--model", "two_sources", "--modality-dropout", 0.3, "--epochs", 6, "--no-smooth", "--output", model,
    )  # fmt: skip
    ways = {
        "both": ("--scene", scene, "--second", second),
        "scene": ("--scene", scene),
        "second": ("--scene", second, "--only-second"),
    }
    labels, tested = values(enmap / "labels.tif"), values(enmap / "split.tif") == HELD_BACK
    accuracy = {}
    for name, words in ways.items():
        mapped = hsi("classify", *words, "--model", model, "--output", folder / f"{name}.tif")
        found = values(folder / f"{name}.tif")
        known = tested & (labels > 0) & (found > 0)
        accuracy[name] = float((found[known] == labels[known]).mean())
        assert any("alone" in note for note in mapped["notes"]) is (name != "both")
    assert accuracy["both"] > 0.6, accuracy
    assert min(accuracy["scene"], accuracy["second"]) > accuracy["both"] - 0.1, accuracy


def test_one_source_and_other_pixels_are_refused(make_scene: Callable[..., Path], hsi: Hsi) -> None:
    scene = make_scene(bands=40)
    folder = scene.parent
    labels = make_scenes.write_labels(folder / "labels.tif", like=scene)
    second = second_rasters.write_second(folder / "second.tif", like=scene)
    model, no_map = folder / "both.hsimodel", folder / "no.tif"
    training = ("train", "--scene", scene, "--labels", labels, "--model", "two_sources")
    hsi(*training, "--second", second, "--split", "none", "--epochs", 1, "--output", model)
    said = hsi("classify", "--scene", scene, "--model", model, "--output", no_map, expect=6)
    assert "trained with a second raster of 2 bands, and none is given" in said["error"]["message"]
    said = hsi("classify", "--scene", second, "--only-second", "--model", model, "--output", no_map, expect=6)
    assert "cannot map from the second raster alone" in said["error"]["message"]
    with rasterio.open(scene) as opened:
        half_a_column = opened.transform @ Affine.translation(0.5, 0)
    shifted = second_rasters.write_second(folder / "shifted.tif", like=scene, transform=half_a_column)
    said = hsi(*training, "--second", shifted, "--output", folder / "no.hsimodel", expect=6)
    assert "shifted by 0.50 columns and 0.00 rows" in said["error"]["message"]
    assert "--resample-second" in said["error"]["hint"]
    assert not no_map.exists()
    assert not (folder / "no.hsimodel").exists()
