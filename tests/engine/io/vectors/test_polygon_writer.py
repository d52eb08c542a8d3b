from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.features import rasterize

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import OutputError
from hsi_engine.io.vectors.polygon_writer import write_class_polygons
from hsi_engine.pixels.grid import Grid

SHAPE = (6, 9)
LEGEND = Legend.of({2: "water", 5: "meadow", 300: "soil"}, {5: "#009e73"})
NORTH_UP = Affine(30, 0, 364095, 0, -30, 5809965)


@settings(max_examples=15, deadline=None)
@given(
    values=arrays(np.int32, SHAPE, elements=st.sampled_from([0, 2, 5, 300])).filter(lambda v: v.any()),
    transform=st.sampled_from([NORTH_UP, NORTH_UP @ Affine.rotation(20), Affine(30, 0, 364095, 0, 30, 5809965)]),
)
def test_burning_the_polygons_gives_back_the_values(values: np.ndarray, transform: Affine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.gpkg"
        count = write_class_polygons(
            path, values, grid=Grid(crs="EPSG:32633", transform=transform, shape=SHAPE), legend=LEGEND
        )
        polygons = geopandas.read_file(path)
    assert len(polygons) == count
    assert polygons.geometry.is_valid.all()
    burnt = rasterize(
        zip(polygons.geometry, polygons["class_id"], strict=True), out_shape=SHAPE, transform=transform, dtype="int32"
    )
    np.testing.assert_array_equal(burnt, values)


def test_each_region_has_class_name_and_colour(tmp_path: Path) -> None:
    values = np.zeros(SHAPE, np.uint16)
    values[0, 0], values[1, 1], values[3:5, 2:7] = 2, 2, 5  # the first two touch at a corner only
    path = tmp_path / "labels.gpkg"
    grid = Grid(crs="EPSG:32633", transform=NORTH_UP, shape=SHAPE)
    assert write_class_polygons(path, values, grid=grid, legend=LEGEND) == 3

    polygons = geopandas.read_file(path).sort_values("class_id")
    assert polygons["class_id"].tolist() == [2, 2, 5]
    assert polygons["class_name"].tolist() == ["water", "water", "meadow"]
    assert polygons["color"].tolist()[2] == "#009e73"
    assert polygons.area.tolist() == [900, 900, 9000]


def test_value_without_a_class_is_refused(tmp_path: Path) -> None:
    grid = Grid(crs=None, transform=NORTH_UP, shape=SHAPE)
    with pytest.raises(ValueError, match=r"\[7\] are not in the legend"):
        write_class_polygons(tmp_path / "labels.gpkg", np.full(SHAPE, 7), grid=grid, legend=LEGEND)


def test_values_of_another_shape_are_refused(tmp_path: Path) -> None:
    grid = Grid(crs=None, transform=NORTH_UP, shape=SHAPE)
    with pytest.raises(ValueError, match="do not fit"):
        write_class_polygons(tmp_path / "labels.gpkg", np.full(SHAPE[::-1], 2), grid=grid, legend=LEGEND)


def test_missing_folder_is_said_in_words(tmp_path: Path) -> None:
    grid = Grid(crs="EPSG:32633", transform=NORTH_UP, shape=SHAPE)
    with pytest.raises(OutputError, match=r"Polygons '.*labels\.gpkg' cannot be written"):
        write_class_polygons(tmp_path / "nowhere" / "labels.gpkg", np.full(SHAPE, 2), grid=grid, legend=LEGEND)
