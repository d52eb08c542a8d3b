"""Windows along the blocks of a file: whole blocks, parts of one block in a row, and each block read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

import make_scenes
from hsi_engine.inference.strips import reduced_strips
from hsi_engine.io.scenes.block_windows import block_windows
from hsi_engine.io.scenes.scene import SceneReader, describe_scene, find_usable_bands
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.fitting import fit_preprocessing
from hsi_engine.reporting import SilentReporter

ROWS, COLS, BANDS = 70, 90, 6
edges = st.integers(1, 60)


@given(shape=st.tuples(edges, edges), block=st.tuples(edges, edges), max_pixels=st.integers(1, 4000))
def test_windows_cover_the_scene_once_and_follow_the_blocks(
    shape: tuple[int, int], block: tuple[int, int], max_pixels: int
) -> None:
    covered = np.zeros(shape, int)
    rows, cols = min(block[0], shape[0]), min(block[1], shape[1])
    finished: set[tuple[int, int]] = set()
    last: tuple[int, int] | None = None
    for window in block_windows(shape, block, max_pixels):
        covered[window.slices()] += 1
        assert window.col % cols == 0
        assert window.height * window.width <= max_pixels or window.height == 1
        if rows * cols <= max_pixels:
            assert window.row % rows == 0
            assert window.row_end % rows == 0 or window.row_end == shape[0]
            assert window.col_end % cols == 0 or window.col_end == shape[1]
        else:
            place = (window.row // rows, window.col // cols)
            assert place not in finished, "a block is left only when all of it was read"
            if last not in (None, place):
                finished.add(last)
            last = place
            assert window.row_end <= (place[0] + 1) * rows
            assert window.width <= cols
    assert (covered == 1).all()


class RecordingDataset:
    """Stands for an open dataset, and keeps the windows that are read from it."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.windows: list[Window] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)

    def read(self, indexes: Any, window: Any, **options: Any) -> Any:
        self.windows.append(Window(row=window.row_off, col=window.col_off, height=window.height, width=window.width))
        return self._dataset.read(indexes, window=window, **options)


def reads_of_blocks(reader: SceneReader, recorded: RecordingDataset) -> np.ndarray:
    """How often each block of the file was read whole, (block rows, block columns)."""
    shape, block = reader.scene.grid.shape, reader.scene.block_shape
    counts = np.zeros([-(-edge // b) for edge, b in zip(shape, block, strict=True)], int)
    for window in recorded.windows:
        assert window.row % block[0] == window.col % block[1] == 0, "windows begin with a block"
        assert window.row_end % block[0] == 0 or window.row_end == shape[0], "and end with one"
        assert window.col_end % block[1] == 0 or window.col_end == shape[1]
        counts[
            window.row // block[0] : -(-window.row_end // block[0]),
            window.col // block[1] : -(-window.col_end // block[1]),
        ] += 1
    return counts


def assert_read_once(reader: SceneReader, recorded: RecordingDataset) -> None:
    """Each pixel; and each block as a whole, but for plain tiles, of which GDAL reads parts as they are."""
    pixels = np.zeros(reader.scene.grid.shape, int)
    for window in recorded.windows:
        pixels[window.slices()] += 1
    assert (pixels == 1).all()
    if recorded.compression is not None or not recorded.profile["tiled"]:
        assert (reads_of_blocks(reader, recorded) == 1).all()


LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {"blockysize": 7},
    "one strip": {"blockysize": ROWS, "compress": "deflate"},
    "tiles": {"tiled": True, "blockxsize": 32, "blockysize": 16},
    "large tiles": {"tiled": True, "blockxsize": 64, "blockysize": 64},
    "a tile larger than the scene": {"tiled": True, "blockxsize": 128, "blockysize": 128},
}


@pytest.mark.parametrize("compress", ["none", "deflate"])
@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("max_pixels", [65_536, 1500, 300], ids=["all at once", "some blocks", "parts of blocks"])
def test_each_block_of_a_geotiff_is_read_once_in_a_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, interleave: str, compress: str, max_pixels: int
) -> None:
    cube = (make_scenes.reflectance(ROWS, COLS, BANDS) * 1e4).astype(np.uint16)
    path = tmp_path / "scene.tif"
    options = {"compress": compress, **LAYOUTS[layout]}
    with rasterio.open(
        path, "w", driver="GTiff", count=BANDS, height=ROWS, width=COLS, dtype="uint16", interleave=interleave,
        crs="EPSG:32633", transform=make_scenes.NORTH_UP, **options,
    ) as target:  # fmt: skip
        target.write(cube)
    monkeypatch.setattr("hsi_engine.inference.strips._BLOCK_PX", max_pixels)
    reporter = SilentReporter()
    with SceneReader(describe_scene(path)) as reader:
        usable = find_usable_bands(reader, reporter)
        recorded = RecordingDataset(reader._source._dataset)
        reader._source._dataset = recorded
        preprocessing = fit_preprocessing(
            reader,
            usable,
            [ReductionSettings(kind="pca", n_components=3, whiten=1.0)],
            reporter=reporter,
            max_pixels=max_pixels,
        )
        assert_read_once(reader, recorded)
        recorded.windows.clear()
        components = np.concatenate(
            [
                strip.padded[:, 4:-4, 4:-4].copy()
                for strip in reduced_strips(reader, preprocessing, usable.indices, radius=4, strip_rows=16)
            ],
            axis=1,
        )
        assert_read_once(reader, recorded)
    np.testing.assert_allclose(
        components,
        preprocessing.branches[0].reduction.transform(cube.astype(np.float32), np.ones((ROWS, COLS), bool)),
        atol=1e-4,
    )
