from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from hsi_engine.errors import OutputError
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.io.scenes.writer import write_scene
from hsi_engine.pixels.grid import Grid
from hsi_engine.spectrum.bands import BandTable

GRID = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364095, 0, -30, 5809965), shape=(7, 5))
BANDS = BandTable(
    names=("blue", "red", "haze"),
    wavelength_nm=(470.25, 660.123, None),
    fwhm_nm=(8.5, None, None),
    good=(True, True, False),
)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", "float64"])
def test_scene_reads_back_as_it_was_written(tmp_path: Path, dtype: str) -> None:
    data = np.random.default_rng(3).integers(0, 200, (3, 7, 5)).astype(dtype)
    path = tmp_path / "scene.tif"
    write_scene(path, data, grid=GRID, bands=BANDS, nodata=0, tags={"source": "a test"})

    scene = describe_scene(path)
    assert scene.bands == BANDS
    assert scene.grid.explain_mismatch(GRID) == ""
    assert (scene.dtype, scene.nodata) == (dtype, 0)
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(file.read(), data)
        assert file.tags()["source"] == "a test"


def test_scene_on_no_map_is_written_without_a_warning(tmp_path: Path) -> None:
    nowhere = Grid(crs=None, transform=Affine.identity(), shape=(7, 5))
    path = tmp_path / "scene.tif"
    write_scene(path, np.ones((3, 7, 5), np.uint8), grid=nowhere, bands=BANDS)
    assert not describe_scene(path).grid.is_georeferenced


def test_swapped_axes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit 3 bands"):
        write_scene(tmp_path / "scene.tif", np.ones((7, 5, 3), np.uint8), grid=GRID, bands=BANDS)


def test_missing_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Scene '.*scene\.tif' cannot be written"):
        write_scene(tmp_path / "nowhere" / "scene.tif", np.ones((3, 7, 5), np.uint8), grid=GRID, bands=BANDS)
