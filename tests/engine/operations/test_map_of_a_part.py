"""A map of a part of a scene: the pixels of the whole map, for less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

import hsi_engine
import make_scenes
from classifiers import trained
from fitted import fit, pca
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings, write_bundle
from hsi_engine.io.scene import open_scene
from hsi_engine.legend import Legend
from hsi_engine.window import Window

ROWS, COLS, BANDS = 61, 47, 16
SIZE_M = 30.0
RASTERS = ("output", "confidence", "probabilities", "unsmoothed")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A scene, and a model with patches of 5 px whose smoothing reaches 4 px further."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    with open_scene(scene) as reader:
        preprocessing = fit(reader, pca(6), pca(3))
    network, options = trained("spectral_cnn", {}, n_components=6, patch_size=5, n_classes=4)
    member = Member(architecture="spectral_cnn", options=options, weights=network.state_dict(), patch_size=5, branch=0)
    bundle = ModelBundle(
        members=(member,),
        preprocessing=preprocessing,
        legend=Legend.of({2: "a", 5: "b", 11: "c", 300: "d"}),
        smoothing=SmoothingSettings(radius_px=2, epsilon=0.05, branch=1),
        training={"split": {}},
        metrics={},
    )
    write_bundle(bundle, folder / "m.hsimodel")
    return {"scene": scene, "model": folder / "m.hsimodel", "device": "cpu"}


@pytest.fixture(scope="module")
def whole(inputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("whole")
    return mapped(inputs, folder)[0]


def mapped(inputs: dict[str, Any], folder: Path, **options: Any) -> tuple[dict[str, np.ndarray], Any]:
    """The rasters by name, (bands, rows, cols), and the result of a map."""
    paths = {name: folder / f"{name}.tif" for name in RASTERS}
    result = hsi_engine.classify_scene(**inputs, **paths, **{"min_confidence": 0.35} | options)
    return {name: read(path) for name, path in paths.items()}, result


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


def extent_of(window: Window, inset: float = 0.0, transform: Affine = make_scenes.NORTH_UP) -> str:
    """The extent of some pixels, made smaller by a share of a pixel on each side."""
    corners = [
        transform @ (window.col + inset, window.row + inset),
        transform @ (window.col_end - inset, window.row_end - inset),
    ]
    (x1, y1), (x2, y2) = corners
    return ",".join(repr(float(v)) for v in (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))


def assert_is_part_of(part: dict[str, np.ndarray], whole: dict[str, np.ndarray], window: Window) -> None:
    for name in RASTERS:
        expected = whole[name][(slice(None), *window.slices())]
        if expected.dtype == np.float32:
            # Sums of a network come out a little different in a tile of another size.
            np.testing.assert_allclose(part[name], expected, rtol=0, atol=2e-5, err_msg=name)
        else:
            np.testing.assert_array_equal(part[name], expected, err_msg=name)


WINDOWS = {
    "in the middle": Window(row=11, col=9, height=23, width=17),
    "one pixel": Window(row=30, col=20, height=1, width=1),
    "upper left corner": Window(row=0, col=0, height=9, width=5),
    "lower right corner": Window(row=50, col=40, height=11, width=7),
    "a row": Window(row=44, col=0, height=1, width=COLS),
    "everything": Window(row=0, col=0, height=ROWS, width=COLS),
}


@pytest.mark.parametrize("tile_size", [None, 16])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_a_part_has_the_values_of_the_whole_map(
    inputs: dict[str, Any], whole: dict[str, np.ndarray], tmp_path: Path, window: Window, tile_size: int | None
) -> None:
    part, result = mapped(inputs, tmp_path, extent=extent_of(window), tile_size=tile_size)
    assert_is_part_of(part, whole, window)
    with rasterio.open(inputs["scene"]) as scene, rasterio.open(tmp_path / "output.tif") as file:
        assert file.crs == scene.crs
        assert file.transform.almost_equals(scene.transform @ Affine.translation(window.col, window.row))
    valid = np.isfinite(part["confidence"]).sum()
    classified = sum(c["pixels"] for c in result.classes)
    assert classified == (part["output"] > 0).sum()
    assert result.nodata_pixels == window.height * window.width - valid
    assert result.unclassified_pixels == valid - classified
    assert result.outside_pixels == 0


def test_the_tests_above_can_fail(whole: dict[str, np.ndarray]) -> None:
    """The model smooths, leaves pixels unclassified, and the scene has a hole."""
    assert (whole["output"] != whole["unsmoothed"]).any()
    assert np.isnan(whole["confidence"]).any()
    assert ((whole["output"] == 0) & np.isfinite(whole["confidence"])).any()
    assert len(np.unique(whole["output"])) > 2
