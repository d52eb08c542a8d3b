from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError
from hsi_engine.io.legends.colour_text import parse_colour
from hsi_engine.io.legends.legend_files import compose_legend, read_legend
from hsi_engine.io.legends.style_files import RampStyle, qml

LEGEND = Legend.of({2: "water", 5: "tree & bush", 11: "soil"}, {2: "#0000ff", 5: "#00aa00", 11: "#aa5500"})

# As QGIS 3.22 and 3.34 write them, shortened: properties against options, colours with and without their model.
CATEGORISED = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.34.0-Prizren" styleCategories="Symbology">
  <renderer-v2 type="categorizedSymbol" attr="kind" enableorderby="0">
    <categories>
      <category value="{first}" label="Water body" symbol="0" render="true"/>
      <category value="{second}" label="Soil" symbol="1" render="true"/>
      <category value="" label="" symbol="2" render="true"/>
    </categories>
    <symbols>
      <symbol type="fill" name="0"><layer class="SimpleFill"><Option type="Map">
        <Option type="QString" name="outline_color" value="35,35,35,255"/>
        <Option type="QString" name="color" value="0,0,255,255,rgb:0,0,1,1"/>
      </Option></layer></symbol>
      <symbol type="fill" name="1"><layer class="SimpleFill"><prop k="color" v="170,85,0,255"/></layer></symbol>
      <symbol type="fill" name="2"><layer class="SimpleFill"><prop k="color" v="1,1,1,255"/></layer></symbol>
    </symbols>
  </renderer-v2>
</qgis>"""


def test_json_and_the_style_of_a_class_map_give_the_legend_back(tmp_path: Path) -> None:
    plain, wrapped, style = tmp_path / "a.json", tmp_path / "b.JSON", tmp_path / "c.qml"
    plain.write_text(json.dumps(LEGEND.to_json()))
    wrapped.write_text(json.dumps({"classes": LEGEND.to_json()}), encoding="utf-8-sig")
    style.write_text(qml(LEGEND))
    assert read_legend(plain) == read_legend(wrapped) == read_legend(style) == LEGEND


def test_a_categorised_vector_style_gives_names_and_fill_colours(tmp_path: Path) -> None:
    path = tmp_path / "style.qml"
    path.write_text(CATEGORISED.format(first=2, second=11))
    assert read_legend(path) == Legend.of({2: "Water body", 11: "Soil"}, {2: "#0000ff", 11: "#aa5500"})


def test_categories_that_are_texts_are_numbered_as_text_fields_are(tmp_path: Path) -> None:
    path = tmp_path / "style.qml"
    path.write_text(CATEGORISED.format(first="water", second="soil"))
    assert [(c.value, c.name, c.colour) for c in read_legend(path)] == [
        (1, "Soil", "#aa5500"),
        (2, "Water body", "#0000ff"),
    ]


MERGED = """<qgis><renderer-v2 type="categorizedSymbol" attr="crop"><categories>
<category symbol="0" value="" label="cereals" type="List"><val type="{kind}" value="{first}"/><val type="{kind}" value="{second}"/></category>
<category symbol="1" value="{third}" label="sugar beet" type="{kind}"/>
<category symbol="2" value="NULL" label="rest" type="NULL"/>
<category symbol="2" value="" label="all other"/>
</categories><symbols><symbol name="0"><layer><prop k="color" v="255,200,0,255"/></layer></symbol></symbols>
</renderer-v2></qgis>"""


def test_a_category_that_merges_texts_is_one_class_and_an_empty_field_is_none(tmp_path: Path) -> None:
    path = tmp_path / "style.qml"
    path.write_text(MERGED.format(kind="string", first="wheat", second="barley", third="beet"))
    legend = read_legend(path)
    assert [(c.value, c.name) for c in legend] == [(1, "cereals"), (2, "sugar beet")]
    assert dict(legend.aliases) == {"wheat": 1, "barley": 1, "beet": 2}
    assert legend.classes[0].colour == "#ffc800"
    assert legend.numbered


def test_a_category_that_merges_numbers_takes_the_first(tmp_path: Path) -> None:
    path = tmp_path / "style.qml"
    path.write_text(MERGED.format(kind="integer", first=7, second=3, third=5))
    legend = read_legend(path)
    assert [(c.value, c.name) for c in legend] == [(5, "sugar beet"), (7, "cereals")]
    assert dict(legend.aliases) == {"3": 7}
    assert not legend.numbered


@pytest.mark.parametrize("third", ["A1", "3301010101"])
def test_categories_of_which_one_is_no_class_value_are_texts_all(tmp_path: Path, third: str) -> None:
    path = tmp_path / "style.qml"
    path.write_text(MERGED.format(kind="string", first="12", second="13", third=third))
    legend = read_legend(path)
    assert legend.names == ["cereals", "sugar beet"]
    assert legend.numbered


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "", r"A legend is a \.json, \.qml or \.clr file; found a\.txt"),
        ("a.json", "{", r"cannot be read: it is not JSON"),
        ("a.json", "3", "A legend is a list of objects with value, name and color; this one is a number"),
        ("a.json", '{"water": {"value": 2}}', "a list of objects with value, name and color; this one is an object"),
        ("a.json", '{"legend": ["water"]}', "this one is an object"),
        ("a.json", '["water", "soil"]', "entry 1 of this one is text"),
        ("a.json", '[{"value": 1}, null]', "entry 2 of this one is null"),
        ("a.json", '[{"id": 1, "name": "water"}]', r"entry 1 of this one has no value \(it has 'id', 'name'\)"),
        ("a.json", '[{"value": "water"}]', "the value of entry 1 is 'water', not a whole number"),
        ("a.json", '[{"value": 1.5}]', "the value of entry 1 is 1.5, not a whole number"),
        ("a.json", '[{"value": null}]', "the value of entry 1 is None, not a whole number"),
        ("a.json", "[]", "holds no class"),
        ("a.json", '[{"value": 0}]', "Class value 0 cannot be written"),
        ("a.json", '[{"value": 1}, {"value": 1}]', "holds class value 1 more than once"),
        ("a.qml", "<qgis", "is not a QGIS style: it is not XML"),
        ("a.qml", "<qgis/>", "found no layer style"),
        ("a.qml", RampStyle().qml(), "found singlebandpseudocolor with interpolated colours"),
        ("a.qml", '<qgis><renderer-v2 type="singleSymbol"/></qgis>', "found singleSymbol"),
    ],
)
def test_files_that_are_no_legend_are_refused(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(LabelError, match=words):
        read_legend(path)


def test_an_entry_for_what_is_of_no_class_is_passed_over_and_a_class_0_is_not(tmp_path: Path) -> None:
    path = tmp_path / "legend.json"
    path.write_text('[{"value": 0, "name": "Unclassified"}, {"value": 1, "name": "oak"}]')
    assert read_legend(path).names == ["oak"]
    path.write_text('[{"value": 0, "name": "water"}, {"value": 1, "name": "oak"}]')
    with pytest.raises(LabelError, match="Class value 0 cannot be written"):
        read_legend(path)


def test_a_missing_legend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="does not exist"):
        read_legend(tmp_path / "legend.json")


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#00FF7f", "#00ff7f"),
        ("00ff7f", "#00ff7f"),
        ("0,255,127", "#00ff7f"),
        ("0; 255; 127", "#00ff7f"),
        ("0 255 127", "#00ff7f"),
        ("0,255,127,128", "#00ff7f"),
        ("0,255,127,255,rgb:0,1,0.5,1", "#00ff7f"),
        ("0,256,0", None),
        ("green", None),
        ("", None),
    ],
)
def test_colours_in_the_ways_files_write_them(text: str, colour: str | None) -> None:
    assert parse_colour(text) == colour


def test_a_composed_legend_holds_what_occurs_and_takes_the_given_first() -> None:
    legend, notes = compose_legend([2, 7], given=LEGEND, names={2: "lake", 7: "road"}, colours={7: "#111111"})
    assert legend == Legend.of({2: "water", 7: "road"}, {2: "#0000ff", 7: "#111111"})
    assert notes == (
        "The given legend lacks class values 7; their names and colours come from the labels, if these have any.",
    )
    bare, notes = compose_legend([2, 7], given=None, names={}, colours={})
    assert bare.names == ["2", "7"]
    assert notes == ()


def test_a_style_whose_entities_explode_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 100}">' for n in range(1, 6))
    bomb = f'<!DOCTYPE qgis [<!ENTITY e0 "{"x" * 100}">{entities}]><qgis>&e5;</qgis>'
    path = tmp_path / "bomb.qml"
    path.write_text(bomb)
    with pytest.raises(LabelError, match="not a QGIS style: it declares entities"):
        read_legend(path)


def test_a_colour_file_and_an_object_of_names_are_legends(tmp_path: Path) -> None:
    file = tmp_path / "legend.clr"
    file.write_text("0 9 9 9 nothing\n2 0 0 255 water\n11 170 85 0 bare soil\n")
    assert [(c.value, c.name, c.colour) for c in read_legend(file)] == [
        (2, "water", "#0000ff"),
        (11, "bare soil", "#aa5500"),
    ]
    file.write_text("2 blue water\n")
    with pytest.raises(
        LabelError, match=r"cannot be used\. Lines of legend\.clr that cannot be read and were ignored: 1"
    ):
        read_legend(file)
    names = tmp_path / "legend.json"
    names.write_text('{"2": "water", "11": "bare soil"}')
    assert [(c.value, c.name) for c in read_legend(names)] == [(2, "water"), (11, "bare soil")]
