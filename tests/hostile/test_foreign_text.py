"""XML, JSON and numbers that nobody means: a value, or one error with words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hsi_engine.classes.class_names import is_named
from hsi_engine.errors import LabelError, ParameterError, SceneError
from hsi_engine.foreign.json_text import parse_json
from hsi_engine.foreign.numbers import finite_number, whole_number
from hsi_engine.foreign.text import ForeignTextError, shown
from hsi_engine.foreign.xml_text import MOST_LEVELS, parse_xml
from hsi_engine.io.legends.attribute_table import AttributeTable
from hsi_engine.io.legends.legend_files import read_legend
from hsi_engine.io.legends.pam import dataset_elements
from hsi_engine.io.scenes.formats.xml_products.elements import parse_metadata
from hsi_engine.spectrum.band_selection import parse_band_selection
from hsi_engine.spectrum.bands import BandTable

ENCODINGS = (
    "unknown-9",
    "idna",
    "punycode",
    "big5",
    "shift_jis",
    "hz",
    "utf-7",
    "rot13",
    "base64",
    "zlib",
    "undefined",
    "mbcs",
    "x" * 900,
)
STYLE = '<qgis><pipe><rasterrenderer type="paletted"><colorPalette>{}</colorPalette></rasterrenderer></pipe></qgis>'
ENTRY = '<paletteEntry value="{}" label="water" color="{}"/>'


def bomb(levels: int) -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE qgis [<!ENTITY e0 "x">{entities}]><qgis>&e{levels - 1};</qgis>'


XML = {
    "nothing": (b"", "it is not XML"),
    "no XML": (b"\x00\x01", "it is not XML"),
    "cut off": (b"<qgis><a>", "it is not XML"),
    "deep": (b"<a>" * 200_000 + b"</a>" * 200_000, f"nested more than {MOST_LEVELS} levels"),
    "deep and cut off": (b"<a>" * 200_000, f"nested more than {MOST_LEVELS} levels"),
    "entities": (bomb(3).encode(), "declares entities"),
    "many entities": (bomb(9).encode(), "declares entities"),
    "file": (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "declares entities"),
    "parameter": (b'<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x"> %e;]><a/>', "declares entities"),
    "no UTF-8": (b"<a>\xff</a>", "it is not XML"),
    "half a letter": (b"<a>\xed\xa0\x80</a>", "it is not XML"),
    "other letters": (b'<?xml version="1.0" encoding="utf-16"?><a/>', "it is not XML"),
    **{f"in {name[:9]}": (f'<?xml version="1.0" encoding="{name}"?><a/>'.encode(), "it declares the encoding") for name in ENCODINGS},
}  # fmt: skip


@pytest.mark.parametrize("name", XML)
def test_xml_is_refused_by_one_error_wherever_it_stands(tmp_path: Path, name: str) -> None:
    content, words = XML[name]
    with pytest.raises(ForeignTextError, match=words):
        parse_xml(content)
    file = tmp_path / "l.qml"
    file.write_bytes(content)
    with pytest.raises(LabelError, match=f"l.qml is not a QGIS style: .*{words}") as caught:
        read_legend(file)
    assert "Save the style" in caught.value.hint
    with pytest.raises(SceneError, match=f"METADATA.XML is truncated or damaged: .*{words}"):
        parse_metadata(content, "METADATA.XML")
    assert dataset_elements(file) == ()  # of a .aux.xml of an older map, which is written again


def test_xml_that_is_meant_is_read() -> None:
    assert parse_xml("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis/>").tag == "qgis"
    assert parse_xml('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16")).text == "é"
    assert parse_xml(b'<?xml version="1.0" encoding="windows-1252"?><a>\xe9</a>').text == "é"
    levels = MOST_LEVELS
    assert sum(1 for _ in parse_xml("<a>" * levels + "</a>" * levels).iter()) == levels


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "9" * 400, "9" * 5000, "\u00b2", "1_0", ""])
@pytest.mark.parametrize("colour", ["#0072b2", "inf", "9" * 5000, "1e999,0,0", "\u0663,0,0"])
def test_values_of_a_style_that_are_none_are_no_classes(tmp_path: Path, value: str, colour: str) -> None:
    file = tmp_path / "l.qml"
    file.write_text(STYLE.format(ENTRY.format(value, colour) + ENTRY.format("5", "#009e73")), encoding="utf-8")
    assert read_legend(file).values.tolist() == [5]


@pytest.mark.parametrize(
    ("low", "high"), [("-inf", "5"), ("inf", "inf"), ("nan", "5"), ("1e999", "5"), ("5", "9" * 5000)]
)
def test_ranges_without_end_are_no_single_values(tmp_path: Path, low: str, high: str) -> None:
    file = tmp_path / "l.qml"
    ranges = f'<range lower="{low}" upper="{high}" label="a"/><range lower="7" upper="7" label="b"/>'
    file.write_text(
        f'<qgis><renderer-v2 type="graduatedSymbol" attr="c"><ranges>{ranges}</ranges></renderer-v2></qgis>'
    )
    assert read_legend(file).names == ["b"]


@pytest.mark.parametrize("cell", ["1e999", "inf", "9" * 400, "9" * 5000, "1_0", "nan"])
def test_an_attribute_table_with_a_colour_or_value_that_is_none(cell: str) -> None:
    columns = (("Value", "0", "5"), ("Class", "2", "2"), ("Red", "1", "6"), ("Green", "1", "7"), ("Blue", "1", "8"))
    fields = "".join(
        f"<FieldDefn><Name>{n}</Name><Type>{t}</Type><Usage>{u}</Usage></FieldDefn>" for n, t, u in columns
    )
    for cells in (("1", "water", cell, "0", "0"), (cell, "water", "1", "0", "0")):
        row = "".join(f"<F>{text}</F>" for text in cells)
        table = AttributeTable.of_xml(
            parse_xml(f"<GDALRasterAttributeTable>{fields}<Row>{row}</Row></GDALRasterAttributeTable>")
        )
        assert table.classes([1]) in ({}, {1: ("water", None)})


JSON = {
    "nothing": ("", "it is not JSON"),
    "cut off": ('[{"value": 1', "it is not JSON"),
    "no UTF-8": (b"[\xff]", "it is not JSON"),
    "deep list": ("[" * 100_000, "levels deep|it is not JSON"),
    "deep object": ('{"classes":' * 5000 + "1" + "}" * 5000, "levels deep"),
    "not so deep": ("[" * 300 + "]" * 300, "levels deep"),
    "NaN": ('[{"value": NaN}]', "NaN, which is not a JSON number"),
    "infinite": ('[{"value": Infinity}]', "Infinity, which is not"),
    "too large": ('[{"value": 1e999}]', "1e999, which is too large"),
    "400 digits": (f'[{{"value": {"9" * 400}}}]', "a number of 400 digits"),
    "5000 digits": (f'[{{"value": {"9" * 5000}}}]', "a number of 5000 digits"),
}


@pytest.mark.parametrize("name", JSON)
def test_json_is_refused_by_one_error_wherever_it_stands(tmp_path: Path, name: str) -> None:
    text, words = JSON[name]
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(ForeignTextError, match=words):
        parse_json(content)
    file = tmp_path / "legend.json"
    file.write_bytes(content)
    with pytest.raises(LabelError, match=rf"legend.json cannot be read: .*({words})") as caught:
        read_legend(file)
    assert "For example" in caught.value.hint


@pytest.mark.parametrize("value", [None, True, [], {}, "a", 1.5, -1, 65536, 2**60, "1e3"])
def test_values_of_a_legend_that_are_none_are_refused(tmp_path: Path, value: object) -> None:
    file = tmp_path / "legend.json"
    file.write_text(json.dumps([{"value": value, "name": "water"}]))
    if value is True:  # Python's own whole number of it
        assert read_legend(file).values.tolist() == [1]
        return
    with pytest.raises(LabelError):
        read_legend(file)


def test_halves_of_letters_are_replaced_unless_they_stand_for_names_of_files(tmp_path: Path) -> None:
    text = '{"a\\ud800": ["\\udc00b", {"c": "\\uD83D\\uDE00"}]}'
    assert parse_json(text) == {"a\ufffd": ["\ufffdb", {"c": "\U0001f600"}]}
    assert parse_json(text, names_files=True) == json.loads(text)
    assert parse_json('["' + "\ud800" + '"]') == ["\ufffd"]
    file = tmp_path / "legend.json"
    file.write_text('[{"value": 1, "name": "\\ud800water"}]')
    assert read_legend(file).names == ["\ufffdwater"]


def test_numbers_are_finite_and_of_as_many_digits_as_a_computer_has_room_for() -> None:
    assert finite_number(" -1.5e3 ") == -1500
    assert whole_number(" +42 ") == 42
    for text in ("inf", "nan", "1e999", "9" * 400, "9" * 5000, "1_0", "", "0x1", "\u0663", "."):
        assert finite_number(text) is None
    for text in ("9" * 19, "9" * 5000, "3.0", "1e3", "\u0663", "\u00b2", "1_0", ""):
        assert whole_number(text) is None
    assert is_named(7, "9" * 5000)
    assert len(shown("x" * sys.getrecursionlimit())) < 130


@pytest.mark.parametrize(
    "text", ["9" * 5000, f"1-{'9' * 5000}", f"{'9' * 5000}nm", f"400-{'9' * 400}nm", "\u0663", "\u00b2", "1" * 13]
)
def test_bands_of_thousands_of_digits(text: str) -> None:
    bands = BandTable(names=("a", "b"), wavelength_nm=(400.0, 500.0), fwhm_nm=(None, None), good=(True, True))
    with pytest.raises(ParameterError, match="neither a band number nor a wavelength") as caught:
        parse_band_selection(text, bands)
    assert len(caught.value.message) < 400
