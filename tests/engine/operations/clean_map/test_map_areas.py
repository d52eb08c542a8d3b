"""Areas of the classes of a map: one size of pixel in a plane, by row in degrees, and none without a CRS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.operations.clean_map.map_areas import areas_of_map, count_values
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

LEGEND = Legend.of({2: "water", 5: "soil"})
VALUES = np.array([[2, 2, 0, 5], [5, 5, 5, 5], [0, 2, 5, 5]], np.uint16)
PIXELS = (3, 7)
DEGREE = Affine(1, 0, 10, 0, -1, 60)


def written(path: Path, crs: str | None, transform: Affine) -> tuple[Path, Grid]:
    grid = Grid(crs=crs, transform=transform, shape=VALUES.shape)
    with ClassMapWriter(path, grid, LEGEND) as writer:
        writer.write(Window.of_shape(VALUES.shape), VALUES)
    return path, grid


def test_pixels_of_a_plane_are_of_one_size(tmp_path: Path) -> None:
    path, grid = written(tmp_path / "m.tif", "EPSG:32633", Affine(30, 0, 364000, 0, -20, 5809000))
    found = areas_of_map(path, grid, LEGEND, PIXELS, SilentReporter())
    assert found.hectares == pytest.approx((3 * 0.06, 7 * 0.06))
    assert found.note == ""


def test_rows_in_degrees_have_their_own_size(tmp_path: Path) -> None:
    path, grid = written(tmp_path / "m.tif", "EPSG:4326", DEGREE)
    found = areas_of_map(path, grid, LEGEND, PIXELS, SilentReporter()).hectares
    assert found is not None
    # A cell of one degree at 60° N is about 111 km × 56 km, and one farther south is wider.
    assert found[0] / 3 == pytest.approx(6.3e5, rel=0.03)
    assert found[1] / 7 > found[0] / 3
    count = count_values(grid, VALUES)
    assert count.class_hectares(LEGEND) == pytest.approx(found)
    assert count.class_pixels(LEGEND) == PIXELS


def test_a_projection_that_stretches_is_told(tmp_path: Path) -> None:
    path, grid = written(tmp_path / "m.tif", "EPSG:3857", Affine(30, 0, 1.4e6, 0, -30, 8.4e6))
    assert "times those on the ground" in areas_of_map(path, grid, LEGEND, PIXELS, SilentReporter()).note


def test_without_a_crs_there_are_none(tmp_path: Path) -> None:
    path, grid = written(tmp_path / "m.tif", None, Affine(1, 0, 0, 0, -1, 0))
    assert areas_of_map(path, grid, LEGEND, PIXELS, SilentReporter()).hectares is None
    count = count_values(grid, VALUES)
    assert count.class_hectares(LEGEND) is None
    assert count.class_pixels(LEGEND) == PIXELS
