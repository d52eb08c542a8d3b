from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hsi_engine.io.scenes.metadata.band_metadata import (
    RasterTags,
    read_band_table,
    wavelength_notes,
    without_impossible,
)
from hsi_engine.spectrum.bands import named_bands


def tags(
    *,
    count: int = 3,
    band: list[Mapping[str, str]] | None = None,
    imagery: list[Mapping[str, str]] | None = None,
    envi: Mapping[str, str] | None = None,
    dataset: Mapping[str, str] | None = None,
    descriptions: list[str | None] | None = None,
) -> RasterTags:
    class Raster:
        """Has the one method by which rasterio hands out tags."""

        indexes = range(1, count + 1)

        def __init__(self) -> None:
            self.descriptions = tuple(descriptions or [None] * count)

        def tags(self, index: int = 0, ns: str | None = None) -> Mapping[str, str]:
            whole: dict[str | None, Any] = {"ENVI": envi or {}, None: dataset or {}}
            parts: dict[str | None, Any] = {"IMAGERY": imagery, None: band}
            return (parts[ns] or [{}] * count)[index - 1] if index else whole[ns]

    return RasterTags.of(Raster())


def test_tags_of_each_band_as_in_enmap_products() -> None:
    table, warnings = read_band_table(
        tags(
            band=[
                {"wavelength": str(w), "wavelength_units": "Nanometers", "fwhm": "7.5", "bbl": str(int(w != 600))}
                for w in (500, 600, 700)
            ],
            descriptions=["blue", None, " "],
        )
    )
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (7.5,) * 3
    assert table.good == (True, False, True)
    assert table.names == ("blue", "Band 2", "Band 3")
    assert warnings == ()


def test_envi_header_lists() -> None:
    table, warnings = read_band_table(
        tags(
            envi={
                "wavelength": "{ 0.5, 0.6,\n 0.7 }",
                "fwhm": "{0.01,0.01,0.01}",
                "bbl": "{1,0,1}",
                "wavelength_units": "Micrometers",
            }
        )
    )
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (10.0,) * 3
    assert table.good == (True, False, True)
    assert warnings == ()


def test_envi_keys_of_the_dataset_written_in_any_spelling() -> None:
    table, _ = read_band_table(tags(dataset={"Wavelength": "{500,600,700}", "Wavelength Units": "nm"}))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)


def test_imagery_domain_is_in_micrometres() -> None:
    table, warnings = read_band_table(
        tags(imagery=[{"CENTRAL_WAVELENGTH_UM": f"0.{i}", "FWHM_UM": "0.010"} for i in (5, 6, 7)])
    )
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (10.0,) * 3
    assert warnings == ()


def test_widths_may_come_from_another_place_than_wavelengths() -> None:
    table, _ = read_band_table(
        tags(
            band=[{"wavelength": str(w), "wavelength_units": "nm"} for w in (500, 600, 700)],
            imagery=[{"CENTRAL_WAVELENGTH_UM": "0.501", "FWHM_UM": "0.012"}] * 3,
        )
    )
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (12.0,) * 3


def test_descriptions_count_only_with_a_unit() -> None:
    table, _ = read_band_table(tags(descriptions=["band 1 (500.5 Nanometers)", "B2 0.6 µm", "700 nm centre"]))
    assert table.wavelength_nm == (500.5, 600.0, 700.0)
    table, _ = read_band_table(tags(descriptions=["Band 500", "Band 600", "700 number"]))
    assert table.wavelength_nm == (None,) * 3


@pytest.mark.parametrize(("values", "unit"), [("{0.5,0.6,0.7}", "micrometres"), ("{500,600,700}", "nanometres")])
def test_a_missing_unit_is_inferred_and_said(values: str, unit: str) -> None:
    table, warnings = read_band_table(tags(envi={"wavelength": values}))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert len(warnings) == 1
    assert f"taken as {unit}" in warnings[0]


def test_running_numbers_are_no_wavelengths() -> None:
    table, warnings = read_band_table(tags(envi={"wavelength": "{1,2,3}", "wavelength_units": "Index"}))
    assert table.wavelength_nm == (None,) * 3
    assert "left out" in warnings[0]


def test_a_list_of_the_wrong_length_is_ignored_and_said() -> None:
    table, warnings = read_band_table(tags(envi={"wavelength": "{500,600}", "wavelength_units": "nm"}))
    assert table.wavelength_nm == (None,) * 3
    assert any("2 values of 'wavelength' for 3 bands" in w for w in warnings)


def test_a_wrong_unit_shows_as_an_implausible_wavelength() -> None:
    table, _ = read_band_table(tags(envi={"wavelength": "{0.5,0.6,0.7}", "wavelength_units": "Nanometers"}))
    assert "bands 1–3 (0.5 nm) is outside the range of imaging" in wavelength_notes(table)[0]


def test_wavelengths_of_which_most_have_a_wrong_unit_are_not_used() -> None:
    stated = tags(envi={"wavelength": "{400,1500,2465}", "wavelength_units": "Micrometers", "fwhm": "{6,6,10}"})
    table, notes = without_impossible(read_band_table(stated)[0])
    assert (table.wavelength_nm, table.fwhm_nm) == ((None,) * 3, (None,) * 3)
    assert "are not used: they are 400,000 to 2,465,000 nm, outside the range" in notes[0]
    assert "Correct their unit in the file, or give them as a list" in notes[0]
    one_odd, _ = read_band_table(tags(envi={"wavelength": "{0.4,600,700}", "wavelength_units": "nm"}))
    assert without_impossible(one_odd) == (one_odd, ())


def test_a_partly_known_spectrum_is_said() -> None:
    band = [{"wavelength": "500", "wavelength_units": "nm"}, {}, {"wavelength": "nan", "wavelength_units": "nm"}]
    table, warnings = read_band_table(tags(band=band))
    assert table.wavelength_nm == (500.0, None, None)
    assert warnings == ()
    assert wavelength_notes(table) == ("The wavelength of bands 2–3 is not known.",)


def test_nothing_said_nothing_known() -> None:
    table, warnings = read_band_table(tags())
    assert table.names == ("Band 1", "Band 2", "Band 3")
    assert not table.has_wavelengths
    assert table.good == (True,) * 3
    assert warnings == ()


# ------------------------------------------------------------------------------------ stated, but not as expected


NM = {"wavelength_units": "Nanometers"}


@pytest.mark.parametrize("listed", ["{500,600,700,800}", "{ 500 , 600 }", "{500}"], ids=["long", "short", "one"])
def test_what_gdal_hands_out_from_a_list_of_another_length_is_no_wavelength(listed: str) -> None:
    texts = [text.strip() for text in listed.strip("{}").split(",")]
    band = [{"wavelength": text} | NM for text in texts[:3]] + [{}] * (3 - len(texts))
    table, warnings = read_band_table(
        tags(
            band=band,
            imagery=[{"CENTRAL_WAVELENGTH_UM": "0.5"}] * 3,
            envi={"wavelength": listed} | NM,
            descriptions=["one (500 Nanometers)", "two (600 Nanometers)", None],
        )
    )
    assert table.wavelength_nm == (None,) * 3
    assert table.names == ("Band 1", "Band 2", "Band 3")
    assert warnings == (f"The file lists {len(texts)} values of 'wavelength' for 3 bands; the list was ignored.",)


def test_tags_of_the_bands_stand_against_a_list_they_do_not_come_from() -> None:
    band = [{"wavelength": str(w)} | NM for w in (500, 600, 700)]
    table, _ = read_band_table(tags(band=band, envi={"wavelength": "{400,500,600,700}"} | NM))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)


def test_widths_of_a_list_of_another_length_do_not_come_back_through_gdal() -> None:
    table, warnings = read_band_table(
        tags(
            envi={"wavelength": "{500,600,700}", "fwhm": "{10,20}"} | NM,
            imagery=[{"FWHM_UM": "0.010"}, {"FWHM_UM": "0.020"}, {}],
        )
    )
    assert table.fwhm_nm == (None,) * 3
    assert warnings == ("The file lists 2 values of 'fwhm' for 3 bands; the list was ignored.",)


def test_band_names_of_another_number_are_not_used() -> None:
    table, warnings = read_band_table(
        tags(envi={"band_names": "{a, b, c, d}"}, descriptions=["a", "b", "c"]),
    )
    assert table.names == ("Band 1", "Band 2", "Band 3")
    assert warnings == ("The file lists 4 values of 'band names' for 3 bands; the list was ignored.",)


@pytest.mark.parametrize(
    "text", ["{500.0, 600.0, 700.0}", "500;600;700", "500 600 700", "[500, 600, 700]", "500 nm, 600 nm, 0.7 µm"]
)
def test_the_list_of_all_bands_in_the_tag_of_each(text: str) -> None:
    table, warnings = read_band_table(tags(band=[{"wavelength": text} | NM] * 3))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert warnings == ()


def test_a_number_with_its_own_unit() -> None:
    band = [{"wavelength": "500 nm", "fwhm": "10 nm"}, {"wavelength": "0.6um"} | NM, {"wavelength": "7e-7 [m]"}]
    table, warnings = read_band_table(tags(band=band))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (10.0, None, None)
    assert warnings == ()


@pytest.mark.parametrize("text", ["blue", "450,5", "500 bananas", "0", "-3", "{500, 600}", "4 5"])
def test_wavelengths_that_cannot_be_read_are_said(text: str) -> None:
    band = [{"wavelength": "500"} | NM, {"wavelength": text} | NM, {"wavelength": "700"} | NM]
    table, warnings = read_band_table(tags(band=band))
    assert table.wavelength_nm == (500.0, None, 700.0)
    assert warnings == (
        f"The wavelength of band 2 cannot be read ({text!r}); a positive number is expected, alone or with its unit.",
    )
    assert wavelength_notes(table) == ("The wavelength of band 2 is not known.",)
    table, warnings = read_band_table(tags(band=[{"wavelength": text}] * 3, descriptions=["500 nm", "600 nm", None]))
    assert table.wavelength_nm == (None,) * 3
    assert len(warnings) == 1
    assert warnings[0].startswith("The wavelength of bands 1–3 cannot be read")


@pytest.mark.parametrize("unit", ["decimal year", "DOY", "days since 1970-01-01", "Index", "dB", "a", "kg"])
def test_a_unit_of_something_else_leaves_no_wavelengths(unit: str) -> None:
    for source in (
        tags(band=[{"wavelength": str(w), "wavelength_units": unit} for w in (500, 600, 700)]),
        tags(envi={"wavelength": "{500, 600, 700}", "wavelength_units": unit}),
        tags(dataset={"wavelength": "{500, 600, 700}", "wavelength_units": unit}),
    ):
        table, warnings = read_band_table(source)
        assert table.wavelength_nm == (None,) * 3
        assert warnings == (
            f"{unit!r} is not a unit of wavelength: the wavelengths that the file gives for bands 1–3 were left out.",
        )


@pytest.mark.parametrize("unit", ["", "Unknown", "n/a", "None"])
def test_a_unit_that_is_left_open_is_inferred(unit: str) -> None:
    table, warnings = read_band_table(tags(envi={"wavelength": "{500, 600, 700}", "wavelength_units": unit}))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert "taken as nanometres" in warnings[0]


@pytest.mark.parametrize(
    ("bad", "good"),
    [("False", "True"), ("no", "yes"), ("BAD", "GOOD"), ("'false'", "'true'"), ("0.0", "1.0"), ("-1", "1")],
)
def test_bad_bands_in_words(bad: str, good: str) -> None:
    listed = "{" + f"{good}, {bad}, {good}" + "}"
    for source in (
        tags(envi={"bbl": listed}),
        tags(band=[{"bbl": good}, {"bbl": bad}, {"bbl": good}]),
        tags(band=[{"bbl": listed}] * 3),
    ):
        table, warnings = read_band_table(source)
        assert table.good == (True, False, True)
        assert warnings == ()


def test_flags_that_cannot_be_read_are_said() -> None:
    table, warnings = read_band_table(tags(envi={"bbl": "{1, maybe, 0}"}))
    assert table.good == (True, True, False)
    assert warnings == (
        "The bad-band flag of band 2 cannot be read ('maybe' instead of 1 or 0); this band is treated as good.",
    )


def test_flags_of_another_kind_are_said_once() -> None:
    warnings = read_band_table(tags(envi={"bbl": "{Y, N, Y}"}))[1]
    assert warnings == (
        "The bad-band flags of bands 1–3 cannot be read ('Y' instead of 1 or 0); these bands are treated as good.",
    )


def test_one_wavelength_for_all_bands_is_left_out() -> None:
    table, warnings = read_band_table(tags(band=[{"wavelength": "550"} | NM] * 3))
    assert table.wavelength_nm == (None,) * 3
    assert warnings == ("The file states the same wavelength, 550, for all bands; it was left out.",)
    assert read_band_table(tags(count=1, band=[{"wavelength": "550"} | NM]))[0].wavelength_nm == (550.0,)


def test_nothing_is_expected_of_transparency() -> None:
    band = [{"wavelength": "500"} | NM, {"wavelength": "600"} | NM, {}]
    table, _ = read_band_table(tags(band=band))
    assert wavelength_notes(table, transparent=(2,)) == ()
    assert wavelength_notes(table) == ("The wavelength of band 3 is not known.",)


def test_one_band_and_several_are_named_in_the_right_number() -> None:
    assert named_bands([6]) == "band 7"
    assert named_bands([0, 1, 2, 8]) == "bands 1–3, 9"


# ------------------------------------------------------------------------------------ widths, and wavelengths stated twice

STATED = [{"wavelength": str(w), "wavelength_units": "nm"} for w in (500, 600, 700)]


@pytest.mark.parametrize("key", ["fwhm_units", "FWHM Unit", "bandwidth_units"])
def test_the_unit_of_widths_is_read(key: str) -> None:
    stated = tags(band=[band | {"fwhm": "0.01", key: "Micrometers"} for band in STATED])
    assert read_band_table(stated)[0].fwhm_nm == (10.0,) * 3
    of_all = tags(band=[band | {"fwhm": "0.01"} for band in STATED], dataset={key: "um"})
    table, warnings = read_band_table(of_all)
    assert (table.fwhm_nm, warnings) == ((10.0,) * 3, ())


@pytest.mark.parametrize(("unit", "wavelength", "width"), [("nm", 1.0, "0.01"), ("um", 0.001, "10")])
def test_widths_in_another_unit_than_they_seem_to_be_are_left_out(unit: str, wavelength: float, width: str) -> None:
    bands = [{"wavelength": str(w * wavelength), "wavelength_units": unit, "fwhm": width} for w in (500, 600, 700)]
    table, warnings = read_band_table(tags(band=bands))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    assert table.fwhm_nm == (None,) * 3
    assert len(warnings) == 1
    assert "do not go with bands 100 nm apart; they seem to be in another unit" in warnings[0]


OTHERS: dict[str, Any] = {
    "'center_wavelength' of the bands says 480 nm": {"band": [b | {"center_wavelength": "480"} for b in STATED]},
    "'wavelength' of the ENVI header says 530 nm": {"band": STATED, "envi": {"wavelength": "{530, 630, 730}"}},
    "'wavelength' of the file says 530 nm": {"band": STATED, "dataset": {"wavelength": "530 630 730"}},
    "the IMAGERY tags say 530 nm": {
        "band": STATED,
        "imagery": [{"CENTRAL_WAVELENGTH_UM": f"0.{w}"} for w in (53, 63, 73)],
    },
    "the names of the bands say 530 nm": {"band": STATED, "descriptions": ["a (530 nm)", "b (0.6 um)", "700 nm"]},
}


@pytest.mark.parametrize("said", OTHERS)
def test_wavelengths_that_are_stated_twice_and_disagree(said: str) -> None:
    table, warnings = read_band_table(tags(**OTHERS[said]))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    note = [warning for warning in warnings if "twice" in warning]
    assert len(note) == 1
    assert "500 nm is used for B1, but " + said in note[0]


def test_the_rounding_of_gdal_is_no_contradiction() -> None:
    """Micrometres that are declared as nanometres: GDAL's own tag has three digits."""
    stated = tags(
        envi={"wavelength": "{0.55, 0.95, 1.45}", "wavelength_units": "Nanometers"},
        imagery=[{"CENTRAL_WAVELENGTH_UM": text} for text in ("0.001", "0.001", "0.001")],
    )
    table, warnings = read_band_table(stated)
    assert table.wavelength_nm == (0.55, 0.95, 1.45)
    assert warnings == ()
    assert wavelength_notes(table) == (
        "The wavelength of bands 1–3 (0.55 nm) is outside the range of imaging spectrometers; probably these are micrometres:"
        " check the unit in the file.",
    )


def test_wavelengths_that_are_stated_twice_and_agree_are_not_noted() -> None:
    stated = tags(
        band=STATED,
        envi={"wavelength": "{0.5, 0.6, 0.7}", "wavelength_units": "Micrometers"},
        imagery=[{"CENTRAL_WAVELENGTH_UM": f"0.{w}"} for w in (5, 6, 7)],
        descriptions=["500.4 nm", "band 2", "0.7 um"],
    )
    assert read_band_table(stated)[1] == ()


def test_the_middle_of_a_range_in_the_name_of_a_band() -> None:
    names: list[str | None] = ["490-510 nm", "B2 (0.59 – 0.61 µm)", "690 to 710nm"]
    assert read_band_table(tags(descriptions=names))[0].wavelength_nm == (500.0, 600.0, 700.0)
    assert read_band_table(tags(descriptions=["B1-500 nm", "band 600 nm", "2-700 nm"]))[0].wavelength_nm[:2] == (
        500.0,
        600.0,
    )


@pytest.mark.parametrize("name", ["9" * 50_000, "9" * 50_000 + " nm", "0." + "5" * 50_000 + " nm", "12345678 nm"])
def test_endless_digits_in_the_name_of_a_band_are_no_wavelength(name: str) -> None:
    assert read_band_table(tags(descriptions=[name, "band 0.60000000000000009 um", name]))[0].wavelength_nm == (
        None,
        600.0,
        None,
    )


def test_a_wavelength_of_two_bands_is_named() -> None:
    stated = tags(band=[{"wavelength": str(w), "wavelength_units": "nm"} for w in (500, 600, 500)])
    table, _ = read_band_table(stated)
    assert table.wavelength_nm == (500.0, 600.0, 500.0)
    (note,) = wavelength_notes(table)
    assert "the same wavelength, 500 nm, for bands 1, 3, among others" in note


@pytest.mark.parametrize(
    ("second", "said"), [("Micrometers", True), ("nm", False), ("nanometre", False), ("index", False)]
)
def test_two_units_that_disagree_are_said(second: str, said: bool) -> None:
    header = {"wavelength": "{500, 600, 700}", "wavelength_units": "Nanometers", "wavelength_unit": second}
    table, warnings = read_band_table(tags(envi=header))
    assert table.wavelength_nm == (500.0, 600.0, 700.0)
    found = [text for text in warnings if "two units" in text]
    assert bool(found) == said
    if said:
        assert "'wavelength_units' 'Nanometers', which is used, and 'wavelength_unit' 'Micrometers'" in found[0]
