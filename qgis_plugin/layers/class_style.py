"""Names and colours of classes in the style of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)

from ..translation import tr
from .features.attribute_text import attribute_text

# Entries of the colour table of a file, of which QGIS makes a style if none is saved next to the file; 0 may be left out.
_WHOLE_TABLE = 255


@dataclass(frozen=True)
class StyledClass:
    """One class: the values it stands for, as strings; its label; its colour ``#rrggbb``, None if it has none."""

    values: tuple[str, ...]
    label: str
    colour: str | None


@dataclass(frozen=True)
class ClassStyle:
    """The classes of a style in its order.

    Parameters
    ----------
    field : the field it classifies by; None for a raster.
    notes : what of the style was left out, for the log.
    """

    field: str | None
    classes: tuple[StyledClass, ...]
    notes: tuple[str, ...] = ()


def class_style(layer: QgsVectorLayer, class_field: str | None) -> ClassStyle:
    """The classes of a layer styled with categories; call on the main thread.

    Parameters
    ----------
    class_field : the field of the classes. None: the field of the style.

    Returns
    -------
    The style. Without classes if the layer has no such style, or one by another field; ``field`` is then
    ``class_field``, and a note explains why.
    """
    renderer: Any = layer.renderer()
    while renderer is not None and renderer.embeddedRenderer() is not None:
        renderer = renderer.embeddedRenderer()  # clusters, inverted polygons and the like
    if not isinstance(renderer, QgsCategorizedSymbolRenderer):
        return ClassStyle(class_field, ())
    attribute = renderer.classAttribute()
    index = QgsExpression.expressionToLayerFieldIndex(attribute, layer)
    field = layer.fields().at(index).name() if index >= 0 else None
    if field is None:
        note = tr(
            "The style of layer '{layer}' classifies by the expression {expression}, not by a field; it is ignored."
        )
        return ClassStyle(class_field, (), (note.format(layer=layer.name(), expression=attribute),))
    if class_field is not None and field != class_field:
        note = tr("The style of layer '{layer}' classifies by field '{styled}', not by '{field}'; it is ignored.")
        return ClassStyle(class_field, (), (note.format(layer=layer.name(), styled=field, field=class_field),))
    notes = []
    if class_field is None:
        note = tr("The class field is '{field}', the field of the style of layer '{layer}'.")
        notes.append(note.format(field=field, layer=layer.name()))
    classes = []
    for category in renderer.categories():
        values = _values(category)
        label = category.label().strip()
        if not values:
            note = tr("Category '{label}' of the style, for all other values, is not a class and was left out.")
            notes.append(note.format(label=label or tr("no label")))
            continue
        if not category.renderState():
            note = tr("Class '{label}' is hidden in the style, but still used.")
            notes.append(note.format(label=label or values[0]))
        classes.append(StyledClass(values, label or ", ".join(values), _colour(category)))
    return ClassStyle(field, tuple(classes), tuple(notes))


def raster_class_style(layer: QgsRasterLayer) -> ClassStyle:
    """The classes of a raster layer styled by its values; without classes if it is styled otherwise."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return ClassStyle(None, ())
    if layer.bandCount() > 1 or renderer.usesBands() != [1]:
        note = tr("The style of layer '{layer}' shows only one of several bands; it is ignored.")
        return ClassStyle(None, (), (note.format(layer=layer.name()),))
    classes = []
    for item in renderer.classes():
        value = attribute_text(item.value)
        classes.append(StyledClass((value,), item.label.strip() or value, item.color.name()))
    if len(classes) >= _WHOLE_TABLE:
        # Every value that the colour table of a file may have. The engine reads the table too, and knows what occurs.
        classes = [item for item in classes if item.label != item.values[0]]
    return ClassStyle(None, tuple(classes))


def _values(category: QgsRendererCategory) -> tuple[str, ...]:
    value = category.value()
    merged = value if isinstance(value, (list, tuple)) else [value]
    return tuple(text for text in map(attribute_text, merged) if text)


def _colour(category: QgsRendererCategory) -> str | None:
    symbol = category.symbol()
    # name() is #rrggbb: how transparent a layer is shown does not concern its classes.
    return symbol.color().name() if symbol is not None and symbol.color().isValid() else None
