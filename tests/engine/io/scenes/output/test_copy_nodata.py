"""Which number means no data in a copy of a scene."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import hsi_engine
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.output.copy_nodata import nodata_of_copy
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.window import Window

ROWS, COLS = 20, 31


def write_bands(folder: Path, numbers: npt.NDArray[np.generic], nodata: list[float | None]) -> Path:
    """A VRT whose bands declare these numbers, each for itself."""
    profile = {"driver": "GTiff", "count": len(numbers), "height": ROWS, "width": COLS, "dtype": numbers.dtype}
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(30, 0, 5e5, 0, -30, 5e6)}
    with rasterio.open(folder / "bands.tif", "w", **profile, **place) as file:
        file.write(numbers)
    rasterio.shutil.copy(folder / "bands.tif", folder / "scene.vrt", driver="VRT")
    text = (folder / "scene.vrt").read_text(encoding="utf-8")
    for band, value in enumerate(nodata, start=1):
        if value is not None:
            start = text.index(">", text.index(f'band="{band}"')) + 1
            text = f"{text[:start]}<NoDataValue>{value}</NoDataValue>{text[start:]}"
    (folder / "scene.vrt").write_text(text, encoding="utf-8")
    return folder / "scene.vrt"


def numbers_of(dtype: str) -> npt.NDArray[np.generic]:
    return np.random.default_rng(0).integers(1, 100, (4, ROWS, COLS)).astype(dtype)


def found(scene: Path) -> int | float | None:
    with open_scene(scene) as reader:
        return nodata_of_copy(reader, lambda: None)


def test_it_is_that_of_all_bands(tmp_path: Path) -> None:
    assert found(write_bands(tmp_path, numbers_of("int16"), [-7] * 4)) == -7


def test_it_is_none_where_no_band_has_one(tmp_path: Path) -> None:
    assert found(write_bands(tmp_path, numbers_of("int16"), [None] * 4)) is None


@pytest.mark.parametrize("nodata", [[0, 0, -9999, -9999], [-9999, 0, None, None]])
def test_a_number_that_is_data_in_another_band_is_none_of_the_copy(tmp_path: Path, nodata: list[float | None]) -> None:
    numbers = numbers_of("int16")
    numbers[0, 2, :5] = 0
    numbers[2, 3, :7] = 0
    assert found(write_bands(tmp_path, numbers, nodata)) == -9999


def test_any_number_that_is_free_serves(tmp_path: Path) -> None:
    numbers = np.resize(np.arange(256, dtype=np.uint8), (4, ROWS, COLS))
    numbers[numbers == 77] = 78
    assert found(write_bands(tmp_path, numbers, [0, None, 255, 5])) == 77


def test_bands_of_real_numbers_get_nan(tmp_path: Path) -> None:
    assert math.isnan(found(write_bands(tmp_path, numbers_of("float32"), [0, -9999, -9999, None])) or 0)


def test_bands_that_hold_every_number_are_refused(tmp_path: Path) -> None:
    numbers = np.resize(np.arange(256, dtype=np.uint8), (4, ROWS, COLS))
    with pytest.raises(SceneError, match=r"declare different numbers for no data.*0, 255, 5"):
        found(write_bands(tmp_path, numbers, [0, None, 255, 5]))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32"])
def test_pixels_of_an_imported_scene_have_data_where_those_of_the_scene_have(tmp_path: Path, dtype: str) -> None:
    numbers = numbers_of(dtype)
    numbers[:, 4:8, 3:9] = 0
    numbers[2, 3, :7] = 100
    scene = write_bands(tmp_path, numbers, [0, 100, 100, None])

    hsi_engine.import_scene(scene=scene, output=tmp_path / "copy.tif")

    with open_scene(scene) as before, open_scene(tmp_path / "copy.tif") as after:
        window = Window.of_shape((ROWS, COLS))
        expected, valid = before.read_each(window, range(4))
        copied, kept = after.read_each(window, range(4))
    np.testing.assert_array_equal(kept, valid)
    np.testing.assert_array_equal(copied[kept], expected[valid])
