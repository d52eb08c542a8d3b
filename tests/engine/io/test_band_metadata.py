from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hsi_engine.io.band_metadata import RasterTags, read_band_table


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
            band=[{"wavelength": "500", "wavelength_units": "nm"}] * 3,
            imagery=[{"CENTRAL_WAVELENGTH_UM": "0.501", "FWHM_UM": "0.012"}] * 3,
        )
    )
    assert table.wavelength_nm == (500.0,) * 3
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
    _, warnings = read_band_table(tags(envi={"wavelength": "{0.5,0.6,0.7}", "wavelength_units": "Nanometers"}))
    assert "band 1–3 (0.5 nm) is outside anything" in warnings[0]


def test_a_partly_known_spectrum_is_said() -> None:
    band = [{"wavelength": "500", "wavelength_units": "nm"}, {}, {"wavelength": "nan", "wavelength_units": "nm"}]
    table, warnings = read_band_table(tags(band=band))
    assert table.wavelength_nm == (500.0, None, None)
    assert warnings == ("The wavelength of band 2–3 is not known.",)


def test_nothing_said_nothing_known() -> None:
    table, warnings = read_band_table(tags())
    assert table.names == ("Band 1", "Band 2", "Band 3")
    assert not table.has_wavelengths
    assert table.good == (True,) * 3
    assert warnings == ()
