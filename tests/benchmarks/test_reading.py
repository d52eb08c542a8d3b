"""The benchmark of reading, on a few pixels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import make_scenes
from benchmarks import reading
from benchmarks.reading import ENVI_AXES, GEOTIFF_OPTIONS, measure, write_layouts
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.window import Window


@pytest.fixture(scope="module")
def cube() -> np.ndarray:
    return (make_scenes.reflectance(70, 90, 40) * 1e4).astype(np.uint16)


def test_every_layout_holds_the_same_scene(cube: np.ndarray, tmp_path: Path) -> None:
    files = write_layouts(cube, tmp_path)
    assert len(files) == len(ENVI_AXES) + len(GEOTIFF_OPTIONS)
    for path in files.values():
        with open_scene(path) as reader:
            np.testing.assert_array_equal(reader.read(Window.of_shape(cube.shape[1:]), range(len(cube))).data, cube)


def test_it_states_each_layout_and_its_ratio_to_the_fastest_uncompressed_one(cube: np.ndarray, tmp_path: Path) -> None:
    found = measure(write_layouts(cube, tmp_path), rounds=1)
    layouts = found["layouts"].values()
    for name in ("reduce", "fit"):
        fastest = min(entry[f"{name}_s"] for entry in layouts if not entry["compressed"])
        for entry in layouts:
            assert entry[f"{name}_ratio"] == pytest.approx(entry[f"{name}_s"] / fastest)
    for which, compressed in (("uncompressed", False), ("compressed", True)):
        ratios = [
            entry[f"{name}_ratio"]
            for entry in layouts
            if entry["compressed"] is compressed
            for name in ("reduce", "fit")
        ]
        assert found["worst_ratio"][which] == max(ratios)
    json.dumps(found)


def test_the_scene_has_several_blocks_of_each_kind() -> None:
    for options in GEOTIFF_OPTIONS.values():
        assert reading.SHAPE[1] > options.get("blockxsize", 0)
