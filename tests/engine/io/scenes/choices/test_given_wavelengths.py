from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hsi_engine
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.choices.given_wavelengths import read_wavelengths
from hsi_engine.io.scenes.scene import describe_scene

MakeScene = Callable[..., Path]
NM = [450.0, 500.5, 2400.0]


def listing(tmp_path: Path, text: str, name: str = "wavelengths.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "wavelength (nm)\n450\n500.5\n2400\n",
        "# unit: micrometer\n0.45\n0.5005\n2.4\n",
        "wavelength_um\r\n0.45\r\n0.5005\r\n2.4",
        "Wellenlänge [µm]\n0.45\n\n0.5005\n2.4\n\n",
        "450 nm\n500.5 nm\n2.4 um\n",
        "\ufeffnanometers\n450,\n500.5,\n2400,\n",
    ],
)
def test_the_unit_is_the_one_that_is_stated(tmp_path: Path, text: str) -> None:
    assert read_wavelengths(listing(tmp_path, text)) == (NM, [None] * 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_the_unit_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wavelengths.csv"
    path.write_bytes("wavelength (µm);fwhm\n0.45;0.006\n0.5005;0.0065\n2.4;0.01\n".encode(encoding))
    assert read_wavelengths(path) == (NM, [6.0, 6.5, 10.0])


def test_a_second_column_holds_the_widths(tmp_path: Path) -> None:
    path = listing(tmp_path, "wavelength (um); fwhm\n0.45;0.006\n0.5005;0.0065\n2.4;0.01\n", "list.txt")
    assert read_wavelengths(path) == (NM, [6.0, 6.5, 10.0])


def test_whole_numbers_next_to_each_other_are_two_if_the_heading_says_so(tmp_path: Path) -> None:
    path = listing(tmp_path, "wavelength (nm),fwhm\n450,6\n500,7\n")
    assert read_wavelengths(path) == ([450.0, 500.0], [6.0, 7.0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("450\n500\n600\n", "Line 1 of .*: the unit is expected in the first line, and is missing"),
        ("nm\n450\nred\n600\n", "Line 3 of .*: expected a wavelength, found 'red'"),
        ("nm\n450\n-3\n600\n", "Line 3 of .*: expected a positive number, found -3"),
        ("450 nm\n500 days\n", "Line 2 of .*: 'days' is not a unit of wavelength"),
        ("nm\n418,24\n423,87\n", "Line 2 of .*: '418,24' may be one number or two. Write decimals with a point"),
        ("nm\n\n418,24;6,5\n423,87;6,5\n", "Line 3 of .*: '418,24;6,5' may be one number or two"),
        ("band,wavelength (nm)\n1,418.24\n2,423.87\n", "Line 2 of .*: the wavelength is expected in the first column"),
        ("NaN\n450 nm\n500 nm\n", "Line 1 of .*: expected a wavelength, found 'NaN'"),
        ("n/a\n450 nm\n", "Line 1 of .*: expected a wavelength, found 'n/a'"),
        ("wavelength (nm)\nred\n500\n", "Line 2 of .*: expected a wavelength, found 'red'"),
        (
            "wavelength (µm)\n400\n2465\n",
            r"Line 2 of .*: 400 µm \(400,000 nm\) is outside the range .* \(100 to 100,000 nm\)",
        ),
        ("nm\n0.4\n2.465\n", "Line 2 of .*: 0.4 nm is outside the range of imaging spectrometers"),
        ("nm\n", "lists no wavelengths"),
        ("", "lists no wavelengths"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SceneError, match=words) as caught:
        read_wavelengths(listing(tmp_path, text))
    assert "one line per band" in caught.value.hint


def test_a_raster_or_missing_file_in_its_place(tmp_path: Path, make_scene: MakeScene) -> None:
    with pytest.raises(SceneError, match="something else than text"):
        read_wavelengths(make_scene())
    with pytest.raises(SceneError, match="cannot be read: No such file"):
        read_wavelengths(tmp_path / "none.csv")


def test_a_scene_gets_the_wavelengths_and_that_is_said(tmp_path: Path, make_scene: MakeScene) -> None:
    given = listing(tmp_path, "nm\n" + "\n".join(str(400 + 20 * band) for band in range(12)))
    plain = describe_scene(make_scene(wavelengths=False), wavelengths=given)
    assert plain.bands.wavelength_nm == tuple(400.0 + 20 * band for band in range(12))
    assert "The wavelengths of wavelengths.csv are used: 400.0 to 620.0 nm." in plain.warnings
    stated = describe_scene(make_scene("other.tif"), wavelengths=given)
    assert any("are used instead of those that the scene states" in note for note in stated.warnings)


def test_another_number_than_bands_is_refused(tmp_path: Path, make_scene: MakeScene) -> None:
    given = listing(tmp_path, "nm\n450\n500\n")
    with pytest.raises(SceneError, match=r"lists 2 wavelengths; the scene .* has 12 bands") as caught:
        hsi_engine.inspect_scene(scene=make_scene(wavelengths=False), wavelengths=given)
    assert "one wavelength per band of the scene, in the order of its bands" in caught.value.hint
