"""A finished raster is read back: whatever differs from what was to be written is an error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from hsi_engine.io.maps.class_map import NumberMapWriter
from hsi_engine.io.maps.raster_check import check_copy, check_raster
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import TilePlan, Window

GRID = Grid(crs=None, transform=Affine(30, 0, 0, 0, -30, 0), shape=(150, 90))
PIECES = list(TilePlan(shape=GRID.shape, strip_rows=64, tile_cols=64))


@pytest.fixture
def data() -> np.ndarray:
    numbers = np.random.default_rng(1).random((2, *GRID.shape), np.float32)
    numbers[:, 40:60, 20:30] = np.nan
    return numbers


@pytest.fixture
def path(tmp_path: Path, data: np.ndarray) -> Path:
    with NumberMapWriter(tmp_path / "c.tif", GRID, ["a", "b"], tile=64) as writer:
        writer.write(Window.of_shape(GRID.shape), data)
    return tmp_path / "c.tif"


def check(path: Path, data: np.ndarray, factors: list[int]) -> None:
    check_raster(path, PIECES, lambda window: data[(slice(None), *window.slices())], factors)


def test_what_was_to_be_written_passes(path: Path, data: np.ndarray) -> None:
    check(path, data, [2, 4])


def test_one_other_pixel_is_found(path: Path, data: np.ndarray) -> None:
    data[1, 100, 70] += 0.25
    with pytest.raises(OSError, match="from row 64 and column 64 on cannot be read back"):
        check(path, data, [2, 4])


def test_missing_overviews_are_found(path: Path, data: np.ndarray) -> None:
    with pytest.raises(
        OSError,
        match="of its overviews 75 × 45, 38 × 23 and 19 × 12 pixels only 75 × 45 and 38 × 23 pixels were written",
    ):
        check(path, data, [2, 4, 8])


def test_an_overview_whose_end_is_missing_is_found(path: Path, data: np.ndarray) -> None:
    with rasterio.open(path) as file:
        ends = {level: int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=2, ovr=level)) for level in (0, 1)}
    assert ends[1] > ends[0], "the last block of the smallest overview comes last"
    path.write_bytes(path.read_bytes()[: ends[1] + 10])
    with pytest.raises(OSError, match="the overview of 38 × 23 pixels is not complete"):
        check(path, data, [2, 4])


@pytest.mark.parametrize("shape", [(1200, 650), (650, 1200), (1250, 70), (321, 1999)])
def test_sizes_at_which_gdal_names_another_factor_pass(tmp_path: Path, shape: tuple[int, int]) -> None:
    """GDAL calls the overview of 650 columns that is smaller by 32, and has 21, smaller by 31."""
    grid = Grid(crs=None, transform=GRID.transform, shape=shape)
    numbers = np.random.default_rng(1).integers(0, 9, (1, *shape)).astype(np.float32)
    with NumberMapWriter(tmp_path / "c.tif", grid, ["a"], tile=64) as writer:
        writer.write(Window.of_shape(shape), numbers)
    with rasterio.open(tmp_path / "c.tif") as file:
        assert len(file.overviews(1)) == 5
        assert (file.read() == numbers).all()
    copy = tmp_path / "copy.tif"
    copy.write_bytes((tmp_path / "c.tif").read_bytes())
    check_copy(copy, tmp_path / "c.tif", TilePlan(shape=shape, strip_rows=64, tile_cols=64), lambda: None)
