"""Masks of the file: of all bands, of some bands each, and bands of transparency among any number of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from hsi_engine.io.scenes.scene import describe_scene, find_usable_bands, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

ROWS, COLS = 6, 9
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)
CORNER = Window(row=3, col=4, height=3, width=5)


def write(path: Path, data: np.ndarray, **options: object) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", count=len(data), height=ROWS, width=COLS, dtype=data.dtype, crs="EPSG:32633",
        transform=Affine(10, 0, 500000, 0, -10, 5400400), **options,
    ) as target:  # fmt: skip
        target.write(data)
    return path


def with_alpha(
    path: Path, bands: int, alpha: Mapping[int, np.ndarray], dtype: str = "uint16", **options: object
) -> Path:
    data = np.full((bands, ROWS, COLS), 7, dtype)
    for band, values in alpha.items():
        data[band] = values
    write(path, data, **options)
    with rasterio.open(path, "r+") as file:
        roles = list(file.colorinterp)
        file.colorinterp = [ColorInterp.alpha if i in alpha else ColorInterp.undefined for i in range(len(roles))]
    return path


def with_band_masks(folder: Path, masks: Sequence[np.ndarray | None]) -> Path:
    """A VRT whose bands have the masks (rows, cols), 0 where there is no data."""
    write(folder / "pixels.tif", np.full((len(masks), ROWS, COLS), 7, np.int16))
    write(folder / "masks.tif", np.stack([np.ones((ROWS, COLS), np.uint8) if m is None else m for m in masks]))

    def source(name: str, band: int) -> str:
        return (
            f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand></SimpleSource>"
        )

    bands = "".join(
        f'<VRTRasterBand dataType="Int16" band="{b}">{source("pixels.tif", b)}'
        + (
            ""
            if mask is None
            else f'<MaskBand><VRTRasterBand dataType="Byte">{source("masks.tif", b)}</VRTRasterBand></MaskBand>'
        )
        + "</VRTRasterBand>"
        for b, mask in enumerate(masks, start=1)
    )
    path = folder / "scene.vrt"
    path.write_text(f'<VRTDataset rasterXSize="{COLS}" rasterYSize="{ROWS}">{bands}</VRTDataset>')
    return path


def holes(*places: tuple[int, int]) -> np.ndarray:
    mask = np.full((ROWS, COLS), 255, np.uint8)
    for place in places:
        mask[place] = 0
    return mask


def invalid(path: Path, bands: Sequence[int], window: Window = WHOLE) -> list[list[int]]:
    with open_scene(path) as reader:
        return np.argwhere(~reader.read(window, bands).valid).tolist()


@pytest.mark.parametrize("bands", [2, 4, 5, 9])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_transparency_counts_among_any_number_of_bands(tmp_path: Path, bands: int, dtype: str, interleave: str) -> None:
    path = with_alpha(tmp_path / "a.tif", bands, {bands - 1: holes((1, 2), (5, 8)) // 2}, dtype, interleave=interleave)
    assert invalid(path, range(bands - 1)) == [[1, 2], [5, 8]]
    assert invalid(path, [0], CORNER) == [[2, 4]]


def test_transparency_may_be_any_band_and_more_than_one(tmp_path: Path) -> None:
    path = with_alpha(
        tmp_path / "a.tif", 6, {0: holes((1, 2)), 3: holes((0, 0))}, tiled=True, blockxsize=16, blockysize=16
    )
    assert describe_scene(path).bands.good_indices == (1, 2, 4, 5)
    assert invalid(path, [4, 1]) == [[0, 0], [1, 2]]
    with open_scene(path) as reader:
        assert (reader.read(WHOLE, [4, 1]).data[:, 3, 3] == 7).all()


def test_transparency_meets_the_mask_of_the_dataset(tmp_path: Path) -> None:
    path = with_alpha(tmp_path / "a.tif", 5, {4: holes((1, 2))})
    with rasterio.open(path, "r+") as file:
        file.write_mask(holes((4, 4)))
    assert invalid(path, [0, 1]) == [[1, 2], [4, 4]]


def test_each_band_has_its_own_mask(tmp_path: Path) -> None:
    path = with_band_masks(tmp_path, [holes((1, 2)), holes((1, 2), (4, 6)), holes()])
    assert invalid(path, [0, 1, 2]) == [[1, 2], [4, 6]]
    assert invalid(path, [2, 0]) == [[1, 2]]
    assert invalid(path, [2]) == []
    with open_scene(path) as reader:
        assert reader.read_validity(CORNER, [2, 1, 0])[:, 1, 2].tolist() == [True, False, True]


def test_one_band_alone_has_a_mask(tmp_path: Path) -> None:
    path = with_band_masks(tmp_path, [None, None, holes((3, 3))])
    assert invalid(path, [0, 1, 2]) == [[3, 3]]
    assert invalid(path, [0, 1]) == []


def test_a_band_that_its_mask_hides_as_a_whole_is_without_data(tmp_path: Path) -> None:
    with open_scene(with_band_masks(tmp_path, [None, np.zeros((ROWS, COLS), np.uint8), None])) as reader:
        assert find_usable_bands(reader, SilentReporter()).empty == (1,)
