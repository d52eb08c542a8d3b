"""Patches come from where they should, without an array of all of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.window import Window

ROWS, COLS, PATCH = 7, 11, 5


def cube_of(components: np.ndarray) -> ReducedCube:
    cube = ReducedCube.empty(len(components), components.shape[1:], PATCH)
    cube.fill(Window.of_shape(components.shape[1:]), components)
    return cube


def numbered() -> np.ndarray:
    return np.arange(2 * ROWS * COLS, dtype=np.float32).reshape(2, ROWS, COLS) + 1


def test_the_centre_of_a_patch_is_its_pixel() -> None:
    components = numbered()
    rows, cols = (a.ravel() for a in np.indices((ROWS, COLS)))
    patches = cube_of(components).gather(torch.from_numpy(rows), torch.from_numpy(cols))
    assert patches.shape == (ROWS * COLS, 2, PATCH, PATCH)
    np.testing.assert_array_equal(patches[:, :, 2, 2].numpy(), components[:, rows, cols].T)


def test_a_patch_keeps_rows_and_columns_apart_and_is_zero_beyond_the_scene() -> None:
    components = numbered()
    patch = cube_of(components).gather(torch.tensor([0]), torch.tensor([COLS - 2]))[0].numpy()
    expected = np.zeros((2, PATCH, PATCH), np.float32)
    expected[:, 2:, :4] = components[:, :3, COLS - 4 :]
    np.testing.assert_array_equal(patch, expected)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_tile_holds_the_patches_of_its_pixels(data: st.DataObject) -> None:
    row, col = data.draw(st.integers(0, ROWS - 1)), data.draw(st.integers(0, COLS - 1))
    height, width = data.draw(st.integers(1, ROWS - row)), data.draw(st.integers(1, COLS - col))
    cube = cube_of(numbered())
    tile = cube.tile(Window(row=row, col=col, height=height, width=width))
    assert tile.shape == (2, height + PATCH - 1, width + PATCH - 1)
    corner = cube.gather(torch.tensor([row + height - 1]), torch.tensor([col + width - 1]))[0]
    torch.testing.assert_close(tile[:, -PATCH:, -PATCH:], corner)


def test_filling_by_windows_equals_filling_at_once() -> None:
    components = numbered()
    cube = ReducedCube.empty(2, (ROWS, COLS), PATCH)
    for window in (Window(row=0, col=0, height=3, width=COLS), Window(row=3, col=0, height=4, width=COLS)):
        cube.fill(window, components[(slice(None), *window.slices())])
    torch.testing.assert_close(cube.padded, cube_of(components).padded)
    assert cube.shape == (ROWS, COLS)
