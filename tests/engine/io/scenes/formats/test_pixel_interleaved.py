"""Bands of GeoTIFFs that store the bands of a pixel together: any of them, in any order, in one pass over the file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.formats import pixel_interleaved
from hsi_engine.io.scenes.formats.pixel_interleaved import read_pixel_interleaved
from hsi_engine.io.scenes.scene import SceneReader, describe_scene
from hsi_engine.pixels.window import Window

ROWS, COLS, BANDS = 70, 45, 6
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)
CUBE = np.random.default_rng(3).integers(0, 60_000, (BANDS, ROWS, COLS), dtype=np.uint16)
TILES = {"tiled": True, "blockxsize": 32, "blockysize": 16}


def write(path: Path, **options: Any) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", count=BANDS, height=ROWS, width=COLS, dtype="uint16", crs="EPSG:32633",
        transform=make_scenes.NORTH_UP, **options,
    ) as target:  # fmt: skip
        target.write(CUBE)
    return path


class RecordingDataset:
    """Stands for an open dataset, and keeps which bands and rows are read from it."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.reads: list[tuple[list[int], int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)

    def read(self, indexes: list[int], *, window: Any, out: np.ndarray) -> None:
        self.reads.append((indexes, window.row_off, window.height))
        self._dataset.read(indexes, window=window, out=out)


@pytest.mark.parametrize("layout", [{}, TILES], ids=["strips", "tiles"])
@pytest.mark.parametrize("bands", [range(BANDS), [0, 1, 4], [5, 2, 3], [2]], ids=str)
@pytest.mark.parametrize(
    "window", [WHOLE, Window(row=13, col=7, height=40, width=30)], ids=["whole", "across the blocks"]
)
def test_any_bands_are_picked_from_one_pass_over_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: dict[str, Any], bands: Any, window: Window
) -> None:
    monkeypatch.setattr(pixel_interleaved, "_PICK_BYTES", 12 * COLS * BANDS * 2)
    path = write(tmp_path / "scene.tif", interleave="pixel", **layout)
    with rasterio.Env(GTIFF_DIRECT_IO="YES"), rasterio.open(path) as dataset:
        recorded = RecordingDataset(dataset)
        found = read_pixel_interleaved(recorded, window, bands)
    np.testing.assert_array_equal(found, CUBE[list(bands)][(slice(None), *window.slices())])
    assert found.dtype == CUBE.dtype
    assert found.strides[0] == CUBE.itemsize
    assert {tuple(indexes) for indexes, _, _ in recorded.reads} == {tuple(range(1, BANDS + 1))}
    rows = [row for _, top, height in recorded.reads for row in range(top, top + height)]
    assert rows == list(range(window.row, window.row_end))
    assert len(recorded.reads) == 1 if bands == range(BANDS) else len(recorded.reads) > 1


@pytest.mark.parametrize("compress", ["none", "deflate"])
@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize("layout", [{}, TILES], ids=["strips", "tiles"])
def test_layouts_hold_the_same_scene(tmp_path: Path, compress: str, interleave: str, layout: dict[str, Any]) -> None:
    path = write(tmp_path / "scene.tif", interleave=interleave, compress=compress, nodata=CUBE[3, 9, 8], **layout)
    bands = [4, 0, 3]
    valid = (CUBE[bands] != CUBE[3, 9, 8]).all(axis=0)
    with SceneReader(describe_scene(path)) as reader:
        block = reader.read(WHOLE, bands)
    np.testing.assert_array_equal(block.valid, valid)
    np.testing.assert_array_equal(block.data, np.where(valid, CUBE[bands], 0))


@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize("layout", [{}, TILES], ids=["strips", "tiles"])
def test_a_file_that_is_cut_while_it_is_open_is_no_scene_of_zeros(
    tmp_path: Path, interleave: str, layout: dict[str, Any]
) -> None:
    path = write(tmp_path / "scene.tif", interleave=interleave, **layout)
    with SceneReader(describe_scene(path)) as reader:
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(SceneError, match=r"Reading rows 0–69, columns 0–44 of .* failed") as caught:
            reader.read(WHOLE, range(BANDS))
    assert caught.value.code == "scene.read_failed"


@pytest.mark.parametrize("interleave", ["band", "pixel"])
def test_blocks_that_were_never_written_are_nodata(tmp_path: Path, interleave: str) -> None:
    path = tmp_path / "sparse.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=BANDS, height=ROWS, width=COLS, dtype="uint16", crs="EPSG:32633",
        transform=make_scenes.NORTH_UP, interleave=interleave, SPARSE_OK=True, nodata=7, **TILES,
    ) as target:  # fmt: skip
        target.write(np.full((BANDS, 16, 32), 9, np.uint16), window=rasterio.windows.Window(0, 16, 32, 16))
    written = np.zeros((ROWS, COLS), bool)
    written[16:32, :32] = True
    with SceneReader(describe_scene(path)) as reader:
        block = reader.read(WHOLE, [1, 4])
    np.testing.assert_array_equal(block.valid, written)
    np.testing.assert_array_equal(block.data, np.where(written, np.float32(9), 0)[None].repeat(2, axis=0))
