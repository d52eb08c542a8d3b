"""Parts of a scene and their grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyproj
import pytest
from affine import Affine

import make_scenes
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.scene_part import ScenePart, bounds_of, window_of
from hsi_engine.pixels.window import Window

UTM = pyproj.CRS("EPSG:32633").to_wkt()
WINDOW = Window(row=3, col=5, height=4, width=7)


@pytest.mark.parametrize("transform", [make_scenes.NORTH_UP, make_scenes.SOUTH_UP, make_scenes.ROTATED])
def test_the_grid_of_a_part_is_found_again_in_that_of_the_scene(transform: Affine) -> None:
    scene = Grid(crs=UTM, transform=transform, shape=(20, 30))
    grid = ScenePart(window=WINDOW).grid_in(scene)
    assert grid.shape == (4, 7)
    assert grid.transform @ (2, 1) == pytest.approx(scene.transform @ (7, 4))
    assert window_of(grid, scene) == WINDOW
    assert window_of(scene, scene) == Window.of_shape(scene.shape)
    shifted = replace(grid, transform=grid.transform @ Affine.translation(0.3, 0))
    assert window_of(shifted, scene) is None
    assert window_of(replace(grid, transform=grid.transform @ Affine.translation(20, 0)), scene) is None
    assert window_of(replace(grid, transform=grid.transform @ Affine.scale(1.1)), scene) is None
    assert window_of(replace(grid, crs=pyproj.CRS("EPSG:32632").to_wkt()), scene) is None


def test_a_part_of_a_scene_without_coordinates_lies_where_a_gis_shows_it() -> None:
    scene = Grid(crs=None, transform=Affine.identity(), shape=(20, 30))
    grid = ScenePart(window=WINDOW).grid_in(scene)
    assert grid.transform @ (0, 0) == (5, -3)
    assert window_of(grid, scene) == WINDOW
    assert ScenePart.whole(scene.shape).grid_in(scene) is scene


def test_pixels_are_counted_inside_the_mask() -> None:
    inside = np.zeros((4, 7), bool)
    inside[1, 2:5] = inside[2, 4] = True
    part = ScenePart(window=WINDOW, inside=inside)
    assert (part.n_pixels, part.n_outside) == (4, 24)
    right = Window(row=0, col=3, height=4, width=4)
    assert part.count(right) == 3
    assert part.bounds_in(right) == Window(row=1, col=3, height=2, width=2)
    assert part.bounds_in(Window(row=3, col=0, height=1, width=7)).is_empty
    assert ScenePart(window=WINDOW).bounds_in(right) == right
    with pytest.raises(ValueError, match="does not fit"):
        ScenePart(window=WINDOW, inside=inside[1:])


def test_bounds_of_no_pixel_are_empty() -> None:
    assert bounds_of(np.zeros((3, 5), bool)).is_empty
