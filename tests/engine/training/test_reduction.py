"""Of a large scene only what patches of labelled pixels show is read, and that as if all of it had been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine

from hsi_engine.data import page_store
from hsi_engine.errors import ParameterError
from hsi_engine.io.scene import SceneBlock, SceneReader, describe_scene, find_usable_bands
from hsi_engine.labelled_pixels import LabelledPixels
from hsi_engine.preprocess.chain import Preprocessing, fit_preprocessing
from hsi_engine.reporting import SilentReporter
from hsi_engine.training import reduction
from hsi_engine.training.reduction import check_patch_fits, reduce_scene
from hsi_engine.window import Window

SHAPE, BANDS, PATCH = (190, 330), 4, 7


class NotingReader(SceneReader):
    """Keeps which windows are read."""

    def __init__(self, path: Path) -> None:
        super().__init__(describe_scene(path))
        self.windows: list[Window] = []

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        self.windows.append(window)
        return super().read(window, bands)


class NotingReporter(SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)


@pytest.fixture(params=["tiles", "rows"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NotingReader]:
    """A scene of many blocks with a hole without data at rows and columns 60 to 70."""
    data = np.random.default_rng(0).integers(1, 500, (BANDS, *SHAPE)).astype(np.uint16)
    data[:, 60:71, 60:71] = 0
    layout = {"tiled": True, "blockxsize": 32, "blockysize": 32} if request.param == "tiles" else {"blockysize": 4}
    path = tmp_path / "scene.tif"
    profile = {"driver": "GTiff", "count": BANDS, "height": SHAPE[0], "width": SHAPE[1], "dtype": "uint16", "nodata": 0}
    place = {"crs": "EPSG:32633", "transform": Affine(30, 0, 364_000, 0, -30, 5_809_000)}
    with rasterio.open(path, "w", **profile, **place, **layout) as file:
        file.write(data)
    with NotingReader(path) as opened:
        yield opened


@pytest.fixture
def preprocessing(reader: NotingReader) -> Preprocessing:
    usable = find_usable_bands(reader, SilentReporter())
    fitted = fit_preprocessing(reader, usable, n_components=3, whiten=True, reporter=SilentReporter())
    reader.windows.clear()
    return fitted


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "_MAX_BLOCK_PX", 2048)


def labels(*places: tuple[int, int]) -> LabelledPixels:
    values = np.zeros(SHAPE, np.int32)
    for row, col in places:
        values[row : row + 3, col : col + 2] = 1
    return LabelledPixels.of_rasters(values, values)


def reduced(reader: SceneReader, preprocessing: Preprocessing, pixels: LabelledPixels, folder: Path) -> tuple:
    return reduce_scene(
        reader, preprocessing, tuple(range(BANDS)), pixels, patch_size=PATCH, folder=folder, reporter=SilentReporter()
    )


def test_patches_and_validity_are_those_of_the_whole_scene(
    reader: NotingReader, preprocessing: Preprocessing, tmp_path: Path
) -> None:
    pixels = labels((0, 0), (59, 62), (126, 190), (187, 328))
    cube, valid = reduced(reader, preprocessing, pixels, tmp_path)
    block = reader.read(Window.of_shape(SHAPE), range(BANDS))
    assert valid.tolist() == block.valid[pixels.rows, pixels.cols].tolist()
    assert 0 < valid.sum() < len(pixels)
    padded = np.pad(preprocessing.apply(block), ((0, 0), (PATCH // 2,) * 2, (PATCH // 2,) * 2))
    places = zip(pixels.rows, pixels.cols, strict=True)
    expected = np.stack([padded[:, row : row + PATCH, col : col + PATCH] for row, col in places])
    patches = cube.gather(*(torch.from_numpy(at).long() for at in (pixels.rows, pixels.cols)))
    np.testing.assert_allclose(patches, expected, atol=1e-5)


def test_blocks_are_read_once_and_only_where_a_page_with_labels_lies(
    reader: NotingReader, preprocessing: Preprocessing, tmp_path: Path
) -> None:
    reduced(reader, preprocessing, labels((5, 5), (40, 50), (150, 20)), tmp_path)
    read = np.zeros(SHAPE, int)
    for window in reader.windows:
        read[window.slices()] += 1
    assert read.max() == 1
    pages = [Window(row=0, col=0, height=64, width=64), Window(row=128, col=0, height=64, width=64)]
    reached = [page.grow(PATCH // 2).clip(SHAPE) for page in pages]
    assert all(any(not w.intersect(page).is_empty for page in reached) for w in reader.windows)
    assert all(read[page.slices()].all() for page in reached)
    assert not read[100:120, 130:].any()


def test_labels_on_too_much_of_a_scene_go_to_a_file_and_this_is_said(
    reader: NotingReader, preprocessing: Preprocessing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = labels((0, 0), (126, 190))
    in_memory, _ = reduced(reader, preprocessing, pixels, tmp_path)
    monkeypatch.setattr(page_store, "IN_MEMORY_BYTES", 1000)
    reporter, before = NotingReporter(), sorted(tmp_path.iterdir())
    cube, _ = reduce_scene(
        reader, preprocessing, tuple(range(BANDS)), pixels, patch_size=PATCH, folder=tmp_path, reporter=reporter
    )
    assert cube.in_file
    assert torch.equal(cube.pages, in_memory.pages)
    assert ["temporary file beside the model" in warning for warning in reporter.warnings] == [True]
    assert sorted(tmp_path.iterdir()) == before


def test_patches_larger_than_the_scene_are_refused_and_wide_ones_noted() -> None:
    with pytest.raises(ParameterError, match="25×25 pixels is larger than the whole scene of 9×20"):
        check_patch_fits(25, (9, 20))
    assert "reaches beyond the scene of 9×40 pixels" in check_patch_fits(25, (9, 40))[0]
    assert check_patch_fits(25, (25, 25)) == ()
