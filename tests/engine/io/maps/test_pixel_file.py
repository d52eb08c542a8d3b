"""A file of plain numbers: what is written in any windows comes back in any others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.io.maps.pixel_file import PixelFile
from hsi_engine.pixels.window import TilePlan, Window

BANDS, ROWS, COLS = 3, 23, 17
KINDS = [("uint8", 0), ("uint16", 0), ("float32", float("nan")), ("float32", -1.0)]


def numbers(dtype: str) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 200, (BANDS, ROWS, COLS)).astype(dtype)


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 25), cols=st.integers(1, 20), read_rows=st.integers(1, 25), kind=st.sampled_from(KINDS))
def test_pixels_come_back_whatever_the_windows(
    tmp_path_factory: pytest.TempPathFactory, rows: int, cols: int, read_rows: int, kind: tuple[str, float]
) -> None:
    dtype, nodata = kind
    data = numbers(dtype)
    with PixelFile(tmp_path_factory.mktemp("pixels") / "p", (BANDS, ROWS, COLS), np.dtype(dtype), nodata) as file:
        for window in TilePlan(shape=(ROWS, COLS), strip_rows=rows, tile_cols=cols):
            file.write(window, data[(slice(None), *window.slices())])
        for window in TilePlan(shape=(ROWS, COLS), strip_rows=read_rows, tile_cols=cols):
            np.testing.assert_array_equal(file.read(window), data[(slice(None), *window.slices())])


@pytest.mark.parametrize(("dtype", "nodata"), KINDS)
def test_what_was_never_written_is_nodata(tmp_path: Path, dtype: str, nodata: float) -> None:
    window = Window(row=4, col=2, height=3, width=9)
    with PixelFile(tmp_path / "p", (BANDS, ROWS, COLS), np.dtype(dtype), nodata) as file:
        file.write(window, numbers(dtype)[:, :3, :9])
        found = file.read(Window.of_shape((ROWS, COLS)))
    expected = np.full((BANDS, ROWS, COLS), nodata, dtype)
    expected[(slice(None), *window.slices())] = numbers(dtype)[:, :3, :9]
    np.testing.assert_array_equal(found, expected)


def test_numbers_without_a_value_of_their_own_keep_their_bits(tmp_path: Path) -> None:
    """Infinities, zeros of both signs and other NaNs than that of nodata."""
    odd = np.array([0x7F800000, 0xFF800000, 0x80000000, 0x7FC00001, 0xFFC00000, 0x7FC00000], np.uint32)
    with PixelFile(tmp_path / "p", (1, 2, 3), np.dtype("float32"), float("nan")) as file:
        whole = Window.of_shape((2, 3))
        file.write(whole, odd.view(np.float32).reshape(1, 2, 3))
        assert file.read(whole).copy().view(np.uint32).ravel().tolist() == odd.tolist()


def test_a_file_is_gone_on_with(tmp_path: Path) -> None:
    data = numbers("uint16")
    upper, lower = TilePlan(shape=(ROWS, COLS), strip_rows=12, tile_cols=COLS)
    for window in (upper, lower):
        with PixelFile(tmp_path / "p", (BANDS, ROWS, COLS), np.dtype("uint16"), 0) as file:
            file.write(window, data[(slice(None), *window.slices())])
            file.sync()
            # Another handle sees what is on the disk.
            first = np.fromfile(tmp_path / "p", np.uint16).reshape(ROWS, BANDS, COLS)[window.row]
            np.testing.assert_array_equal(first, data[:, window.row])
    with PixelFile(tmp_path / "p", (BANDS, ROWS, COLS), np.dtype("uint16"), 0) as file:
        np.testing.assert_array_equal(file.read(Window.of_shape((ROWS, COLS))), data)
