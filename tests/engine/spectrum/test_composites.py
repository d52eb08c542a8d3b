"""Which bands a composite shows."""

from __future__ import annotations

import dataclasses

import pytest

from hsi_engine.errors import SceneError
from hsi_engine.spectrum.bands import BandTable
from hsi_engine.spectrum.composites import choose_colour_bands, possible_composites

SENTINEL_2 = (443, 490, 560, 665, 705, 740, 783, 842, 865, 945, 1610, 2190)


def bands(*wavelengths: float | None) -> BandTable:
    n = len(wavelengths)
    return BandTable(names=("b",) * n, wavelength_nm=wavelengths, fwhm_nm=(None,) * n, good=(True,) * n)


def chosen(table: BandTable, name: str = "automatic", **options: object) -> tuple[int, ...]:
    return choose_colour_bands(table, table.good_indices, name, **options).bands  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("automatic", (3, 2, 1)),
        ("true_colour", (3, 2, 1)),
        ("near_infrared", (8, 3, 2)),
        ("short_wave_infrared", (11, 8, 3)),
    ],
)
def test_a_multispectral_scene(name: str, expected: tuple[int, ...]) -> None:
    assert chosen(bands(*SENTINEL_2), name) == expected


def test_bands_need_not_be_in_the_order_of_wavelengths() -> None:
    assert chosen(bands(*reversed(SENTINEL_2)), "near_infrared") == (3, 8, 9)


def test_bad_bands_are_passed_over() -> None:
    table = bands(467, 472, 548, 551, 649, 655)
    assert chosen(table) == (4, 3, 1)
    good = tuple(i not in (1, 4) for i in range(6))
    assert chosen(dataclasses.replace(table, good=good)) == (5, 3, 0)


def test_bands_without_data_are_passed_over_one_by_one() -> None:
    asked: list[tuple[int, ...]] = []

    def without_data(shown: tuple[int, ...]) -> set[int]:
        asked.append(tuple(shown))
        return {1, 4} & set(shown)

    table = bands(468, 471, 548, 551, 649, 655)
    assert chosen(table, without_data=without_data) == (5, 3, 0)
    assert asked == [(4, 3, 1), (5, 3, 0)]


def test_automatic_takes_what_the_wavelengths_allow() -> None:
    assert choose_colour_bands(bands(550, 650, 860), (0, 1, 2)).composite == "near_infrared"
    swir = bands(1000, 1050, 1250, 1600, 1650, 2200)
    assert choose_colour_bands(swir, range(6)).bands == (5, 4, 2)
    assert choose_colour_bands(bands(1050, 1250, 1600), range(3)).bands == (2, 1, 0)


def test_without_wavelengths_bands_are_spread_and_it_is_said() -> None:
    found = choose_colour_bands(bands(*[None] * 9), range(9))
    assert (found.composite, found.bands, found.title) == ("spread_bands", (6, 4, 2), "Bands 7, 5 and 3")
    assert found.note.startswith("The scene states no wavelengths: bands spread over the scene are shown")


def test_three_bands_without_wavelengths_keep_their_order() -> None:
    found = choose_colour_bands(bands(None, None, None), range(3))
    assert found.bands == (0, 1, 2)
    assert "red, green and blue in the order of the file" in found.note


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_bands_are_grey(count: int) -> None:
    found = choose_colour_bands(bands(*[600.0] * count), range(count))
    assert (found.composite, found.bands) == ("grey", (0,))
    assert found.note.startswith(f"The scene has only {count} band")


def test_wavelengths_of_another_part_of_the_spectrum_do_not_decide() -> None:
    found = choose_colour_bands(bands(8000, 9000, 10000, 11000, 12000), range(5))
    assert found.composite == "spread_bands"
    assert "(5 bands from 8000.0 to 12000.0 nm)" in found.note


def test_a_band_may_lie_beside_the_wavelength_but_not_far_from_it() -> None:
    assert possible_composites(bands(509, 650, 860), range(3)) == ()
    assert possible_composites(bands(510, 690, 930), range(3)) == ("near_infrared",)
    assert possible_composites(bands(None, 690, 930), range(3)) == ()


def test_a_composite_takes_three_different_bands() -> None:
    assert possible_composites(bands(510, 650), range(2)) == ()  # near enough for green and for blue


def test_a_refusal_says_the_range_and_what_is_possible() -> None:
    with pytest.raises(SceneError) as caught:
        chosen(bands(470, 550, 650, 860), "short_wave_infrared")
    assert str(caught.value) == (
        "The composite “Short-wave infrared” needs bands near 2200, 860 and 650 nm; the scene has 4 bands from 470.0"
        " to 860.0 nm to choose from, and these are not among them. Possible with this scene: “True colour” or “Near infrared”."
    )


def test_a_refusal_without_wavelengths_says_so() -> None:
    with pytest.raises(SceneError, match="chosen by wavelength, and the scene states none for the 4 bands"):
        chosen(bands(None, None, None, None), "true_colour")


def test_no_band_with_data_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of the 4 candidates holds data"):
        chosen(bands(470, 550, 650, 860), without_data=set)
