"""Colours of classes from symbols: what QGIS draws, what the plugin reads, and what the engine reads in the saved style."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsGeometryGeneratorSymbolLayer,
    QgsGradientFillSymbolLayer,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPointPatternFillSymbolLayer,
    QgsRendererCategory,
    QgsSimpleFillSymbolLayer,
    QgsSimpleLineSymbolLayer,
    QgsSimpleMarkerSymbolLayerBase,
    QgsSymbol,
    QgsSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

from qgis_plugin.layers.class_style import class_style
from qgis_plugin.layers.symbols import symbol_colours

ROOT = Path(__file__).resolve().parents[4]
VALUES, COLOURS = (2, 5, 11), ("#0072b2", "#009e73", "#d55e00")
Made = Callable[[str], QgsSymbol]


def filled(**properties: str) -> Made:
    """A polygon with these properties, of which ``outline`` or ``fill`` is that of the class."""

    def make(colour: str) -> QgsSymbol:
        return QgsFillSymbol.createSimple({key: text.replace("CLASS", colour) for key, text in properties.items()})

    return make


def layered(*layers: Callable[[str], QgsSymbolLayer]) -> Made:
    """A polygon of layers, lowest first."""

    def make(colour: str) -> QgsSymbol:
        symbol = QgsFillSymbol()
        symbol.changeSymbolLayer(0, layers[0](colour))
        for layer in layers[1:]:
            symbol.appendSymbolLayer(layer(colour))
        return symbol

    return make


def fill(colour: str = "CLASS") -> Callable[[str], QgsSymbolLayer]:
    return lambda own: QgsSimpleFillSymbolLayer.create({"color": own if colour == "CLASS" else colour})


def line(colour: str = "CLASS", width: float = 1.0, **more: str) -> Callable[[str], QgsSymbolLayer]:
    def make(own: str) -> QgsSymbolLayer:
        found = {"line_color": own if colour == "CLASS" else colour, "line_width": str(width), **more}
        return QgsSimpleLineSymbolLayer.create(found)

    return make


def switched_off(layer: Callable[[str], QgsSymbolLayer]) -> Callable[[str], QgsSymbolLayer]:
    def make(own: str) -> QgsSymbolLayer:
        made = layer(own)
        made.setEnabled(False)
        return made

    return make


def hatched(own: str) -> QgsSymbolLayer:
    layer = QgsLinePatternFillSymbolLayer()
    layer.setDistance(4.0)
    layer.setSubSymbol(QgsLineSymbol.createSimple({"line_color": own, "line_width": "0.5"}))
    return layer


def dotted(own: str) -> QgsSymbolLayer:
    layer = QgsPointPatternFillSymbolLayer()
    layer.setDistanceX(2.0)
    layer.setDistanceY(2.0)
    layer.setSubSymbol(QgsMarkerSymbol.createSimple({"color": own, "size": "1.5", "outline_style": "no"}))
    return layer


def generated(own: str) -> QgsSymbolLayer:
    layer = QgsGeometryGeneratorSymbolLayer.create(
        {"SymbolType": "Fill", "geometryModifier": "buffer($geometry, -0.1)"}
    )
    layer.setSubSymbol(QgsFillSymbol.createSimple({"color": own, "outline_style": "no"}))
    return layer


def gradient(own: str) -> QgsSymbolLayer:
    return QgsGradientFillSymbolLayer.create({"color": own, "gradient_color2": "#ffffff"})


def marked(**properties: str) -> Made:
    def make(colour: str) -> QgsSymbol:
        found = {"size": "6", "outline_width": "1", **properties}
        return QgsMarkerSymbol.createSimple({key: text.replace("CLASS", colour) for key, text in found.items()})

    return make


def faded(make: Made, opacity: float) -> Made:
    def made(colour: str) -> QgsSymbol:
        symbol = make(colour)
        symbol.setOpacity(opacity)
        return symbol

    return made


WHITE = "255,255,255,80"
# Symbols of three classes, of which a viewer sees COLOURS.
SEEN: dict[str, Made] = {
    "fill": filled(color="CLASS"),
    "outline only": filled(style="no", outline_color="CLASS"),
    "thin outline only": filled(style="no", outline_color="CLASS", outline_width="0"),
    "outline around a transparent fill": filled(color="255,255,255,0", outline_color="CLASS"),
    "outline around a faint fill": filled(color=WHITE, outline_color="CLASS"),
    "outline around the same opaque fill": filled(color="#ffff00", outline_color="CLASS", outline_width="1"),
    "brush": filled(style="b_diagonal", color="CLASS", outline_style="no"),
    "fill without outline whose colour differs": filled(color="CLASS", outline_style="no", outline_color="1,2,3"),
    "outline by a line of its own": layered(lambda own: fill(WHITE)(own), line()),
    "casing": layered(line("255,255,255", 2.0), line()),
    "centre line": layered(line(width=3.0), line("255,255,255", 1.0, line_style="dash")),
    "under a fill that hides it": layered(fill("1,2,3"), fill()),
    "above a fill that is switched off": layered(fill(), switched_off(fill("1,2,3"))),
    "under a line without a pen": layered(line(), line("1,2,3", 2.0, line_style="no")),
    "hatching": layered(hatched),
    "hatching on white": layered(fill("255,255,255"), hatched),
    "fill under black hatching": layered(fill(), lambda own: hatched("#000000")),
    "dots": layered(dotted),
    "geometry generator": layered(generated),
    "gradient": layered(gradient),
    "half transparent": faded(filled(color="CLASS", outline_style="no"), 0.5),
}
MARKERS: dict[str, Made] = {
    "marker": marked(color="CLASS"),
    "ring": marked(color="0,0,0,0", outline_color="CLASS"),
    "outline of a white marker": marked(color="255,255,255", outline_color="CLASS"),
    "cross": marked(name="cross", color="1,2,3", outline_color="CLASS"),
    "cross among others": marked(name="cross2", color="CLASS", outline_color="CLASS"),
}
# Drawn mixed with what is around or below them.
_MIXED = ("half transparent", "gradient", "thin outline only")
# Symbols that look the same for all classes.
ALIKE: dict[str, Made] = {
    "one colour": filled(color="#ff0000"),
    "colours without brush and pen": filled(style="no", color="CLASS", outline_style="no", outline_color="CLASS"),
    "transparent symbol": faded(filled(color="CLASS"), 0.0),
    "switched off": layered(switched_off(fill()), line("1,2,3")),
    "hidden by a wider line": layered(line(width=1.0), line("1,2,3", 2.0)),
}


def styled(kind: str, symbols: list[QgsSymbol]) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32633&field=cover:integer", "fields", "memory")
    categories = [
        QgsRendererCategory(value, symbol.clone(), f"class {value}")
        for value, symbol in zip(VALUES, symbols, strict=True)
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("cover", categories))
    return layer


def read_in_plugin(layer: QgsVectorLayer) -> list[str | None]:
    return [item.colour for item in class_style(layer, "cover").classes]


def read_in_engine(python: Path, styles: list[Path]) -> list[list[str | None]]:
    """The colours of each style, as the engine reads it."""
    program = (
        "import json, sys; from hsi_engine.io.legends.qml_reader import read_qml;"
        "print(json.dumps([[entry.colour for entry in read_qml(path).entries] for path in sys.argv[1:]]))"
    )
    run = subprocess.run(
        [str(python), "-c", program, *map(str, styles)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return json.loads(run.stdout)


def drawn(symbol: QgsSymbol) -> set[str]:
    """The colours of the pixels in which QGIS draws a symbol."""
    image = symbol.asImage(QSize(60, 60))
    pixels = (image.pixelColor(x, y) for x in range(60) for y in range(60))
    return {pixel.name() for pixel in pixels if pixel.alpha() > 100}


@pytest.mark.parametrize("name", [*SEEN, *MARKERS])
def test_the_colour_of_a_class_is_the_one_seen(name: str) -> None:
    make = (SEEN | MARKERS)[name]
    symbols = [make(colour) for colour in COLOURS]
    if name not in _MIXED:
        assert all(colour in drawn(symbol) for symbol, colour in zip(symbols, COLOURS, strict=True)), (
            "the table is wrong"
        )
    layer = styled("Polygon" if name in SEEN else "Point", symbols)
    assert read_in_plugin(layer) == list(COLOURS)
    assert class_style(layer, "cover").notes == ()


@pytest.mark.parametrize("name", ALIKE)
def test_classes_that_look_the_same_have_no_colour_and_this_is_said(name: str) -> None:
    layer = styled("Polygon", [ALIKE[name](colour) for colour in COLOURS])
    assert read_in_plugin(layer) == [None] * 3
    assert class_style(layer, "cover").notes == (
        "The symbols in the style of layer 'fields' do not differ in a visible colour, so no colours are taken from it.",
    )


def test_one_outline_among_fills_keeps_its_colour() -> None:
    outline = filled(style="no", outline_color="CLASS")
    layer = styled("Polygon", [SEEN["fill"](COLOURS[0]), outline(COLOURS[1]), SEEN["fill"](COLOURS[2])])
    assert read_in_plugin(layer) == list(COLOURS)


def test_one_class_that_is_not_drawn_is_named() -> None:
    nothing = ALIKE["colours without brush and pen"]
    layer = styled("Polygon", [SEEN["fill"](COLOURS[0]), nothing(COLOURS[1]), SEEN["fill"](COLOURS[2])])
    assert read_in_plugin(layer) == [COLOURS[0], None, COLOURS[2]]
    assert class_style(layer, "cover").notes == (
        "The symbols of “class 5” in the style of layer 'fields' have no visible colour.",
    )


def test_two_classes_of_one_fill_are_told_apart_by_their_outlines_or_not_at_all() -> None:
    fill_of = filled(color="#ffff00", outline_color="CLASS")
    three = [fill_of(COLOURS[0]), fill_of(COLOURS[1]), SEEN["fill"](COLOURS[2])]
    assert read_in_plugin(styled("Polygon", three)) == list(COLOURS)
    three[1] = filled(color="#ffff00", outline_style="no")(COLOURS[1])
    assert read_in_plugin(styled("Polygon", three)) == ["#ffff00", "#ffff00", COLOURS[2]]


def test_the_engine_reads_the_same_colours_in_the_saved_styles(engine_python: Path, tmp_path: Path) -> None:
    made = {name: ("Polygon", make) for name, make in (SEEN | ALIKE).items()}
    made |= {name: ("Point", make) for name, make in MARKERS.items()}
    files, expected = [], {}
    for number, (name, (kind, make)) in enumerate(made.items()):
        layer = styled(kind, [make(colour) for colour in COLOURS])
        files.append(tmp_path / f"{number}.qml")
        assert layer.saveNamedStyle(str(files[-1]))[1], name
        expected[name] = read_in_plugin(layer)
    assert dict(zip(made, read_in_engine(engine_python, files), strict=True)) == expected


def test_both_have_the_same_rules() -> None:
    here, there = Path(symbol_colours.__file__), ROOT / "hsi_engine" / "io" / "legends" / "symbol_colours.py"
    assert here.read_bytes() == there.read_bytes()


@pytest.mark.parametrize("shape", [*symbol_colours._WITHOUT_FILL, "circle", "square", "cross_fill", "arrow", "star"])
def test_shapes_without_fill_are_those_of_qgis(shape: str) -> None:
    known, found = QgsSimpleMarkerSymbolLayerBase.decodeShape(shape)
    assert found
    assert QgsSimpleMarkerSymbolLayerBase.shapeIsFilled(known) == (shape not in symbol_colours._WITHOUT_FILL)


def test_what_cannot_be_read_is_no_colour() -> None:
    layer = symbol_colours.SymbolLayer("SimpleFill", {"color": "300,0,0,255", "outline_color": "blue"})
    assert symbol_colours.visible_colours(symbol_colours.Symbol((layer,))) == ()
