"""QGIS styles: which of them say exactly what the classes are, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine.errors import LabelError
from hsi_engine.io.legends.legend_files import read_legend, style_names_and_colours
from hsi_engine.io.legends.qml_reader import QmlStyle, read_qml
from hsi_engine.io.legends.style_rules import field_of_expression, values_of_filter

COLOURS = ["#0000ff", "#00ff00", "#aa5500"]
_SYMBOLS = "".join(
    f"<symbol name='{i}'><layer><prop k='color' v='{colour}'/></layer></symbol>"
    for i, colour in enumerate(("0,0,255,255", "0,255,0,255", "170,85,0,255"))
)


def saved(path: Path, style: str) -> Path:
    path.write_text(f"<qgis>{style}</qgis>", encoding="utf-8")
    return path


def discrete(path: Path, *items: tuple[object, str]) -> Path:
    rows = "".join(
        f"<item value='{value}' label='{label}' color='{colour}'/>"
        for (value, label), colour in zip(items, COLOURS, strict=False)
    )
    shader = f"<rastershader><colorrampshader colorRampType='DISCRETE'>{rows}</colorrampshader></rastershader>"
    return saved(path, f"<pipe><rasterrenderer type='singlebandpseudocolor'>{shader}</rasterrenderer></pipe>")


def rules(path: Path, *filters: tuple[str, str], inner: str = "") -> Path:
    rows = "".join(
        f"<rule filter='{text}' label='{label}' symbol='{i}'>{inner}</rule>" for i, (text, label) in enumerate(filters)
    )
    return saved(
        path,
        f"<renderer-v2 type='RuleRenderer'><rules>{rows}</rules><symbols>{_SYMBOLS}</symbols></renderer-v2>",
    )


# ------------------------------------------------------------------------------------ discrete colours and ranges


@pytest.mark.parametrize(
    "bounds", [(2, 5, 11), (2.5, 5.5, "inf"), (2, 5, "inf"), (3, 6, 20)], ids=["exact", "half", "open", "wide"]
)
def test_a_discrete_colour_is_that_of_all_values_up_to_its_bound(tmp_path: Path, bounds: tuple[object, ...]) -> None:
    style = read_qml(discrete(tmp_path / "a.qml", *zip(bounds, ("water", "meadow", "soil"), strict=True)))
    names, colours, notes = style_names_and_colours(style, [0, 2, 5, 11])
    assert names == {2: "water", 5: "meadow", 11: "soil"}
    assert colours == dict(zip((2, 5, 11), COLOURS, strict=True))
    assert notes == ()


def test_a_discrete_colour_of_two_classes_merges_them(tmp_path: Path) -> None:
    style = read_qml(discrete(tmp_path / "a.qml", (6, "wet"), (20, "dry")))
    names, _, notes = style_names_and_colours(style, [0, 2, 5, 11])
    assert names == {11: "dry"}
    assert notes[0].startswith("The style merges 2, 5 into “wet”: they stay separate classes here.")


def test_ranges_of_a_graduated_style(tmp_path: Path) -> None:
    rows = "".join(
        f"<range lower='{low}' upper='{high}' label='{label}' symbol='{i}'/>"
        for i, (low, high, label) in enumerate(((1.5, 2.5, "water"), (2.5, 6, "meadow"), (6, 12, "soil")))
    )
    content = f"<ranges>{rows}</ranges><symbols>{_SYMBOLS}</symbols>"
    path = saved(tmp_path / "a.qml", f"<renderer-v2 type='graduatedSymbol' attr='cover'>{content}</renderer-v2>")
    style = read_qml(path)
    assert style.is_of_field("cover")
    assert style_names_and_colours(style, [2, 6, 11])[0] == {2: "water", 6: "meadow", 11: "soil"}
    with pytest.raises(LabelError, match=r"gives ranges of numbers, such as 2\.5 to 6 for “meadow”") as caught:
        read_legend(path)
    assert "'Categorized'" in caught.value.hint


# ------------------------------------------------------------------------------------ rules and expressions


def test_rules_that_name_values_of_one_field(tmp_path: Path) -> None:
    style = read_qml(
        rules(tmp_path / "a.qml", ('"class" = 2', "water"), ("class IN (5, 6)", "meadow"), ("CLASS=11", "soil"))
    )
    assert style.is_of_field("class")
    assert [(entry.values, entry.label, entry.colour) for entry in style.entries] == [
        (("2",), "water", "#0000ff"),
        (("5", "6"), "meadow", "#00ff00"),
        (("11",), "soil", "#aa5500"),
    ]
    assert style.notes == ()


def test_rules_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = rules(tmp_path / "a.qml", ('"class" = 2', "water"), ('"height" &gt; 3', "wood"), ("ELSE", "rest"))
    style = read_qml(path)
    assert [entry.label for entry in style.entries] == ["water"]
    assert style.notes == ("Rules of the style that do not name values of 'class' are not used: \"height\" > 3; ELSE.",)
    nested = rules(tmp_path / "b.qml", ("class = 2", "water"), inner="<rule filter='height &gt; 3' label='deep'/>")
    for unreadable in (nested, rules(tmp_path / "c.qml", ('"height" &gt; 3', "wood"))):
        with pytest.raises(LabelError, match="found RuleRenderer whose filters do not name the values of one field"):
            read_qml(unreadable)


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("\"crop\" = 'winter wheat'", "crop", ("winter wheat",)),
        ("crop = 'farmer''s'", "crop", ("farmer's",)),
        ("(crop = 1) OR (crop = 2 or crop=3)", None, ()),
        ("(crop = 1) OR (crop = 2)", "crop", ("1", "2")),
        ("crop = 'wheat OR rye' OR crop = 'oat'", "crop", ("wheat OR rye", "oat")),
        ("((crop IN (1, 2, -3)))", "crop", ("1", "2", "-3")),
        ("crop is 'oat'", "crop", ("oat",)),
        ("crop = 1 AND year = 2020", None, ()),
        ("crop = 1 OR year = 2020", None, ()),
        ("crop <> 1", None, ()),
        ("crop IS NULL", None, ()),
        ("crop LIKE 'w%'", None, ()),
    ],
)
def test_filters(text: str, field: str | None, values: tuple[str, ...]) -> None:
    assert values_of_filter(text) == (None if field is None else (field, values))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("crop", "crop"),
        ('"Crop type"', "Crop type"),
        ("Crop type 2020", "Crop type 2020"),
        ('to_int("crop")', "crop"),
        ("to_string( crop )", "crop"),
        ("attribute('crop')", "crop"),
        ('"crop" * 1', None),
        ("CASE WHEN crop THEN 1 END", None),
        ('"a" || "b"', None),
        ("substr(crop, 1)", None),
    ],
)
def test_expressions(text: str, field: str | None) -> None:
    assert field_of_expression(text) == field
    assert QmlStyle(field=text, entries=()).is_of_field("CROP") == (field == "crop")
