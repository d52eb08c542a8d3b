"""Patches come from where they should, without an array of all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.data import page_store
from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.errors import OutputError
from hsi_engine.pixels.window import Window

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
    whole = Window.of_shape((ROWS, COLS))
    torch.testing.assert_close(cube.tile(whole), cube_of(components).tile(whole))


LARGE = (150, 200)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), patch=st.sampled_from([1, 5, 25]))
def test_pages_of_a_larger_scene_give_the_patches_of_the_padded_scene(data: st.DataObject, patch: int) -> None:
    components = np.random.default_rng(0).normal(size=(3, *LARGE)).astype(np.float32)
    number = data.draw(st.integers(1, 6))
    rows = np.array(data.draw(st.lists(st.integers(0, LARGE[0] - 1), min_size=number, max_size=number)))
    cols = np.array(data.draw(st.lists(st.integers(0, LARGE[1] - 1), min_size=number, max_size=number)))
    cube = ReducedCube.empty(3, LARGE, patch, centres=(rows, cols))
    for row in range(0, LARGE[0], 40):
        window = Window(row=row, col=0, height=40, width=LARGE[1]).clip(LARGE)
        if cube.needs(window):
            cube.fill(window, components[(slice(None), *window.slices())])
    margin = patch // 2
    padded = np.pad(components, ((0, 0), (margin, margin), (margin, margin)))
    expected = np.stack([padded[:, r : r + patch, c : c + patch] for r, c in zip(rows, cols, strict=True)])
    np.testing.assert_array_equal(cube.gather(torch.from_numpy(rows), torch.from_numpy(cols)), expected)
    row, col = rows.min(), cols.min()
    tile = cube.tile(Window(row=row, col=col, height=np.ptp(rows) + 1, width=np.ptp(cols) + 1)).numpy()
    for at, patch_values in zip(zip(rows - row, cols - col, strict=True), expected, strict=True):
        np.testing.assert_array_equal(tile[:, at[0] : at[0] + patch, at[1] : at[1] + patch], patch_values)


def test_only_pages_with_a_centre_are_stored_and_others_cannot_be_taken_for_empty_ground() -> None:
    cube = ReducedCube.empty(2, LARGE, PATCH, centres=(np.array([3, 10]), np.array([3, 190])))
    assert len(cube.pages) == 2
    assert cube.needs(Window(row=65, col=65, height=1, width=1))
    assert not cube.needs(Window(row=66, col=0, height=80, width=200))
    with pytest.raises(IndexError):
        cube.gather(torch.tensor([70]), torch.tensor([3]))


def test_pages_beyond_the_memory_they_may_take_lie_in_a_file_that_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_store, "IN_MEMORY_BYTES", 1000)
    cube = ReducedCube.empty(2, (ROWS, COLS), PATCH, folder=tmp_path)
    assert cube.in_file
    cube.fill(Window.of_shape((ROWS, COLS)), numbered())
    at = torch.tensor([4]), torch.tensor([9])
    torch.testing.assert_close(cube.gather(*at), cube_of(numbered()).gather(*at))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_store, "IN_MEMORY_BYTES", 1000)
    with pytest.raises(OutputError, match=r"needs 0\.0 GB for a temporary file in .*gone") as caught:
        ReducedCube.empty(2, (ROWS, COLS), PATCH, folder=tmp_path / "gone")
    assert caught.value.code == "output.write_failed"
