"""Class maps without specks: what is small joins what it borders on, and holes stay holes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from hsi_engine.inference.minimum_area import majority_filter, remove_small_areas
from hsi_engine.pixels.window import TilePlan

Values = npt.NDArray[np.uint8]
SEEDS = range(6)


def raster(*rows: str) -> Values:
    return np.array([list(row) for row in rows]).astype(np.uint8)


def noisy(seed: int, *, dtype: type[np.uint8] | type[np.uint16] = np.uint8) -> Values:
    """Patches of five classes with specks of others, holes, and a strip of islands; more columns than rows."""
    rng = np.random.default_rng(seed)
    fields = ndimage.zoom(rng.integers(1, 6, (5, 8)), 8, order=0)[:37]
    specks = rng.random(fields.shape) < 0.25
    values = np.where(specks, rng.integers(1, 6, fields.shape), fields)
    values[rng.random(fields.shape) < 0.08] = 0
    values[10:20, 30:44] = 0
    values[12:18:3, 32:42:3] = 4  # alone
    return values.astype(dtype)


def regions_of(values: Values) -> list[tuple[int, npt.NDArray[np.bool_]]]:
    found = []
    for value in np.unique(values[values > 0]):
        numbers, count = ndimage.label(values == value, np.ones((3, 3)))
        found += [(int(value), numbers == number) for number in range(1, count + 1)]
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("min_pixels", [2, 5, 30, 10_000])
def test_only_what_touches_nothing_else_stays_small(seed: int, min_pixels: int) -> None:
    sieved = remove_small_areas(noisy(seed), min_pixels=min_pixels)
    alone = 0
    for value, region in regions_of(sieved):
        if region.sum() < min_pixels:
            around = sieved[ndimage.binary_dilation(region, np.ones((3, 3)))]
            assert set(around.tolist()) <= {0, value}
            alone += 1
    assert alone >= 8


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("min_pixels", [2, 5, 30])
def test_a_second_time_changes_nothing(seed: int, min_pixels: int) -> None:
    once = remove_small_areas(noisy(seed), min_pixels=min_pixels)
    np.testing.assert_array_equal(remove_small_areas(once, min_pixels=min_pixels), once)


@pytest.mark.parametrize("seed", SEEDS)
def test_holes_neither_grow_nor_are_filled_and_the_argument_stays(seed: int) -> None:
    values = noisy(seed)
    kept = values.copy()
    sieved = remove_small_areas(values, min_pixels=9)
    np.testing.assert_array_equal(sieved == 0, values == 0)
    np.testing.assert_array_equal(values, kept)
    assert (sieved != values).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_are_not_mixed_up_with_their_values(seed: int) -> None:
    values = noisy(seed, dtype=np.uint16)
    renamed = np.where(values > 0, values * 300, 0).astype(np.uint16)
    expected = remove_small_areas(values, min_pixels=9)
    found = remove_small_areas(renamed, min_pixels=9)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, expected * 300)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("min_pixels", [0, 1])
def test_without_a_minimum_nothing_changes(seed: int, min_pixels: int) -> None:
    np.testing.assert_array_equal(remove_small_areas(noisy(seed), min_pixels=min_pixels), noisy(seed))


def test_the_longest_border_wins_over_the_larger_region() -> None:
    values = raster("11122222", "11322222", "11122222")
    # Three edges of the 3 border on class 1 and one on class 2, which has more pixels.
    np.testing.assert_array_equal(remove_small_areas(values, min_pixels=2), raster("11122222", "11122222", "11122222"))


def test_of_equal_borders_the_larger_region_wins_and_then_the_smaller_value() -> None:
    np.testing.assert_array_equal(remove_small_areas(raster("113222"), min_pixels=2), raster("112222"))
    np.testing.assert_array_equal(remove_small_areas(raster("22311"), min_pixels=2), raster("22111"))


def test_corners_join_a_region_and_count_as_no_border() -> None:
    diagonal = raster("1222", "2122", "2212")
    np.testing.assert_array_equal(remove_small_areas(diagonal, min_pixels=3), diagonal)
    corner = raster("2200", "2200", "0030")
    np.testing.assert_array_equal(remove_small_areas(corner, min_pixels=2), raster("2200", "2200", "0020"))
    both = raster("2220", "2220", "0031", "0111")
    np.testing.assert_array_equal(remove_small_areas(both, min_pixels=2), raster("2220", "2220", "0011", "0111"))


def test_regions_that_meet_through_what_joined_them_are_one() -> None:
    # Without the 3, neither part of class 1 would reach five pixels.
    np.testing.assert_array_equal(remove_small_areas(raster("1131104444"), min_pixels=5), raster("1111104444"))


def test_of_equally_small_regions_that_of_the_smaller_class_goes_first() -> None:
    np.testing.assert_array_equal(remove_small_areas(raster("0312222"), min_pixels=2), raster("0222222"))
    np.testing.assert_array_equal(remove_small_areas(raster("0132222"), min_pixels=2), raster("0332222"))


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (1, 1), (1, 7), (7, 1)])
def test_odd_sizes_are_treated(shape: tuple[int, int]) -> None:
    values = np.full(shape, 3, np.uint8)
    np.testing.assert_array_equal(remove_small_areas(values, min_pixels=4), values)
    np.testing.assert_array_equal(majority_filter(values, 2), values)


def test_a_raster_without_classes_stays_as_it_is() -> None:
    values = np.zeros((4, 6), np.uint16)
    np.testing.assert_array_equal(remove_small_areas(values, min_pixels=4), values)
    np.testing.assert_array_equal(majority_filter(values, 2), values)


def majority_by_definition(values: Values, radius: int) -> Values:
    expected = values.copy()
    for row, col in zip(*np.nonzero(values), strict=True):
        window = values[max(0, row - radius) : row + radius + 1, max(0, col - radius) : col + radius + 1]
        votes = np.bincount(window[window > 0])
        if votes[values[row, col]] < votes.max():
            expected[row, col] = votes.argmax()
    return expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_the_majority_is_that_of_the_window(seed: int, radius: int) -> None:
    values = noisy(seed)
    kept = values.copy()
    found = majority_filter(values, radius)
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, majority_by_definition(values, radius))
    np.testing.assert_array_equal(values, kept)


def test_the_majority_in_a_raster_of_one_class_is_that_class() -> None:
    values = np.full((9, 14), 7, np.uint16)
    values[3:5, 2:9] = 0
    np.testing.assert_array_equal(majority_filter(values, 2), values)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_majority_does_not_depend_on_the_tiles(seed: int) -> None:
    values, radius = noisy(seed), 2
    expected = majority_filter(values, radius)
    for tile in TilePlan(shape=(values.shape[0], values.shape[1]), strip_rows=9, tile_cols=14):
        around = tile.grow(radius).clip((values.shape[0], values.shape[1]))
        found = majority_filter(values[around.slices()], radius)[tile.relative_to(around).slices()]
        np.testing.assert_array_equal(found, expected[tile.slices()])
