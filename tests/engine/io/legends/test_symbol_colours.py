"""Which colours are seen of symbols, as styles of QGIS before and since 3.22 write them, and by which classes differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine.io.legends.legend_files import read_legend
from hsi_engine.io.legends.qml_reader import read_qml
from hsi_engine.io.legends.symbol_colours import Symbol, SymbolLayer, class_colours, visible_colours


def seen(*layers: tuple[str, dict[str, str]], opacity: float = 1.0) -> tuple[str, ...]:
    return visible_colours(Symbol(tuple(SymbolLayer(kind, found) for kind, found in layers), opacity))


@pytest.mark.parametrize(
    ("properties", "colours"),
    [
        ({"color": "0,0,255,255", "outline_color": "35,35,35,255"}, ("#0000ff", "#232323")),
        ({"color": "0,0,255,255", "style": "no", "outline_color": "35,35,35,255"}, ("#232323",)),
        ({"color": "0,0,255,0", "color_border": "35,35,35,255"}, ("#232323",)),
        ({"color": "0,0,255,2", "color_border": "35,35,35,255", "style_border": "no"}, ()),
        ({"color": "0,0,255,80,rgb:0,0,1,0.3137", "outline_style": "no", "outline_color": "#232323"}, ("#0000ff",)),
        ({"color": "#0000FF"}, ("#0000ff",)),
        ({"color": "blue", "outline_color": "1,2,999"}, ()),
    ],
)
def test_fill_and_outline(properties: dict[str, str], colours: tuple[str, ...]) -> None:
    assert seen(("SimpleFill", properties)) == colours


def test_lines_of_styles_before_2_4() -> None:
    assert seen(("SimpleLine", {"color": "1,2,3,255", "width": "0.3"})) == ("#010203",)
    assert seen(("SimpleLine", {"color": "1,2,3,255", "penstyle": "no"})) == ()


@pytest.mark.parametrize(
    ("upper", "colours"),
    [
        ({}, ("#ffffff",)),
        ({"line_style": "dash"}, ("#ffffff", "#010203")),
        ({"use_custom_dash": "1"}, ("#ffffff", "#010203")),
        ({"offset": "2"}, ("#ffffff", "#010203")),
        ({"line_width_unit": "MapUnit"}, ("#ffffff", "#010203")),
        ({"line_width": "1.9"}, ("#ffffff", "#010203")),
        ({"line_color": "255,255,255,128"}, ("#ffffff", "#010203")),
        ({"draw_inside_polygon": "1"}, ("#ffffff", "#010203")),
    ],
)
def test_a_line_is_hidden_by_a_wider_one_alone(upper: dict[str, str], colours: tuple[str, ...]) -> None:
    lower = {"line_color": "1,2,3,255", "line_width": "2", "line_width_unit": "MM"}
    above = {"line_color": "255,255,255,255", "line_width": "2", "line_width_unit": "MM"} | upper
    assert seen(("SimpleLine", lower), ("SimpleLine", above)) == colours


def test_a_transparent_symbol_is_not_seen_and_hides_nothing() -> None:
    below, above = ("SimpleFill", {"color": "1,2,3,255"}), ("SimpleFill", {"color": "4,5,6,255"})
    assert seen(below, above) == ("#040506",)
    assert seen(below, above, opacity=0.5) == ("#040506", "#010203")
    assert seen(below, above, opacity=0.0) == ()


@pytest.mark.parametrize(
    ("colours", "chosen"),
    [
        ([["a"], ["b"]], ["a", "b"]),
        ([["w", "a"], ["w", "b"]], ["a", "b"]),
        ([["w", "k", "a"], ["w", "k", "b"], ["w", "k", "a"]], ["a", "b", "a"]),
        ([["w", "a"], ["w", "b"], ["c"]], ["a", "b", "c"]),
        ([["w", "a"], ["w"], ["c"]], ["w", "w", "c"]),
        ([["w", "a"], ["w"]], [None, None]),
        ([["w", "a"], ["w", "a"]], [None, None]),
        ([[], []], [None, None]),
        ([["a"], []], ["a", None]),
        ([["w", "a"]], ["w"]),
        ([], []),
    ],
)
def test_the_colour_by_which_classes_differ(colours: list[list[str]], chosen: list[str | None]) -> None:
    assert class_colours(colours) == chosen


def saved(path: Path, *symbols: str) -> Path:
    rows = "".join(f"<category value='{n}' label='class {n}' symbol='{n}'/>" for n, _ in enumerate(symbols, 1))
    made = "".join(f"<symbol name='{n}' {symbol}</symbol>" for n, symbol in enumerate(symbols, 1))
    path.write_text(
        f"<qgis><renderer-v2 type='categorizedSymbol' attr='cover'><categories>{rows}</categories>"
        f"<symbols>{made}</symbols></renderer-v2></qgis>"
    )
    return path


def layer(kind: str, more: str = "", inner: str = "", **properties: str) -> str:
    options = "".join(f"<Option name='{key}' value='{value}'/>" for key, value in properties.items())
    return f"<layer class='{kind}' {more}><Option>{options}</Option>{inner}</layer>"


def test_switched_off_layers_inner_symbols_and_opacity_in_a_style(tmp_path: Path) -> None:
    off = layer("SimpleFill", "enabled='0'", color="9,9,9,255")
    hatch = layer(
        "LinePatternFill", color="8,8,8,255", inner=f"<symbol>{layer('SimpleLine', line_color='1,2,3,255')}</symbol>"
    )
    style = read_qml(
        saved(
            tmp_path / "a.qml",
            f"alpha='1'>{layer('SimpleFill', color='4,5,6,255')}{off}",
            f">{hatch}",
            f"alpha='0'>{layer('SimpleFill', color='7,7,7,255')}",
        )
    )
    assert [entry.colour for entry in style.entries] == ["#040506", "#010203", None]
    assert style.notes == ("The symbols of “class 3” in the style have no visible colour.",)


def test_a_style_in_one_colour_gives_names_alone(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.qml", *(f">{layer('SimpleFill', color='4,5,6,255')}" for _ in range(3)))
    style = read_qml(path)
    assert [(entry.label, entry.colour) for entry in style.entries] == [(f"class {n}", None) for n in (1, 2, 3)]
    assert style.notes == (
        "The symbols of the style do not differ in a visible colour, so no colours are taken from it.",
    )
    legend = read_legend(path)
    assert legend.uncoloured == {1, 2, 3}
    assert len({item.colour for item in legend}) == 3
