"""Class values on another grid: the right ones at each place, however the work is cut into strips."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Transformer

from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.labels.rasters import warped_strips as module
from hsi_engine.io.labels.rasters.warped_strips import warped_strips
from hsi_engine.pixels.grid import Grid

NORTH_UP = Affine(30, 0, 364_000, 0, -30, 5_809_000)
GRID = Grid(crs="EPSG:32633", transform=NORTH_UP, shape=(70, 90))
Strips = list[tuple[int, np.ndarray, int]]


def cut(values: np.ndarray, height: int = 16) -> Iterator[tuple[int, np.ndarray, int]]:
    """In strips, each with its number of zeros."""
    for top in range(0, len(values), height):
        strip = values[top : top + height]
        yield top, strip, int((strip == 0).sum())


def joined(strips: Strips) -> np.ndarray:
    """The whole raster, after seeing that strips follow one another."""
    assert [top for top, _, _ in strips] == list(np.cumsum([0, *(len(strip) for _, strip, _ in strips)]))[:-1]
    return np.concatenate([strip for _, strip, _ in strips])


def warp(values: np.ndarray, own: Grid | tuple[Grid, ...], grid: Grid, rule: Any) -> np.ndarray:
    grids = own if isinstance(own, tuple) else (own,)
    return joined(list(warped_strips(cut(values), values.shape, grids, grid, rule)))


def source_places(own: Grid, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the file, with fractions, of each pixel centre of a grid (rows, cols)."""
    rows, cols = np.mgrid[: grid.shape[0], : grid.shape[1]]
    x, y = grid.transform @ (cols + 0.5, rows + 0.5)
    if own.crs != grid.crs:
        x, y = Transformer.from_crs(grid.crs, own.crs, always_xy=True).transform(x, y)
    col, row = ~own.transform @ (np.asarray(x), np.asarray(y))
    return row, col


@pytest.mark.parametrize(
    "own",
    [
        Grid(crs="EPSG:4326", transform=Affine(1.3e-4, 0, 12.998, 0, -1e-4, 52.419), shape=(190, 300)),
        Grid(crs="EPSG:4326", transform=Affine(7e-4, 0, 13.001, 0, 5e-4, 52.40), shape=(40, 60)),
        Grid(crs="EPSG:32633", transform=NORTH_UP @ Affine.rotation(31) @ Affine.scale(0.7), shape=(80, 120)),
    ],
    ids=["finer, in degrees", "coarser, south up, in degrees", "rotated"],
)
def test_nearest_is_the_value_at_each_pixel_centre_also_from_another_crs(own: Grid) -> None:
    values = np.random.default_rng(1).integers(1, 65536, size=own.shape).astype(np.int32)
    row, col = source_places(own, GRID)
    inside = (row >= 0) & (row < own.shape[0]) & (col >= 0) & (col < own.shape[1])
    expected = np.where(
        inside, values[np.clip(row, 0, own.shape[0] - 1).astype(int), np.clip(col, 0, own.shape[1] - 1).astype(int)], 0
    )
    # Two ways to compute a place may differ at the very edge of a pixel of the file.
    sure = np.minimum(np.abs(row - np.rint(row)), np.abs(col - np.rint(col))) > module._TOLERANCE_PX
    assert inside[sure].sum() > 1000
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(warp(values, own, GRID, "nearest")[sure], expected[sure])


def test_majority_counts_whole_pixels_of_the_file_the_unlabelled_among_them() -> None:
    rows, cols, factor, classes = 300, 600, 5, np.array([0, 3, 9])
    fine = np.random.default_rng(2).choice(classes, p=[0.4, 0.4, 0.2], size=(rows * factor, cols * factor))
    own = Grid(crs=GRID.crs, transform=NORTH_UP @ Affine.scale(1 / factor), shape=fine.shape)
    grid = Grid(crs=GRID.crs, transform=NORTH_UP, shape=(rows, cols))
    found = warp(fine.astype(np.int32), own, grid, "majority")
    cells = fine.reshape(rows, factor, cols, factor)
    counts = np.stack([(cells == value).sum(axis=(1, 3)) for value in classes])
    assert set(np.unique(found)) == set(classes)
    np.testing.assert_array_equal(
        np.take_along_axis(counts, np.searchsorted(classes, found)[None], 0)[0], counts.max(0)
    )


@pytest.mark.parametrize("rule", ["nearest", "majority"])
def test_strips_join_without_a_seam_and_carry_the_count_once(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid(crs=GRID.crs, transform=NORTH_UP, shape=(400, 500))
    own = Grid(crs="EPSG:4326", transform=Affine(3e-4, 0, 13.0, 0, -2e-4, 52.41), shape=(420, 640))
    values = np.random.default_rng(3).choice([0, 2, 5, 11], size=own.shape).astype(np.int32)
    [whole] = warped_strips(cut(values), own.shape, (own,), grid, rule)
    monkeypatch.setattr(module, "_STRIP_PX", 1)
    several = list(warped_strips(cut(values), own.shape, (own,), grid, rule))
    assert len(several) > 2
    np.testing.assert_array_equal(joined(several), whole[1])
    assert [count for _, _, count in several] == [int((values == 0).sum()), *[0] * (len(several) - 1)]
    assert {strip.dtype for _, strip, _ in several} == {np.dtype(np.int32)}


def test_the_first_of_several_places_goes_before_the_others() -> None:
    values = np.zeros((70, 90), np.int32)
    values[:, 20:60] = 7
    values[:, 60:] = 8
    away = Grid(crs=GRID.crs, transform=NORTH_UP @ Affine.translation(-40, 0), shape=values.shape)
    here = Grid(crs=GRID.crs, transform=NORTH_UP, shape=values.shape)
    expected = values.copy()
    expected[:, :20] = 7
    np.testing.assert_array_equal(warp(values, (here, away), GRID, "nearest"), expected)
    expected[:, 20:50] = 8
    np.testing.assert_array_equal(warp(values, (away, here), GRID, "nearest"), expected)


def test_memory_follows_the_labels_also_on_another_grid(tmp_path: Path) -> None:
    """Of the arrays; GDAL's cache is bounded by a setting of its own."""
    path = tmp_path / "labels.tif"
    fine, shape = (6000, 4500), (2000, 1500)
    values = np.zeros(fine, np.uint8)
    values[3000:3060, 1500:1800] = 4
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "height": fine[0], "width": fine[1]}
    with rasterio.open(path, "w", **profile, crs="EPSG:32633", transform=NORTH_UP @ Affine.scale(1 / 3)) as target:
        target.write(values, 1)
    del values
    grid = Grid(crs=GRID.crs, transform=NORTH_UP, shape=shape)
    tracemalloc.start()
    try:
        labels = read_labels(path, grid, resampling="majority")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(labels.pixels.rows) == 20 * 100
    assert peak < 4 * fine[0] * fine[1] / 2, "as much as half of the raster was held"
