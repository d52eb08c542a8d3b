from __future__ import annotations

import pytest

from hsi_engine.errors import ParameterError
from hsi_engine.spectrum.band_selection import parse_band_selection
from hsi_engine.spectrum.bands import BandTable

COUNT = 12
BANDS = BandTable(
    names=tuple(f"Band {i + 1}" for i in range(COUNT)),
    wavelength_nm=tuple(430.0 + 50.0 * i for i in range(COUNT)),
    fwhm_nm=(50.0,) * COUNT,
    good=(True,) * COUNT,
)
UNKNOWN = BandTable(names=("a", "b"), wavelength_nm=(None, None), fwhm_nm=(None, None), good=(True, True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", (0,)),
        ("3-5", (2, 3, 4)),
        (" 5 – 6 , 2;5,", (1, 4, 5)),
        ("480-580nm", (1, 2, 3)),
        ("481 - 579 nm", (2,)),
        ("0.48-0.58µm", (1, 2, 3)),
        ("0.48-0.58 um", (1, 2, 3)),
        ("543nm", (2,)),
        ("12, 400-440NM", (0, 11)),
    ],
)
def test_reads_numbers_and_wavelengths(text: str, expected: tuple[int, ...]) -> None:
    assert parse_band_selection(text, BANDS) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" , ", "is empty"),
        ("red", "neither a band number nor a wavelength"),
        ("1--3", "neither"),
        ("-3", "neither"),
        ("5-3", "ends before it begins.*Write it as 3-5"),
        ("900-400nm", "Write it as 400-900nm"),
        ("0", "run from 1 to 12"),
        ("10-13", "'10-13'.*run from 1 to 12"),
        ("1.5", "not a whole band number.*1.5nm"),
        ("2000-2100nm", "No band lies at '2000-2100nm'; the scene has 12 bands from 430.0 to 980.0 nm"),
        ("1020nm", "No band lies at"),
    ],
)
def test_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parse_band_selection(text, BANDS)


def test_wavelengths_need_a_scene_that_knows_them() -> None:
    assert parse_band_selection("2", UNKNOWN) == (1,)
    with pytest.raises(ParameterError, match=r"states no wavelengths.*1 to 2"):
        parse_band_selection("400-900nm", UNKNOWN)
