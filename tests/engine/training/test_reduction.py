"""Of a large scene only what patches of labelled pixels show is read, and that as if all of it had been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine

from fitted import BANDS as ALL_BANDS
from fitted import fit, pca
from hsi_engine.data import page_store
from hsi_engine.errors import ParameterError
from hsi_engine.io.scenes.scene import SceneBlock, SceneReader, describe_scene
from hsi_engine.pixels.labelled_pixels import LabelledPixels
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.reporting import SilentReporter
from hsi_engine.training import reduction
from hsi_engine.training.cubes import CubePlan, Cubes
from hsi_engine.training.reduction import check_patch_fits, reduce_scene

SHAPE, BANDS, PATCH = (190, 330), 4, 7
PLAN = CubePlan(patches={pca(3): PATCH})


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
    fitted = fit(reader, *PLAN.reductions)
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


def reduced(
    reader: SceneReader, preprocessing: Preprocessing, pixels: LabelledPixels, folder: Path, plan: CubePlan = PLAN
) -> tuple[Cubes, np.ndarray]:
    return reduce_scene(reader, preprocessing, plan, pixels, folder=folder, reporter=SilentReporter())


def positions(pixels: LabelledPixels) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(at).long() for at in (pixels.rows, pixels.cols))


def test_patches_and_validity_are_those_of_the_whole_scene(
    reader: NotingReader, preprocessing: Preprocessing, tmp_path: Path
) -> None:
    pixels = labels((0, 0), (59, 62), (126, 190), (187, 328))
    cubes, valid = reduced(reader, preprocessing, pixels, tmp_path)
    block = reader.read(Window.of_shape(SHAPE), range(BANDS))
    assert valid.tolist() == block.valid[pixels.rows, pixels.cols].tolist()
    assert 0 < valid.sum() < len(pixels)
    padded = np.pad(preprocessing.apply(block), ((0, 0), (PATCH // 2,) * 2, (PATCH // 2,) * 2))
    places = zip(pixels.rows, pixels.cols, strict=True)
    expected = np.stack([padded[:, row : row + PATCH, col : col + PATCH] for row, col in places])
    patches = cubes.of(pca(3), PATCH).gather(*positions(pixels))
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


def test_without_surroundings_only_what_lies_around_the_labels_is_read(reader: NotingReader, tmp_path: Path) -> None:
    plan = CubePlan(patches={ALL_BANDS: 1})
    preprocessing = fit(reader, *plan.reductions)
    reader.windows.clear()
    pixels = labels((5, 5), (40, 50), (59, 62), (187, 328))
    cubes, valid = reduced(reader, preprocessing, pixels, tmp_path, plan)
    read = np.zeros(SHAPE, int)
    for window in reader.windows:
        read[window.slices()] += 1
    block = reader.read(Window.of_shape(SHAPE), range(BANDS))
    assert read.max() == 1
    assert read[pixels.rows, pixels.cols].all()
    assert read.sum() < 0.05 * read.size
    assert valid.tolist() == block.valid[pixels.rows, pixels.cols].tolist()
    expected = preprocessing.apply(block)[:, pixels.rows, pixels.cols].T
    np.testing.assert_allclose(cubes.of(ALL_BANDS, 1).spectra(*positions(pixels)), expected, atol=1e-5)


def test_each_reduction_has_a_cube_and_all_are_filled_in_one_pass(reader: NotingReader, tmp_path: Path) -> None:
    brightness = ReductionSettings(kind="bands", normalisation="brightness")
    plan = CubePlan(patches={pca(3): 7, ALL_BANDS: 1, brightness: 3}).with_margin(2)
    assert list(plan.patches.values()) == [11, 5, 7]
    preprocessing = fit(reader, *plan.reductions)
    reader.windows.clear()
    pixels = labels((0, 0), (59, 62), (187, 328))
    cubes, _ = reduced(reader, preprocessing, pixels, tmp_path, plan)
    read = np.zeros(SHAPE, int)
    for window in reader.windows:
        read[window.slices()] += 1
    assert read.max() == 1
    components = preprocessing.apply(reader.read(Window.of_shape(SHAPE), range(BANDS)))
    for number, (wanted, largest) in enumerate(plan.patches.items()):
        assert cubes.branch_of(wanted) == number
        own = components[preprocessing.channels_of(number)]
        for patch in (1, largest):
            radius = patch // 2
            padded = np.pad(own, ((0, 0), (radius, radius), (radius, radius)))
            found = cubes.of(wanted, patch).gather(*positions(pixels))
            for patch_values, row, col in zip(found, pixels.rows, pixels.cols, strict=True):
                np.testing.assert_allclose(patch_values, padded[:, row : row + patch, col : col + patch], atol=1e-5)
        np.testing.assert_allclose(
            cubes.of(wanted, largest).spectra(*positions(pixels)), own[:, pixels.rows, pixels.cols].T, atol=1e-5
        )
        with pytest.raises(ValueError, match="do not fit pages with a margin"):
            cubes.of(wanted, largest + 2)


def test_labels_on_too_much_of_a_scene_go_to_a_file_and_this_is_said(
    reader: NotingReader, preprocessing: Preprocessing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = labels((0, 0), (126, 190))
    in_memory, _ = reduced(reader, preprocessing, pixels, tmp_path)
    monkeypatch.setattr(page_store, "IN_MEMORY_BYTES", 1000)
    reporter, before = NotingReporter(), sorted(tmp_path.iterdir())
    cubes, _ = reduce_scene(reader, preprocessing, PLAN, pixels, folder=tmp_path, reporter=reporter)
    (cube,) = cubes.by_branch
    assert cube.in_file
    assert torch.equal(cube.pages, in_memory.by_branch[0].pages)
    assert ["temporary file next to the model" in warning for warning in reporter.warnings] == [True]
    assert sorted(tmp_path.iterdir()) == before


def test_patches_larger_than_the_scene_are_refused_and_wide_ones_noted() -> None:
    with pytest.raises(ParameterError, match="25×25 pixels is larger than the whole scene of 9×20"):
        check_patch_fits(25, (9, 20))
    assert "reaches beyond the scene of 9×40 pixels" in check_patch_fits(25, (9, 40))[0]
    assert check_patch_fits(25, (25, 25)) == ()
