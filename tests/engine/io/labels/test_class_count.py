"""Labels with more classes than can be told apart are refused before they cost anything."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

import make_scenes
from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.legends.class_values import MOST_CLASSES
from hsi_engine.pixels.grid import Grid

SIDE = 300
GRID = Grid(crs="EPSG:32633", transform=make_scenes.NORTH_UP, shape=(SIDE, SIDE))


def raster(path: Path, classes: int) -> Path:
    values = (np.arange(SIDE * SIDE) * classes // (SIDE * SIDE) % 65_535 + 1).reshape(SIDE, SIDE).astype(np.uint16)
    options = {"width": SIDE, "height": SIDE, "count": 1, "dtype": "uint16"}
    with rasterio.open(path, "w", driver="GTiff", crs=GRID.crs, transform=GRID.transform, **options) as file:
        file.write(values, 1)
    return path


def points(path: Path, names: list[object]) -> Path:
    cells = [divmod(2 * number, SIDE) for number in range(len(names))]
    places = [shapely.Point(*(GRID.transform @ (col + 0.5, row + 0.5))) for row, col in cells]
    geopandas.GeoDataFrame({"kind": names}, geometry=places, crs=GRID.crs).to_file(path)
    return path


@pytest.mark.parametrize("classes", [MOST_CLASSES + 1, 5000, 65_535])
def test_rasters(tmp_path: Path, classes: int) -> None:
    with pytest.raises(LabelError) as caught:
        read_labels(raster(tmp_path / "labels.tif", classes), GRID)
    assert caught.value.code == "labels.too_many_classes"
    assert f"labels.tif holds at least {classes:,} classes; at most 1,000 can be told apart" in caught.value.message


@pytest.mark.parametrize("kind", [str, int])
def test_features(tmp_path: Path, kind: type) -> None:
    path = points(tmp_path / "labels.gpkg", [kind(number) for number in range(1, 5001)])
    with pytest.raises(LabelError, match=r"labels\.gpkg holds 5,000 classes; at most 1,000") as caught:
        read_labels(path, GRID, class_field="kind")
    assert "not of numbers of features" in caught.value.hint


def test_as_many_as_are_allowed_have_colours_of_their_own(tmp_path: Path) -> None:
    legend = read_labels(raster(tmp_path / "labels.tif", MOST_CLASSES), GRID).legend
    assert len({entry.colour for entry in legend}) == MOST_CLASSES
