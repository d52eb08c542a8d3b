"""Damaged files beside a raster, which GDAL leaves out without a word."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from make_scenes import COLS, ROWS

MakeScene = Callable[..., Path]


@pytest.fixture
def masked(make_scene: MakeScene) -> Path:
    """A scene with a mask beside it, which leaves the labelled pixels."""
    path = make_scene("scene.tif", nodata=None, with_hole=False)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK="NO"), rasterio.open(path, "r+") as file:
        file.write_mask(make_scenes.labelled() > 0)
    return path


def test_a_whole_mask_counts(masked: Path) -> None:
    with open_scene(masked) as reader:
        valid = reader.read(Window(row=0, col=0, height=ROWS, width=COLS), [0]).valid
    np.testing.assert_array_equal(valid, make_scenes.labelled() > 0)


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_cut_mask_is_refused(masked: Path, share: float) -> None:
    mask = masked.with_name("scene.tif.msk")
    os.truncate(mask, int(mask.stat().st_size * share))
    with pytest.raises(SceneError, match=r"The mask scene\.tif\.msk of .* is damaged.*would count as data"):
        describe_scene(masked)


def test_a_mask_of_another_size_is_refused(masked: Path) -> None:
    options = {
        "driver": "GTiff",
        "count": 1,
        "height": 10,
        "width": 12,
        "dtype": "uint8",
        "transform": make_scenes.NORTH_UP,
    }
    with rasterio.open(masked.with_name("scene.tif.msk"), "w", **options) as file:
        file.write(np.ones((10, 12), np.uint8), 1)
    with pytest.raises(SceneError, match=r"has 10×12 pixels instead of 37×29"):
        describe_scene(masked)


def test_damaged_metadata_are_refused(scene_path: Path) -> None:
    scene_path.with_name(f"{scene_path.name}.aux.xml").write_text("<PAMDataset><PAMRasterBand band='1'>")
    with pytest.raises(
        SceneError, match=r"\.aux\.xml next to .* is damaged: it is not XML .*class names in it would be lost"
    ):
        describe_scene(scene_path)


@pytest.mark.parametrize("name", ["project.qgz", "layer.qlr", "layer.lyrx"])
def test_a_project_or_layer_file_is_called_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<qlr/>")
    with pytest.raises(SceneError, match="is a project or layer file, which holds no data"):
        describe_scene(tmp_path / name)
