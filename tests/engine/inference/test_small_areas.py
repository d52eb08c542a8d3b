"""Small areas of a map that comes strip by strip, in sizes that differ from row to row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.errors import Cancelled, LabelError
from hsi_engine.inference.minimum_area import remove_small_areas
from hsi_engine.inference.small_areas import SmallAreas

Values = npt.NDArray[np.uint8]


def random_map(seed: int, classes: int = 3, shape: tuple[int, int] = (13, 17)) -> Values:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < 0.15, 0, rng.integers(1, classes + 1, shape)).astype(np.uint8)


def in_strips(
    values: Values, height: int, minimum: float, row_sizes: npt.NDArray[np.int64] | None = None
) -> tuple[npt.NDArray[np.int32], int, int]:
    areas, numbers = SmallAreas(), []
    for row in range(0, len(values), height):
        sizes = None if row_sizes is None else row_sizes[row : row + height]
        numbers.append(areas.add(values[row : row + height], sizes))
    merged = areas.merge(minimum)
    return merged.values[np.concatenate(numbers)], merged.merged, merged.alone


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9999), height=st.integers(1, 13), minimum=st.integers(2, 40), classes=st.integers(1, 5))
def test_strips_of_any_height_give_the_map_that_is_treated_at_once(
    seed: int, height: int, minimum: int, classes: int
) -> None:
    values = random_map(seed, classes)
    found, merged, alone = in_strips(values, height, minimum)
    np.testing.assert_array_equal(found, remove_small_areas(values, min_pixels=minimum))
    assert (merged, alone) == in_strips(values, 13, minimum)[1:]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), height=st.integers(1, 13))
def test_sizes_of_rows_count(seed: int, height: int) -> None:
    values = random_map(seed)
    sizes = np.arange(1, 14, dtype=np.int64) * 10**12 + 7  # as large as those of real maps, and odd
    found = in_strips(values, height, 30 * 10**12, sizes)
    expected = in_strips(values, 13, 30 * 10**12, sizes)
    np.testing.assert_array_equal(found[0], expected[0])
    assert found[1:] == expected[1:]


def test_of_two_areas_of_as_many_pixels_only_the_smaller_one_goes() -> None:
    values = np.full((4, 6), 1, np.uint8)
    values[0, 2] = values[3, 2] = 2
    found, merged, _ = in_strips(values, 2, 4, np.array([3, 4, 4, 4], np.int64))
    assert (found[0, 2], found[3, 2], merged) == (1, 2, 1)


def test_a_map_of_too_many_areas_is_refused_with_what_helps() -> None:
    areas = SmallAreas(max_areas=30)
    areas.add(np.ones((2, 17), np.uint8))
    with pytest.raises(LabelError, match="more than 30 areas") as caught:
        areas.add(random_map(1))
    assert caught.value.code == "labels.too_many_areas"
    assert "majority window" in caught.value.hint


def test_merging_can_be_cancelled() -> None:
    areas = SmallAreas()
    areas.add(random_map(2, 4, (200, 150)))
    calls = 0

    def cancel() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        areas.merge(10_000, cancel)
