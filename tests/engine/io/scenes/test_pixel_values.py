"""What the numbers of a file mean: nodata of some bands, masks, scale and offset, in either order of memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hsi_engine.io.scenes import pixel_values
from hsi_engine.io.scenes.pixel_values import PixelValues, row_by_row

BANDS, ROWS, COLS = 5, 11, 7


def by_band(cube: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cube)


def by_pixel(cube: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cube.transpose(1, 2, 0)).transpose(2, 0, 1)


def meaning(dtype: str = "uint16", **options: Any) -> PixelValues:
    return PixelValues(dtype, **({"nodata": [None] * BANDS, "scale": [1.0] * BANDS, "offset": [0.0] * BANDS} | options))


@pytest.fixture
def cube() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 9, (BANDS, ROWS, COLS)).astype(np.uint16)


@pytest.mark.parametrize("order", [by_band, by_pixel])
@pytest.mark.parametrize("chunk", [1, 100, 10**6])
@pytest.mark.parametrize("masked", [False, True])
def test_nodata_scale_offset_and_mask(
    cube: np.ndarray, monkeypatch: pytest.MonkeyPatch, order: Any, chunk: int, masked: bool
) -> None:
    monkeypatch.setattr(pixel_values, "_CHUNK", chunk)
    nodata = [None, 3, None, 5, 40_000]
    scale, offset = [1.0, 0.5, 2.0, 1.0, 3.0], [0.0, 1.0, 0.0, -2.0, 0.0]
    mask = np.random.default_rng(1).random((ROWS, COLS)) < 0.7 if masked else None
    values, valid = meaning(nodata=nodata, scale=scale, offset=offset).of(order(cube), mask)
    expected = (cube[1] != 3) & (cube[3] != 5) & (True if mask is None else mask)
    np.testing.assert_array_equal(valid, expected)
    physical = cube * np.array(scale)[:, None, None] + np.array(offset)[:, None, None]
    np.testing.assert_array_equal(values, np.where(expected, physical, 0).astype(np.float32))
    assert values.strides.index(min(values.strides)) == (0 if order is by_pixel else 2)
    assert values.flags.writeable
    assert mask is None or not np.shares_memory(valid, mask)


def test_nothing_is_missing_from_integers_without_nodata(cube: np.ndarray) -> None:
    values, valid = meaning().of(cube, None)
    assert valid.all()
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, cube)


@pytest.mark.parametrize("value", [-1, 70_000, 3.5, float("nan"), float("inf")])
def test_a_nodata_value_that_the_type_cannot_hold_is_none(cube: np.ndarray, value: float) -> None:
    assert meaning(nodata=[value] * BANDS).of(cube, None)[1].all()


def test_numbers_that_are_not_finite_are_no_data_and_meet_no_arithmetic(cube: np.ndarray) -> None:
    numbers = cube.astype(np.float32)
    numbers[2, 4, 5], numbers[0, 1, 1], numbers[1, 1, 1], numbers[3, 9, 0] = np.nan, np.inf, -np.inf, -3.4e38
    values, valid = meaning("float32", nodata=[-3.4e38] * BANDS, scale=[10.0] * BANDS, offset=[1.0] * BANDS).of(
        numbers, None
    )
    assert np.argwhere(~valid).tolist() == [[1, 1], [4, 5], [9, 0]]
    assert not values[:, ~valid].any()
    np.testing.assert_array_equal(values[:, valid], cube[:, valid] * np.float32(10) + np.float32(1))


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1), (2, 1, 0)])
def test_rows_lie_apart_and_columns_together_whatever_the_file_does(cube: np.ndarray, axes: tuple[int, ...]) -> None:
    stored = np.ascontiguousarray(cube.transpose(axes)).transpose(np.argsort(axes))
    found = row_by_row(stored)
    assert np.array_equal(found, cube)
    bands, rows, cols = found.strides
    assert rows > cols
    assert (bands < cols) == (stored.strides[0] < min(stored.strides[1:])), "where the bands lie stays"
    if axes.index(1) < axes.index(2):
        assert found is stored
