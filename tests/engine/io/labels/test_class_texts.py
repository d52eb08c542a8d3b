"""Classes that are texts: spellings, codes as text, and the field that numbers them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import pytest
from affine import Affine
from pyproj import CRS
from shapely import box

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import read_labels, read_legend
from hsi_engine.io.labels.types import Labels
from hsi_engine.pixels.grid import Grid

GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=Affine(30, 0, 364_000, 0, -30, 5_809_000), shape=(3, 8))


def read(tmp_path: Path, field: str, legend: Legend | None = None, **fields: Any) -> Labels:
    """Labels of one polygon for each entry of the fields, a column of pixels wide."""
    count = len(next(iter(fields.values())))
    shapes = [box(364_000 + 30 * col, 5_808_910, 364_030 + 30 * col, 5_809_000) for col in range(count)]
    path = tmp_path / "labels.gpkg"
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:32633").to_file(path)
    return read_labels(path, GRID, class_field=field, legend=legend)


def classes(labels: Labels) -> list[tuple[int, str]]:
    return [(c.value, c.name) for c in labels.legend]


@pytest.mark.parametrize(
    "others",
    [
        ["FORÊT mixte", "forêt mixte"],
        ["Forêt  mixte", "Forêt\N{NO-BREAK SPACE}mixte"],
        ["Fore\N{COMBINING CIRCUMFLEX ACCENT}t mixte", "Forêt_mixte"],
    ],
    ids=["capitals", "spaces", "accents"],
)
def test_spellings_of_one_class_are_taken_together_and_told(tmp_path: Path, others: list[str]) -> None:
    labels = read(tmp_path, "kind", kind=["Forêt mixte", "sol", *others, "Forêt mixte"])
    assert classes(labels) == [(1, "Forêt mixte"), (2, "sol")]
    assert labels.values[0, :5].tolist() == [1, 2, 1, 1, 1]
    told = next(note for note in labels.notes if note.startswith("These spellings count as one class"))
    assert (
        "differ only in capitals, spacing, underscores, kind of hyphen or Unicode encoding: “Forêt mixte” (also" in told
    )
    for other in others:
        assert f"“{other}” in 1 feature" in told
    assert ("different Unicode characters" in told) == (others[0] != "FORÊT mixte")


@pytest.mark.parametrize("other", ["Gewa\N{COMBINING DIAERESIS}sser", "Gew\N{SOFT HYPHEN}ässer"])
def test_spellings_that_look_the_same_are_told_apart(tmp_path: Path, other: str) -> None:
    labels = read(tmp_path, "kind", kind=["Gewässer", "Gewässer", other])
    assert any(
        f"“Gewässer” (also “{other}” in 1 feature (different Unicode characters))" in note for note in labels.notes
    )


def test_texts_are_matched_with_a_legend_in_any_spelling(tmp_path: Path) -> None:
    legend = Legend.of({4: "Mixed  Forest", 6: "soil"})
    labels = read(tmp_path, "kind", legend, kind=["mixed forest", "Soil"])
    assert labels.values[0, :2].tolist() == [4, 6]


def test_a_legend_that_calls_two_classes_the_same_cannot_assign_texts(tmp_path: Path) -> None:
    legend = Legend.of({1: "water", 2: "Forest", 7: "forest"})
    with pytest.raises(LabelError, match="Classes 2 and 7 of the legend have the same name, “forest”") as caught:
        read(tmp_path, "kind", legend, kind=["water", "forest"])
    assert "Give each class of the legend a different name" in caught.value.hint
    assert classes(read(tmp_path, "kind", legend, kind=["water"])) == [(1, "water")]
    assert classes(read(tmp_path, "id", legend, id=[2, 7])) == [(2, "Forest"), (7, "forest")]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["3301010101", "3301010102"], [(1, "3301010101"), (2, "3301010102")]),
        (["1", "70000"], [(1, "1"), (2, "70000")]),
        (
            ["330101010100000000001", "330101010100000000002"],
            [(1, "330101010100000000001"), (2, "330101010100000000002")],
        ),
        (["07", "7"], [(1, "07"), (2, "7")]),
        (["1E2", "1E3"], [(1, "1E2"), (2, "1E3")]),
        (["0110", "0200"], [(110, "0110"), (200, "0200")]),
        (["2.0", "11.0"], [(2, "2"), (11, "11")]),
        (["2", "11"], [(2, "2"), (11, "11")]),
        (["nan", "inf"], [(1, "inf")]),  # nan stands for an empty entry
    ],
)
def test_codes_as_text_are_class_values_only_where_they_can_be(
    tmp_path: Path, texts: list[str], found: list[tuple[int, str]]
) -> None:
    assert classes(read(tmp_path, "code", code=texts)) == found


def test_it_is_said_why_codes_are_names(tmp_path: Path) -> None:
    labels = read(tmp_path, "code", code=["3301010101", "7"])
    assert any("holds numbers beyond 65535, such as 3301010101" in note for note in labels.notes)
    labels = read(tmp_path, "code", code=["07", "7"])
    assert any("different spellings of the same number, such as 07 and 7" in note for note in labels.notes)
    with pytest.raises(LabelError, match="holds class values -9999"):
        read(tmp_path, "code", code=["-9999", "7"])


KINDS = ["tree", "soil", "tree", "water", "soil"]


@pytest.mark.parametrize("name", ["class_id", "kind_code", "KIND_NR", "height"])
def test_a_field_of_one_number_for_each_text_numbers_the_classes(tmp_path: Path, name: str) -> None:
    labels = read(tmp_path, "kind", kind=KINDS, **{name: [20, 30, 20, 11, 30]})
    assert classes(labels) == [(11, "water"), (20, "tree"), (30, "soil")]
    assert not labels.numbered
    assert any(f"Class values come from field '{name}'" in note for note in labels.notes)


@pytest.mark.parametrize(
    "fields",
    [
        {"class_id": [20, 30, 21, 11, 30]},  # two numbers for trees
        {"class_id": [20, 30, 20, 20, 30]},  # one number for two texts
        {"class_id": [0, 30, 0, 11, 30]},  # 0 is no class
        {"class_id": [20, 30, 20, 70_000, 30]},
        {"rank": [3, 1, 3, 2, 1], "size": [5, 9, 5, 7, 9]},  # which of them?
    ],
)
def test_other_fields_do_not_number_the_classes(tmp_path: Path, fields: dict[str, list[int]]) -> None:
    labels = read(tmp_path, "kind", kind=KINDS, **fields)
    assert classes(labels) == [(1, "soil"), (2, "tree"), (3, "water")]
    assert labels.numbered


def test_one_feature_a_class_makes_no_field_a_code_but_by_its_name(tmp_path: Path) -> None:
    kinds = ["tree", "soil", "water"]
    assert classes(read(tmp_path, "kind", kind=kinds, area=[9, 7, 8]))[0] == (1, "soil")
    assert classes(read(tmp_path, "kind", kind=kinds, kind_id=[9, 7, 8]))[0] == (7, "soil")


STYLE = """<qgis><renderer-v2 type="categorizedSymbol" attr="crop"><categories>
<category symbol="0" value="" label="cereals" type="List"><val value="{first}"/><val value="{second}"/></category>
<category symbol="1" value="{third}" label="sugar beet"/><category symbol="1" value="NULL" label="rest" type="NULL"/>
</categories><symbols><symbol name="0"><layer><prop k="color" v="255,200,0,255"/></layer></symbol></symbols>
</renderer-v2></qgis>"""


def test_a_style_as_legend_merges_texts(tmp_path: Path) -> None:
    style = tmp_path / "given.qml"
    style.write_text(STYLE.format(first="wheat", second="barley", third="beet"))
    labels = read(tmp_path, "crop", read_legend(style), crop=["wheat", "beet", "barley", None])
    assert labels.values[0, :4].tolist() == [1, 2, 1, 0]
    assert classes(labels) == [(1, "cereals"), (2, "sugar beet")]


def test_a_style_as_legend_merges_numbers_and_this_is_said(tmp_path: Path) -> None:
    style = tmp_path / "given.qml"
    style.write_text(STYLE.format(first=3, second=4, third=9))
    labels = read(tmp_path, "crop", read_legend(style), crop=[3, 9, 4])
    assert labels.values[0, :3].tolist() == [3, 9, 3]
    assert any("The legend merges class 4 into class 3: 1 features." in note for note in labels.notes)


def test_a_style_beside_the_file_does_not_merge_but_says_so(tmp_path: Path) -> None:
    (tmp_path / "labels.qml").write_text(STYLE.format(first="wheat", second="barley", third="beet"))
    labels = read(tmp_path, "crop", crop=["wheat", "beet", "barley"])
    assert classes(labels) == [(1, "barley"), (2, "beet"), (3, "wheat")]
    assert any("The style merges wheat, barley into “cereals”" in note for note in labels.notes)


def test_a_style_of_texts_says_nothing_of_numbers(tmp_path: Path) -> None:
    style = tmp_path / "given.qml"
    style.write_text(STYLE.format(first="wheat", second="barley", third="beet"))
    with pytest.raises(
        LabelError, match=r"holds numbers, but the given legend is a style of names \(cereals, sugar beet\)"
    ):
        read(tmp_path, "crop", read_legend(style), crop=[1, 2])


def test_a_field_is_found_whatever_the_form_of_its_accents(tmp_path: Path) -> None:
    asked = "Fl\N{LATIN SMALL LETTER A WITH DIAERESIS}che"
    fields = {"Fla\N{COMBINING DIAERESIS}che": [4, 7]}
    labels = read(tmp_path, asked, **fields)
    assert classes(labels) == [(4, "4"), (7, "7")]
