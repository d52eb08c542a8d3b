"""ENVI headers that GDAL stumbles over or reads over, and two headers of one file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import make_scenes
from hsi_engine.errors import HsiError, SceneError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import describe_scene

MakeScene = Callable[..., Path]
TWO = "scene.dat has two ENVI headers. scene.dat.hdr is used; "


@pytest.fixture
def header(make_scene: MakeScene) -> Path:
    """The header of an ENVI scene of 12 bands, scene.dat."""
    return make_scene("envi/scene.dat", layout="bil").with_suffix(".hdr")


def change(header: Path, old: str, new: str) -> None:
    text = header.read_text(encoding="utf-8")
    assert old in text
    header.write_text(text.replace(old, new, 1), encoding="utf-8")


# ------------------------------------------------------------------------------------ two headers


def test_two_headers_that_say_the_same(header: Path) -> None:
    shutil.copy(header, header.with_name("scene.dat.hdr"))
    change(header, "interleave = bil", "Interleave=BIL")
    for name in (header, header.with_name("scene.dat")):
        assert f"{TWO}scene.hdr says the same." in describe_scene(name).warnings


def test_two_headers_that_differ_in_what_they_say_of_bands(header: Path) -> None:
    shutil.copy(header, header.with_name("scene.dat.hdr"))
    change(header, "Nanometers", "Micrometers")
    scene = describe_scene(header)
    assert f"{TWO}scene.hdr differs in wavelength units." in scene.warnings
    assert scene.bands.wavelength_nm[0] == make_scenes.wavelengths_nm()[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bands = 12", "bands = 6", "scene.dat.hdr says bands = 12, scene.hdr says 6"),
        ("interleave = bil", "interleave = bip", "says interleave = bil, scene.hdr says bip"),
        ("byte order = 0", "byte order = 1", "says byte order = 0, scene.hdr says 1"),
        ("data type = 2\n", "", "says data type = 2, scene.hdr says nothing"),
    ],
)
def test_two_headers_that_contradict_each_other(header: Path, old: str, new: str, said: str) -> None:
    shutil.copy(header, header.with_name("scene.dat.hdr"))
    change(header, old, new)
    with pytest.raises(SceneError, match="two ENVI headers that contradict each other") as caught:
        describe_scene(header.with_name("scene.dat"))
    assert said in caught.value.message
    assert caught.value.hint == "Remove or rename the one that is wrong."


def test_a_header_of_another_file_is_no_second_one(header: Path, make_scene: MakeScene) -> None:
    header.rename(header.with_name("scene.dat.hdr"))
    make_scene("envi/scene.bsq", layout="bsq", rows=11)
    assert describe_scene(header.with_name("scene.dat")).warnings == ()
    assert describe_scene(header.with_name("scene.bsq")).grid.shape[0] == 11


# ------------------------------------------------------------------------------------ headers that GDAL does not open


@pytest.mark.parametrize(
    ("before", "encoding", "said"),
    [
        ("", "utf-8-sig", "scene.hdr begins with a byte order mark"),
        ("", "utf-16", "scene.hdr is in UTF-16"),
        ("\n", "utf-8", "begins with spaces or an empty line"),
        (" ", "utf-8", "begins with spaces or an empty line"),
    ],
)
def test_the_beginning_of_a_header(header: Path, before: str, encoding: str, said: str) -> None:
    text = header.read_text(encoding="utf-8")
    header.write_bytes((before + text).encode(encoding))
    for name in (header, header.with_name("scene.dat")):
        with pytest.raises(SceneError, match="cannot be read: its header ") as caught:
            describe_scene(name)
        assert said in caught.value.message
        assert caught.value.hint.startswith("Save scene.hdr again as plain text that begins with the line ENVI")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ENVI", "envi", "does not begin with ENVI in capital letters"),
        ("samples = 29\n", "", "does not state 'samples'"),
        ("data type = 2\n", "", "does not state 'data type'"),
        ("bands = 12", "bands = 0", "says bands = 0; a whole number above 0 is expected"),
        ("data type = 2", "data type = int16", "says data type = int16; expected is 1, 2, 3"),
        ("interleave = bil", "interleave = tile", "says interleave = tile; expected is bsq, bil, bip"),
        ("byte order = 0", "byte order = 2", "says byte order = 2; expected is 0, 1"),
        ("header offset = 0", "header offset = -5", "states '-5' as header offset"),
        (
            "lines = 37",
            "lines = 37\nminor frame offsets = {8, 0}",
            "states minor frame offsets, which are not supported",
        ),
        ("lines = 37", "lines = 37\nbands = 6", "states 'bands' twice: 6 and 12"),
    ],
)
def test_a_header_that_does_not_say_where_the_numbers_lie(header: Path, old: str, new: str, said: str) -> None:
    change(header, old, new)
    with pytest.raises(SceneError, match=r"scene\.dat cannot be read: its header scene\.hdr ") as caught:
        describe_scene(header)
    assert said in caught.value.message
    assert caught.value.code == "scene.envi_header"


def test_what_a_header_leaves_open_is_said(header: Path) -> None:
    change(header, "byte order = 0\n", "")
    change(header, "bbl = {", "wavelength = {1, 2}\nbbl = {")
    notes = describe_scene(header).warnings
    assert "The header scene.hdr does not state the byte order; 0 (little-endian) is assumed." in notes
    assert "The header scene.hdr states 'wavelength' more than once; the last entry is used." in notes
    change(header, "interleave = bil\n", "")
    assert "The header scene.hdr does not state the interleave; bsq is assumed." in describe_scene(header).warnings


# ------------------------------------------------------------------------------------ spectral libraries


@pytest.mark.parametrize("name", ["library.sli", "library.hdr"])
def test_a_spectral_library_is_called_so(tmp_path: Path, scene_path: Path, name: str) -> None:
    (tmp_path / "library.sli").write_bytes(bytes(4 * 50 * 3))
    (tmp_path / "library.hdr").write_text(
        "ENVI\nsamples = 50\nlines = 3\nbands = 1\nheader offset = 0\nfile type = ENVI Spectral Library\ndata type = 4\n"
        "interleave = bsq\nbyte order = 0\nspectra names = {a, b, c}\n"
    )
    grid = describe_scene(scene_path).grid
    for read in (describe_scene, lambda path: read_labels(path, grid)):
        with pytest.raises(HsiError, match=r"library\.sli is an ENVI spectral library") as caught:
            read(tmp_path / name)
        assert "Choose the image itself" in caught.value.hint


@pytest.mark.parametrize("ends", ["\r", "\r\n"])
def test_line_ends_of_any_system(header: Path, ends: str) -> None:
    header.write_bytes(header.read_bytes().replace(b"\n", ends.encode()))
    scene = describe_scene(header)
    assert scene.warnings == ()
    assert list(scene.bands.wavelength_nm) == pytest.approx(make_scenes.wavelengths_nm())


@pytest.mark.parametrize("stated", ["65537", "99999999999", "99999999999999999999", "{1000000}"])
def test_more_classes_than_can_be_are_refused_before_gdal_makes_up_their_names(header: Path, stated: str) -> None:
    grid = describe_scene(header).grid
    header.write_text(f"{header.read_text(encoding='utf-8')}\nclasses = {stated}\n", encoding="utf-8")
    for read in (describe_scene, lambda path: read_labels(path, grid)):
        with pytest.raises(HsiError, match=r"scene\.hdr says classes = .*; at most 65,536 are possible"):
            read(header.with_name("scene.dat"))


@pytest.mark.parametrize("stated", ["-1", "0", "3", "many"])
def test_other_numbers_of_classes_do_not_matter(header: Path, stated: str) -> None:
    header.write_text(f"{header.read_text(encoding='utf-8')}\nclasses = {stated}\n", encoding="utf-8")
    assert len(describe_scene(header).bands.wavelength_nm) == 12


def test_a_crs_that_is_no_text(header: Path) -> None:
    content = header.read_bytes()
    assert b"WGS 84 / UTM" in content
    header.write_bytes(content.replace(b"WGS 84 / UTM", b"WGS\xff84 / UTM"))
    with pytest.raises(SceneError, match=r"scene\.dat cannot be read: its CRS holds text that is not UTF-8") as why:
        describe_scene(header)
    assert "Assign the CRS again" in why.value.hint
