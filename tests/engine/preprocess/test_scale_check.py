"""The warning about a scene in another unit."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.preprocess.scale_check import scale_warning, second_scale_warning

SPECTRUM = np.array([0.04, 0.08, 0.31, 0.25])


def test_reflectance_in_other_units() -> None:
    assert "10,000 times as high: 1700, against 0.17" in scale_warning(SPECTRUM, SPECTRUM * 1e4)
    assert "10,000 times as low" in scale_warning(SPECTRUM * 1e4, SPECTRUM)
    assert "another unit" in scale_warning(SPECTRUM, SPECTRUM * 100)


@pytest.mark.parametrize("factor", [0.25, 0.8, 1.0, 4.0])
def test_another_scene_in_the_same_unit(factor: float) -> None:
    assert scale_warning(SPECTRUM, SPECTRUM[::-1] * factor) == ""


def test_levels_that_cannot_be_compared() -> None:
    assert "zero" in scale_warning(SPECTRUM, np.zeros(4))
    assert scale_warning(np.zeros(4), SPECTRUM) == ""
    assert scale_warning(SPECTRUM, np.full(4, np.nan)) == ""


def test_a_factor_of_many_digits_is_short() -> None:
    assert "is 1e+303 times as high: 1.7e+302," in scale_warning(SPECTRUM, SPECTRUM * 1e303)
    assert "is 1e+06 times as low:" in scale_warning(SPECTRUM * 1e6, SPECTRUM)
    assert "999,999 times as high" in scale_warning(SPECTRUM, SPECTRUM * 999_999)


@pytest.mark.parametrize(
    ("factor", "words"), [(10, "10 times as high: 5000"), (1000, "1,000 times as high"), (0.1, "10 times as low: 50")]
)
def test_a_second_raster_in_another_unit(factor: float, words: str) -> None:
    heights = np.array([500.0])
    warning = second_scale_warning(heights, heights * factor)
    assert f"The second raster's mean value is {words}" in warning
    assert "against 500 in the second raster the model was trained on. It may be in another unit (such as" in warning
    assert second_scale_warning(heights, heights * 3) == ""
