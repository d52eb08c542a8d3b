"""Rasters that declare far more than they hold are refused with their size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

import hsi_engine
import make_scenes
from hsi_engine.errors import HsiError, LabelError, SceneError
from hsi_engine.io.files.isolation import declared_size
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.grid import Grid


def sparse(path: Path, side: int, bands: int = 1, dtype: str = "uint8") -> Path:
    """A GeoTIFF of which one block is written."""
    options = {"tiled": True, "compress": "deflate", "sparse_ok": True, "bigtiff": "yes"}
    place = {"crs": "EPSG:32633", "transform": make_scenes.NORTH_UP}
    shape = {"width": side, "height": side, "count": bands, "dtype": dtype}
    with rasterio.open(path, "w", driver="GTiff", **shape, **options, **place) as file:
        file.write(np.ones((bands, 256, 256), dtype), window=Window(0, 0, 256, 256))
    return path


def vrt(path: Path, side: int, bands: int = 1) -> Path:
    source = sparse(path.with_suffix(".tif"), 256)
    band = (
        '<VRTRasterBand dataType="Byte" band="{}"><SimpleSource><SourceFilename relativeToVRT="1">'
        f"{source.name}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
    )
    content = "".join(band.format(number + 1) for number in range(bands))
    geotransform = "<GeoTransform>364095,30,0,5809965,0,-30</GeoTransform>"
    path.write_text(f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}">{geotransform}{content}</VRTDataset>')
    return path


FILES = [
    (lambda folder: vrt(folder / "a.vrt", 1_000_000), "1,000,000 × 1,000,000 pixels in 1 band, 1 TB"),
    (lambda folder: vrt(folder / "a.vrt", 2_000_000_000), "2,000,000,000 × 2,000,000,000 pixels"),
    (lambda folder: vrt(folder / "a.vrt", 20_000, 200), "20,000 × 20,000 pixels in 200 bands, 80 GB"),
    (lambda folder: sparse(folder / "a.tif", 60_000), "60,000 × 60,000 pixels in 1 band, 4 GB, and its files hold "),
    (lambda folder: sparse(folder / "a.tif", 30_000, 12, "int16"), "30,000 × 30,000 pixels in 12 bands, 22 GB"),
]


@pytest.mark.parametrize(("make", "words"), FILES)
def test_scenes_labels_and_maps_are_refused(
    tmp_path: Path, grid: Grid, make: Callable[[Path], Path], words: str
) -> None:
    path = make(tmp_path)
    jobs: list[tuple[type[HsiError], Callable[[], object]]] = [
        (SceneError, lambda: open_scene(path)),
        (LabelError, lambda: read_labels(path, grid)),
        (HsiError, lambda: hsi_engine.clean_map(map=path, min_area=2, output=tmp_path / "out.tif")),
        (HsiError, lambda: hsi_engine.sample_reference_points(map=path, points=9, output=tmp_path / "out.gpkg")),
        (HsiError, lambda: hsi_engine.inspect_scene(scene=path)),
    ]
    for kind, run in jobs:
        with pytest.raises(kind) as caught:
            run()
        assert caught.value.code.endswith(".declared_size")
        assert f"{path} declares {words}" in caught.value.message
        assert "Clip it to the part that has data" in caught.value.hint


def test_large_rasters_that_hold_something_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared_size, "_SMALL_BYTES", 1000)
    open_scene(make_scenes.write_scene(tmp_path / "scene.tif")).close()
    constant = tmp_path / "constant.tif"
    options = {"width": 2000, "height": 2000, "count": 1, "dtype": "uint8", "compress": "deflate", "zlevel": 9}
    with rasterio.open(constant, "w", driver="GTiff", transform=make_scenes.NORTH_UP, **options) as file:
        file.write(np.ones((1, 2000, 2000), np.uint8))
    open_scene(constant).close()


def test_a_small_raster_may_be_empty(tmp_path: Path) -> None:
    open_scene(sparse(tmp_path / "a.tif", 20_000)).close()


def test_an_empty_label_raster_is_read_in_strips(tmp_path: Path) -> None:
    """Strips without labels cost little, and regions are the same as without them."""
    path = sparse(tmp_path / "labels.tif", 3000)
    with rasterio.open(path, "r+") as file:
        file.write(np.full((1, 300, 300), 7, np.uint8), window=Window(2600, 2600, 300, 300))
        file.nodata = 0
    with rasterio.open(path) as file:
        grid = Grid(crs="EPSG:32633", transform=file.transform, shape=file.shape)
    labels = read_labels(path, grid)
    assert labels.legend.values.tolist() == [1, 7]
    assert np.unique(labels.pixels.groups).tolist() == [1, 2]
    assert len(labels.pixels) == 256 * 256 + 300 * 300
    assert labels.zeros == 0
