"""A copy of a scene, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import Cancelled, OutputError
from hsi_engine.io.scenes.output.scene_writer import BLOCK_PX, SceneWriter
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.io.scenes.source import Scene
from hsi_engine.pixels.window import TilePlan, Window

ROWS, COLS, BANDS = 140, 150, 4
MakeScene = Callable[..., Path]


def quiet(share: float) -> None:
    """A progress that nobody hears."""


def goes_on() -> None:
    """Nobody cancels."""


@pytest.fixture
def source(make_scene: MakeScene) -> Path:
    return make_scene(rows=ROWS, cols=COLS, bands=BANDS, bad_bands=[2], offset=0.01)


def numbers_of(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as file:
        numbers: npt.NDArray[Any] = file.read()
    return numbers


def copy(
    scene: Scene, numbers: npt.NDArray[Any], path: Path, valid: npt.NDArray[np.bool_] | None = None
) -> SceneWriter:
    writer = SceneWriter(path, scene, nodata=scene.nodata, mask=valid is not None, tags={"processing": "copied"})
    mask = np.ones(numbers.shape[1:], bool) if valid is None else valid
    with writer:
        for window in TilePlan(shape=scene.grid.shape, strip_rows=BLOCK_PX, tile_cols=BLOCK_PX):
            part = window.slices()
            writer.write(window, numbers[(slice(None), *part)], mask[part])
    return writer


def test_everything_a_scene_says_is_in_the_copy(source: Path, tmp_path: Path) -> None:
    scene = describe_scene(source)
    copy(scene, numbers_of(source), tmp_path / "copy.tif").check(goes_on, quiet)
    found = describe_scene(tmp_path / "copy.tif")
    for name in ("grid", "bands", "dtype", "nodata", "band_nodata", "scale", "offset", "warnings"):
        assert getattr(found, name) == getattr(scene, name), name
    np.testing.assert_array_equal(numbers_of(tmp_path / "copy.tif"), numbers_of(source))
    with rasterio.open(tmp_path / "copy.tif") as file:
        assert file.tags()["processing"] == "copied"
        assert file.block_shapes[0] == (BLOCK_PX, BLOCK_PX)


def test_a_mask_is_in_the_file_itself(source: Path, tmp_path: Path) -> None:
    scene = replace(describe_scene(source), nodata=None)
    valid = np.random.default_rng(0).random((ROWS, COLS)) > 0.2
    copy(scene, numbers_of(source), tmp_path / "copy.tif", valid).check(goes_on, quiet)
    assert [path.name for path in tmp_path.iterdir() if "msk" in path.name] == []
    with open_scene(tmp_path / "copy.tif") as reader:
        np.testing.assert_array_equal(reader.read(Window.of_shape((ROWS, COLS)), [0]).valid, valid)


def test_transparency_stays_transparency(source: Path, tmp_path: Path) -> None:
    scene = replace(describe_scene(source), transparent=(BANDS - 1,))
    copy(scene, numbers_of(source), tmp_path / "copy.tif").check(goes_on, quiet)
    assert describe_scene(tmp_path / "copy.tif").transparent == (BANDS - 1,)


def test_a_block_that_went_missing_is_noticed(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.tif"
    writer = copy(describe_scene(source), numbers_of(source), path)
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(OutputError, match=r"copy\.tif' cannot be written"):
        writer.check(goes_on, quiet)


def test_other_pixels_than_were_written_are_noticed(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.tif"
    writer = copy(describe_scene(source), numbers_of(source), path)
    with rasterio.open(path, "r+") as file:
        file.write(np.array([[7]], np.int16), 2, window=((139, 140), (149, 150)))
    with pytest.raises(OutputError, match="row 128 and column 128 cannot be read back"):
        writer.check(goes_on, quiet)


def test_checking_can_be_cancelled(source: Path, tmp_path: Path) -> None:
    writer = copy(describe_scene(source), numbers_of(source), tmp_path / "copy.tif")

    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        writer.check(cancelled, quiet)


@pytest.mark.parametrize(("row", "col", "height", "width"), [(0, 0, 64, 128), (1, 0, 128, 128), (128, 128, 12, 20)])
def test_only_whole_blocks_are_taken(row: int, col: int, height: int, width: int, source: Path, tmp_path: Path) -> None:
    scene = describe_scene(source)
    window = Window(row=row, col=col, height=height, width=width)
    numbers = np.zeros((BANDS, height, width), np.int16)
    with (
        SceneWriter(tmp_path / "copy.tif", scene, nodata=None) as writer,
        pytest.raises(ValueError, match="are not the block at"),
    ):
        writer.write(window, numbers, np.ones((height, width), bool))


def test_a_folder_that_is_gone(source: Path, tmp_path: Path) -> None:
    scene = describe_scene(source)
    with pytest.raises(OutputError, match="cannot be written"):
        copy(scene, numbers_of(source), tmp_path / "missing" / "copy.tif")


def test_the_scene_of_the_tests_is_cut_into_several_blocks() -> None:
    assert min(ROWS, COLS) > BLOCK_PX
    assert make_scenes.BANDS != BANDS
