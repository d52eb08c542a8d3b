from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hsi_engine.io.labels.rasters import connected_regions
from hsi_engine.io.labels.rasters.connected_regions import RegionNumbering, _label_by_class, _label_by_runs


def at_once(values: np.ndarray) -> np.ndarray:
    regions, total = np.zeros(values.shape, np.int32), 0
    for value in np.unique(values[values > 0]):
        numbered, found = ndimage.label(values == value, structure=np.ones((3, 3)))
        regions[numbered > 0] = numbered[numbered > 0] + total
        total += found
    return regions[values > 0]


def numbered(values: np.ndarray, height: int) -> np.ndarray:
    numbering = RegionNumbering()
    for row in range(0, len(values), height):
        numbering.add(values[row : row + height])
    return numbering.finish()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9999), height=st.integers(1, 12), classes=st.integers(1, 3), empty=st.floats(0, 0.9))
def test_regions_do_not_depend_on_how_the_raster_was_cut(seed: int, height: int, classes: int, empty: float) -> None:
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((12, 17)) < empty, 0, rng.integers(1, classes + 1, (12, 17))).astype(np.int32)
    assert numbered(values, height).tolist() == at_once(values).tolist()


def test_a_spiral_is_one_region_however_it_is_cut() -> None:
    rows = ("1111111", "1000001", "1011101", "1010101", "1010001", "1011111", "1000000")
    values = np.array([[int(c) for c in row] for row in rows], np.int32)
    for height in range(1, 8):
        assert set(numbered(values, height)) == {1}


def test_a_raster_without_any_class_has_no_region() -> None:
    assert numbered(np.zeros((4, 3), np.int32), 2).tolist() == []


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 12)),
    classes=st.integers(1, 60),
    empty=st.floats(0, 1),
)
@settings(deadline=None, max_examples=200)
def test_many_classes_at_once_give_the_regions_of_one_class_after_the_other(
    seed: int, shape: tuple[int, int], classes: int, empty: float
) -> None:
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(shape) < empty, 0, rng.integers(1, classes + 1, shape)).astype(np.int32)
    present = np.unique(values[values > 0])
    if not len(present):
        return
    (one, count), (other, same) = (label(values, present) for label in (_label_by_runs, _label_by_class))
    assert count == same
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(one)) == len(np.unique(other)), "each region is one region"
    assert np.array_equal(one == 0, values == 0)


def test_numbers_do_not_depend_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).integers(0, 40, (60, 50)).astype(np.int32)
    found = []
    for few in (0, 100):
        monkeypatch.setattr(connected_regions, "_FEW_CLASSES", few)
        regions = RegionNumbering()
        for top in range(0, 60, 7):
            regions.add(values[top : top + 7])
        found.append(regions.finish())
    assert np.array_equal(*found)
