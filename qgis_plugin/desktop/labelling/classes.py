"""The classes that can be given to a point: where they come from, and how one is added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qgis.core import QgsCategorizedSymbolRenderer, QgsEditorWidgetSetup, QgsRendererCategory, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from ...layers.class_style import class_style
from ...layers.features.attribute_text import attribute_text

VALUE_MAP = "ValueMap"
# What a value map of QGIS holds for a missing value.
_NULL = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
# Distinct values beyond this number are not classes.
MOST_CLASSES = 60
# Told apart by most colour-blind readers (Okabe and Ito, 2008), then repeated.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c")


@dataclass(frozen=True)
class PointClass:
    """One class: the value that is written as QGIS shows it, its name, and its colour ``#rrggbb``."""

    value: str
    name: str
    colour: str


def classes_of(layer: QgsVectorLayer, field: str) -> list[PointClass]:
    """The classes of a field: of its value map, else of the style by this field, else the values it already has.

    An empty list means that the user has to name them. Colours are those of the style, as far as it has the class.
    """
    styled = {value: (item.label, item.colour) for item in class_style(layer, field).classes for value in item.values}
    pairs = list(value_map(layer, field))
    if not pairs:
        pairs = [(value, label if len(styled) > 1 else value) for value, (label, _) in styled.items()]
    if not pairs:
        nothing = {"", "0"} if layer.fields().field(field).isNumeric() else {""}
        values = {
            attribute_text(value) for value in layer.uniqueValues(_index(layer, field), MOST_CLASSES + 2)
        } - nothing
        pairs = [(value, value) for value in sorted(values)] if len(values) <= MOST_CLASSES else []
    return [
        PointClass(value, name, styled.get(value, ("", None))[1] or _COLOURS[number % len(_COLOURS)])
        for number, (value, name) in enumerate(pairs)
    ]


def value_map(layer: QgsVectorLayer, field: str) -> Iterator[tuple[str, str]]:
    """Value and name of each entry of a field's value map; nothing if its form has another widget."""
    setup = layer.editorWidgetSetup(_index(layer, field))
    entries: Any = setup.config().get("map", {}) if setup.type() == VALUE_MAP else {}
    # A list of small mappings since QGIS 3.0, one mapping in older projects.
    for mapping in entries if isinstance(entries, list) else [entries]:
        # A damaged project may hold anything in their place.
        for name, value in mapping.items() if isinstance(mapping, dict) else ():
            text = "" if isinstance(value, (dict, list)) else attribute_text(value)
            if text and not means_missing(text):
                yield text, str(name)


def means_missing(text: str) -> bool:
    """Whether QGIS takes ``text`` in a value map for a missing value, so that no class can be called like that."""
    return text == _NULL


def add_class(layer: QgsVectorLayer, field: str, name: str) -> None:
    """Add a class to a field: to its form, which then has a value map, and to the style if it shows this field."""
    known = classes_of(layer, field)
    write_value_map(layer, field, [*((item.value, item.name) for item in known), (name, name)])
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer) and class_style(layer, field).classes:
        changed, colour = (
            renderer.clone(),
            next((c.colour for c in classes_of(layer, field) if c.value == name), _COLOURS[0]),
        )
        category = renderer.categories()[0]  # its symbol lives as long as it does
        symbol = category.symbol().clone()
        symbol.setColor(QColor(colour))
        changed.addCategory(QgsRendererCategory(name, symbol, name))
        layer.setRenderer(changed)
        layer.triggerRepaint()


def write_value_map(layer: QgsVectorLayer, field: str, pairs: list[tuple[str, str]]) -> None:
    """Let the form of a field offer these pairs of value and name, and no value."""
    entries = [{"": _NULL}, *({name: value} for value, name in pairs)]
    layer.setEditorWidgetSetup(_index(layer, field), QgsEditorWidgetSetup(VALUE_MAP, {"map": entries}))


def styled_field(layer: QgsVectorLayer) -> str | None:
    """The field by whose values the layer is shown; None if its style shows none."""
    style = class_style(layer, None)
    return style.field if style.classes else None


def style_by(layer: QgsVectorLayer, field: str) -> None:
    """Let a style with categories show another field, with the same classes and symbols."""
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        changed = renderer.clone()
        changed.setClassAttribute(field)
        layer.setRenderer(changed)
        layer.triggerRepaint()


def _index(layer: QgsVectorLayer, field: str) -> int:
    return int(layer.fields().lookupField(field))
