"""From numbers of a file to values and back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hsi_engine.io.scenes.output.stored_numbers import StoredNumbers, stored_nodata
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.io.scenes.source import Scene

MakeScene = Callable[..., Path]


def scene_of(make_scene: MakeScene, dtype: str, scale: float = 1.0, offset: float = 0.0) -> Scene:
    return describe_scene(make_scene(f"{dtype}.tif", dtype=dtype, scale=scale, offset=offset, bands=3, nodata=None))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_numbers_come_back(dtype: str, make_scene: MakeScene) -> None:
    stored = StoredNumbers(scene_of(make_scene, dtype, scale=0.01, offset=-0.2), range(3), None)
    numbers = np.random.default_rng(0).integers(0, 100, (3, 4, 7)).astype(dtype)
    back, moved = stored.numbers(stored.values(numbers, np.ones((4, 7), bool)))
    assert back.dtype == numbers.dtype
    np.testing.assert_allclose(back, numbers, rtol=1e-5, atol=1e-5 if numbers.dtype.kind == "f" else 0)
    assert not moved.any()


def test_values_without_data_are_zero(make_scene: MakeScene) -> None:
    stored = StoredNumbers(scene_of(make_scene, "float32", scale=2.0, offset=5.0), [1], None)
    values = stored.values(np.array([[[3.0, np.nan]]], np.float32), np.array([[True, False]]))
    np.testing.assert_array_equal(values, [[[11.0, 0.0]]])


def test_what_does_not_fit_becomes_the_nearest_number_and_is_counted(make_scene: MakeScene) -> None:
    stored = StoredNumbers(scene_of(make_scene, "uint8"), [0], None)
    back, moved = stored.numbers(np.array([[[-3.0, 0.4, 255.4, 255.6, 1e9]]]))
    np.testing.assert_array_equal(back, [[[0, 0, 255, 255, 255]]])
    np.testing.assert_array_equal(moved, [[[True, False, False, True, True]]])


@pytest.mark.parametrize(
    ("dtype", "nodata", "value", "expected"),
    [
        ("uint16", 0, -4.0, 1),
        ("uint16", 0, 0.2, 1),
        ("uint8", 255, 255.0, 254),
        ("int16", -50, -50.4, -51),
        ("int16", -50, -49.6, -49),
    ],
)
def test_no_value_is_stored_as_no_data(
    dtype: str, nodata: int, value: float, expected: int, make_scene: MakeScene
) -> None:
    back, moved = StoredNumbers(scene_of(make_scene, dtype), [0], nodata).numbers(np.array([[[value]]]))
    assert back.item() == expected
    assert moved.all()


@pytest.mark.parametrize(
    ("dtype", "declared", "given", "expected"),
    [
        ("int16", (-9999.0, -9999.0), (), -9999),
        ("int16", (None, -1.0), (), -1),
        ("int16", (None, None), (-7.0,), -7),
        ("uint8", (-9999.0, None), (), None),
        ("uint8", (-9999.0, None), (0.0,), 0),
        ("float32", (-3.4e38, None), (), float(np.float32(-3.4e38))),
        ("float32", (-1.7976931348623157e308, None), (), float(np.finfo(np.float32).min)),
        ("int16", (math.nan, None), (), None),
    ],
)
def test_the_number_that_means_no_data(
    dtype: str,
    declared: tuple[float | None, ...],
    given: tuple[float, ...],
    expected: float | None,
    make_scene: MakeScene,
) -> None:
    scene = replace(scene_of(make_scene, dtype), band_nodata=(*declared, declared[1]), also_nodata=given)
    assert stored_nodata(scene) == expected


def test_nan_means_no_data_in_real_numbers(make_scene: MakeScene) -> None:
    value = stored_nodata(replace(scene_of(make_scene, "float32"), band_nodata=(math.nan,) * 3))
    assert value is not None
    assert math.isnan(value)


def test_rounding_of_whole_numbers_is_noise(make_scene: MakeScene) -> None:
    whole = StoredNumbers(scene_of(make_scene, "int16", scale=0.1), range(3), None).rounding_variance
    np.testing.assert_allclose(whole, 0.01 / 12)
    assert not StoredNumbers(scene_of(make_scene, "float32"), range(3), None).rounding_variance.any()
