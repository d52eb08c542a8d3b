"""Windows and tilings, by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.pixels.window import TilePlan, Window

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))
WINDOWS = st.builds(
    Window,
    row=st.integers(-15, 45),
    col=st.integers(-15, 45),
    height=st.integers(0, 30),
    width=st.integers(0, 30),
)


def pixels(window: Window) -> set[tuple[int, int]]:
    return {(r, c) for r in range(window.row, window.row_end) for c in range(window.col, window.col_end)}


@settings(max_examples=60, deadline=None)
@given(shape=SHAPES, strip_rows=st.integers(1, 50), tile_cols=st.integers(1, 50), first_row=st.integers(0, 45))
def test_every_pixel_lies_in_exactly_one_tile(
    shape: tuple[int, int], strip_rows: int, tile_cols: int, first_row: int
) -> None:
    plan = TilePlan(shape=shape, strip_rows=strip_rows, tile_cols=tile_cols, first_row=first_row)
    count = np.zeros(shape, int)
    tiles = list(plan)
    for tile in tiles:
        count[tile.slices()] += 1
        assert tile == tile.clip(shape)
    assert (count[:first_row] == 0).all()
    assert (count[first_row:] == 1).all()
    assert len(plan) == len(tiles)
    assert tiles == sorted(tiles, key=lambda tile: (tile.row, tile.col))


@settings(max_examples=60, deadline=None)
@given(a=WINDOWS, b=WINDOWS)
def test_an_intersection_holds_the_common_pixels(a: Window, b: Window) -> None:
    common = a.intersect(b)
    assert pixels(common) == pixels(a) & pixels(b)
    assert common.is_empty == (not pixels(common))


@settings(max_examples=60, deadline=None)
@given(window=WINDOWS, margin=st.integers(0, 9), shape=SHAPES)
def test_growing_and_clipping(window: Window, margin: int, shape: tuple[int, int]) -> None:
    grown = window.grow(margin)
    assert grown.shape == (window.height + 2 * margin, window.width + 2 * margin)
    assert grown.relative_to(grown) == Window.of_shape(grown.shape)
    assert pixels(window.clip(shape)) == pixels(window) & pixels(Window.of_shape(shape))


def test_slices_cut_rows_by_columns() -> None:
    array = np.arange(6 * 9).reshape(6, 9)
    window = Window(row=1, col=4, height=2, width=5)
    np.testing.assert_array_equal(array[window.slices()], array[1:3, 4:9])


def test_a_window_beyond_the_upper_left_border_has_no_slices() -> None:
    with pytest.raises(ValueError, match="clip it first"):
        Window(row=-1, col=0, height=3, width=3).slices()


def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"negative size: -1×2"):
        Window(row=0, col=0, height=-1, width=2)
    with pytest.raises(ValueError, match="at least one pixel"):
        TilePlan(shape=(3, 3), strip_rows=0, tile_cols=3)
