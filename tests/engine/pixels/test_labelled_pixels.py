from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.pixels.labelled_pixels import LabelledPixels, StripCollector


def raster() -> np.ndarray:
    values = np.zeros((5, 9), np.int32)
    values[0, 7:], values[2, :3], values[4, 8] = 3, 11, 2
    return values


def test_a_raster_comes_back_from_its_labelled_pixels() -> None:
    pixels = LabelledPixels.of_rasters(raster(), raster() * 2)
    assert len(pixels) == 6
    assert np.array_equal(pixels.raster(pixels.values), raster())
    assert np.array_equal(pixels.raster(pixels.groups), raster() * 2)


def test_values_are_known_at_any_pixel() -> None:
    pixels = LabelledPixels.of_rasters(raster(), raster())
    rows, cols = np.nonzero(np.ones((5, 9)))
    assert np.array_equal(pixels.values_at(rows, cols), raster().ravel())


@pytest.mark.parametrize("height", [1, 2, 5])
def test_strips_gather_to_the_pixels_of_the_whole(height: int) -> None:
    collector = StripCollector()
    for top in range(0, 5, height):
        collector.add(top, raster()[top : top + height])
    rows, cols, numbers = collector.finish()
    whole = np.nonzero(raster())
    assert np.array_equal([rows, cols, numbers], [*whole, raster()[whole]])


def test_pixels_without_class_or_group_are_refused() -> None:
    with pytest.raises(ValueError, match="each labelled pixel, and no other, must belong to a group"):
        LabelledPixels.of_rasters(raster(), np.ones_like(raster()))
    with pytest.raises(ValueError, match="must have a class and belong to a group"):
        LabelledPixels(
            rows=np.zeros(1, np.int32),
            cols=np.zeros(1, np.int32),
            values=np.ones(1, np.int32),
            groups=np.zeros(1, np.int32),
            shape=(2, 3),
        )
    with pytest.raises(ValueError, match=r"cols must be of shape \(1,\), found \(2,\)"):
        LabelledPixels(
            rows=np.zeros(1, np.int32),
            cols=np.zeros(2, np.int32),
            values=np.ones(1, np.int32),
            groups=np.ones(1, np.int32),
            shape=(2, 3),
        )
