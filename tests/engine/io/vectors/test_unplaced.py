"""Labels, masks and extents on rasters without map coordinates: whether y is the row, or minus the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import Point, box

from hsi_engine.errors import MismatchError
from hsi_engine.io.maps.map_extent import extent_window, parse_extent
from hsi_engine.io.vectors.unplaced import flipped, place_on_rows, sides_of
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window

ROWS, COLS = 44, 36
GRID = Grid(crs=None, transform=Affine.identity(), shape=(ROWS, COLS))
DOWN = Grid(crs=None, transform=Affine.scale(1, -1), shape=(ROWS, COLS))


def place(shapes: list[Any], grid: Grid = GRID) -> tuple[Any, tuple[str, ...]]:
    return place_on_rows(np.array(shapes, object), grid, place="file.gpkg", what="labels", shown="scene")


@pytest.mark.parametrize(
    "shapes",
    [
        [box(3, -9, 8, -4)],
        [box(3, -9, 8, 0), box(20, -44, 30, -40)],  # on the edges of the scene
        [box(3, -9, 8, 3), box(20, -30, 30, -20)],  # beyond its upper edge
        [box(3, -40, 8, 4), box(20, -40, 30, 4)],  # stripes, all of them beyond the upper edge
        [box(3, -9, 8, 1e-6), box(3, 0, 8, 1e-6)],  # as far as snapping leaves them
        [Point(4, -0.2), Point(30, -43.9)],
        [box(-20, 5, -3, 30), box(3, -9, 8, -4)],  # what lies beside the scene says nothing
    ],
)
def test_drawn_over_the_scene_in_a_gis_y_is_minus_the_row(shapes: list[Any]) -> None:
    placed, notes = place(shapes)
    assert shapely.equals(placed, flipped(np.array(shapes, object))).all()
    assert notes == ("The scene has no map coordinates: y of the labels is read as minus the row, as in a GIS.",)


@pytest.mark.parametrize(
    "shapes",
    [
        [box(3, 4, 8, 9)],
        [box(3, 0, 8, 9), box(20, -3, 30, 12)],
        [box(3, -0.5, 8, 9), box(20, 20, 30, 30)],  # centres of pixels at whole numbers
        [box(3, -4, 8, 40)],
        [Point(4, 0.2)],
    ],
)
def test_otherwise_it_is_the_row_and_a_note_says_so(shapes: list[Any]) -> None:
    placed, notes = place(shapes)
    assert shapely.equals(placed, np.array(shapes, object)).all()
    assert notes == (
        "The scene has no map coordinates: y of the labels is read as the row, and not as a GIS shows the scene, with y below 0.",
    )


def test_labels_on_either_side_of_the_upper_edge_are_refused_with_both_places() -> None:
    with pytest.raises(MismatchError) as caught:
        place([box(3, -9, 8, -4), Point(4, -9), box(3, 4, 8, 9)])
    assert caught.value.code == "mismatch.y_axis"
    assert caught.value.message == (
        "The scene has no map coordinates, and y of the labels of file.gpkg cannot be told: 2 features on the scene only if y is"
        " minus the row, as a GIS shows it (y -44 to 0), and 1 feature only if y is the row (y 0 to 44)."
    )
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("Delete or move the features of one kind")


def test_labels_that_all_reach_as_far_above_the_edge_as_below_are_refused() -> None:
    with pytest.raises(
        MismatchError, match=r"all features on the scene reach across y = 0.*Cut the features off at y = 0"
    ):
        place([box(3, -9, 8, 8), box(13, -9, 18, 8)])


def test_a_raster_that_states_rows_downwards_is_read_the_same_way() -> None:
    for shape, own in ((box(3, -9, 8, -4), True), (box(3, 4, 8, 9), False)):
        placed, notes = place([shape], DOWN)
        assert (placed[0] == shape) == own
        assert len(notes) == 1


def test_nothing_is_turned_round_with_map_coordinates_or_beside_the_scene() -> None:
    there = Grid(crs=None, transform=Affine(1, 0, 0, 0, -1, 20), shape=(ROWS, COLS))
    for shape, grid in ((box(3, -9, 8, -4), there), (box(300, -9, 308, -4), GRID), (box(3, -60, 8, -50), GRID)):
        placed, notes = place([shape], grid)
        assert placed[0] == shape
        assert notes == ()


def test_the_sides_are_counted_between_the_first_and_the_last_column() -> None:
    sides = sides_of(np.array([box(-5, -9, 2, 3), box(3, -9, 8, -4), box(90, 1, 99, 9)], object), (ROWS, COLS))
    assert (sides.below, sides.above, sides.across) == (1, 0, 1)
    assert sides.area_below == pytest.approx(18, abs=0.05)
    assert sides.area_above == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("grid", [GRID, DOWN], ids=["rows up", "rows down"])
@pytest.mark.parametrize(
    ("text", "row", "height"),
    [
        ("0,-10,36,0", 0, 10),
        ("0,-10,36,2", 0, 10),
        ("-9,-60,45,16", 0, 44),  # a canvas around the scene
        ("0,-2,36,10", 0, 10),
        ("-9,-60,45,60", 0, 44),
    ],
)
def test_an_extent_across_the_upper_edge_covers_what_it_covers_more_of(
    grid: Grid, text: str, row: int, height: int
) -> None:
    assert extent_window(parse_extent(text), grid) == Window(row=row, col=0, height=height, width=36)


def test_an_extent_that_reaches_as_far_above_the_edge_is_refused() -> None:
    with pytest.raises(MismatchError, match=r"y of the extent cannot be told.*End the extent at y = 0"):
        extent_window(parse_extent("0,-10,36,12"), GRID)


def test_a_place_beside_the_scene_is_refused_with_both_ways_to_count() -> None:
    with pytest.raises(
        MismatchError, match=r"the scene over x 0 to 36, y -44 to 0 as a GIS shows it, or y 0 to 44 if y"
    ):
        extent_window(parse_extent("100,-10,110,-5"), GRID)
