"""Names and colours of classes in the style of a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsGraduatedSymbolRenderer,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingFeedback,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)

from ..translation import tr
from .features.attribute_text import attribute_text
from .raster_values import ColourRanges, ShownValue, is_scaled, stored_value
from .style_entries import FoundClass, field_of, pseudocolours_of, ranges_of, rules_of
from .symbols.seen import colours_seen
from .symbols.symbol_colours import class_colours

# Entries of the colour table of a file, of which QGIS makes a style if none is saved next to the file; 0 may be left out.
_WHOLE_TABLE = 255
# Rules that a warning lists, and classes that a note does.
_MOST_RULES, _MOST_NAMED = 3, 5


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
    notes : what was read from the style and what was left out as no class, for the log.
    warnings : that the style or a part of it, from which someone may expect names and colours, is ignored, and why.
    ranges : colours of a raster that are each of all values up to a bound; :func:`with_values_of_pixels` makes classes of them.
    """

    field: str | None
    classes: tuple[StyledClass, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ranges: ColourRanges | None = None

    @property
    def labels(self) -> list[str]:
        """The names of the classes."""
        return [item.label for item in (self.classes if self.ranges is None else self.ranges.bounds)]

    @property
    def contested(self) -> str:
        """A value that several classes have, with these classes, for a sentence; empty if there is none."""
        labels: dict[str, list[str]] = {}
        for item in self.classes:
            for value in dict.fromkeys(item.values):
                labels.setdefault(value, []).append(f"“{item.label}”")
        return next((f"{value}: {', '.join(found)}" for value, found in labels.items() if len(found) > 1), "")


def class_style(layer: QgsVectorLayer, class_field: str | None) -> ClassStyle:
    """The classes of a layer styled by categories, by rules that name values, or by ranges of one value each.

    Call on the main thread.

    Parameters
    ----------
    class_field : the field of the classes. None: the field of the style.

    Returns
    -------
    The style. Without classes if the layer has no such style, or one by another field; ``field`` is then
    ``class_field``, and a warning explains why.
    """
    renderer: Any = layer.renderer()
    while renderer is not None and renderer.embeddedRenderer() is not None:
        renderer = renderer.embeddedRenderer()  # clusters, inverted polygons and the like
    read = next((reader for kind, reader in _READERS.items() if isinstance(renderer, kind)), None)
    if read is None:
        return ClassStyle(class_field, ())
    found = read(renderer)
    field = field_of(layer, found.attribute) if found.attribute else None
    problem = found.problem
    if not problem and field is None:
        problem = tr("classifies by the expression {expression}, not by a field").format(expression=found.attribute)
    elif not problem and class_field is not None and field != class_field:
        problem = tr("classifies by field '{styled}', not by '{field}'").format(styled=field, field=class_field)
    if problem:
        return _ignored(layer, class_field, problem)
    notes = []
    if class_field is None:
        note = tr("The class field is '{field}', the field of the style of layer '{layer}'.")
        notes.append(note.format(field=field, layer=layer.name()))
    classes, colours = [], class_colours([entry.seen for entry in found.classes])
    for entry, colour in zip(found.classes, colours):
        if not entry.is_shown:
            note = tr("Class '{label}' is hidden in the style, but still used.")
            notes.append(note.format(label=entry.label or entry.values[0]))
        classes.append(StyledClass(entry.values, entry.label or ", ".join(entry.values), colour))
    return ClassStyle(field, tuple(classes), (*notes, *_uncoloured(layer, classes), *found.notes), found.warnings)


def _uncoloured(layer: QgsVectorLayer, classes: list[StyledClass]) -> Iterator[str]:
    """A note on the classes for which the symbols have no colour."""
    without = [f"“{item.label}”" for item in classes if item.colour is None]
    if without and len(without) == len(classes):
        note = tr(
            "The symbols in the style of layer '{layer}' do not differ in a visible colour, so no colours are taken from it."
        )
        yield note.format(layer=layer.name())
    elif without:
        note = tr("The symbols of {classes} in the style of layer '{layer}' have no visible colour.")
        yield note.format(classes=", ".join(without[:_MOST_NAMED]), layer=layer.name())


def raster_class_style(layer: QgsRasterLayer) -> ClassStyle:
    """The classes of a raster layer in which each value has its colour; without classes if it is styled otherwise.

    Values are those of the file, also if QGIS shows them scaled.
    """
    renderer = layer.renderer()
    if not isinstance(renderer, (QgsPalettedRasterRenderer, QgsSingleBandPseudoColorRenderer)):
        return ClassStyle(None, ())
    if layer.bandCount() > 1 or renderer.usesBands() != [1]:
        return _ignored(layer, None, tr("shows only one of several bands"))
    if isinstance(renderer, QgsSingleBandPseudoColorRenderer):
        colours = pseudocolours_of(renderer)
        if colours is None:
            return _ignored(layer, None, tr("has colours between values, not a colour for each value"))
        shown, are_bounds = colours
        if are_bounds:
            ranges = ColourRanges(layer.dataProvider().clone(), tuple(shown))
            return ClassStyle(None, (), _scaling(layer), ranges=ranges)
    else:
        shown = [ShownValue(c.value, c.label.strip(), c.color.name()) for c in renderer.classes()]
    if len(shown) >= _WHOLE_TABLE:
        # Every value that the colour table of a file may have. The engine reads the table too, and knows what occurs.
        shown = [item for item in shown if item.label not in ("", attribute_text(item.value))]
    return ClassStyle(None, _stored(shown, layer.dataProvider()), _scaling(layer))


def with_values_of_pixels(style: ClassStyle, title: str, feedback: QgsProcessingFeedback) -> ClassStyle:
    """The style with the classes of its ranges of colours, if it has any; on any thread.

    Raises
    ------
    QgsProcessingException : the user cancelled.
    """
    if style.ranges is None:
        return style
    classes = _stored(style.ranges.values(title, feedback), style.ranges.raster)
    return replace(style, classes=classes, ranges=None)


def _stored(shown: list[ShownValue], raster: QgsRasterDataProvider) -> tuple[StyledClass, ...]:
    values = [stored_value(item.value, raster) for item in shown]
    return tuple(StyledClass((v,), item.label or v, item.colour) for v, item in zip(values, shown))


def _scaling(layer: QgsRasterLayer) -> tuple[str, ...]:
    if not is_scaled(layer.dataProvider()):
        return ()
    note = tr(
        "The file of layer '{layer}' states a scale or offset, which QGIS shows; class values are those without them."
    )
    return (note.format(layer=layer.name()),)


def _ignored(layer: QgsMapLayer, class_field: str | None, problem: str) -> ClassStyle:
    warning = tr("The style of layer '{layer}' {problem}; it is ignored.").format(layer=layer.name(), problem=problem)
    return ClassStyle(class_field, (), warnings=(warning,))


@dataclass(frozen=True)
class _Found:
    """The classes of a style by ``attribute``, or the ``problem`` why there are none."""

    attribute: str
    classes: tuple[FoundClass, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""


def _categories(renderer: QgsCategorizedSymbolRenderer) -> _Found:
    classes, notes = [], []
    for category in renderer.categories():
        values, label = _values(category), category.label().strip()
        if values:
            classes.append(FoundClass(values, label, colours_seen(category.symbol()), category.renderState()))
            continue
        note = tr("Category '{label}' of the style, for all other values, is not a class and was left out.")
        notes.append(note.format(label=label or tr("no label")))
    return _Found(renderer.classAttribute(), tuple(classes), tuple(notes))


def _rules(renderer: QgsRuleBasedRenderer) -> _Found:
    found = rules_of(renderer)
    if not found.classes:
        return _Found("", problem=tr("has rules whose filters do not name the values of one field"))
    warning = tr("Rules of the style that do not name values of '{field}' are not used: {rules}.")
    unread = warning.format(field=found.attribute, rules="; ".join(found.unread[:_MOST_RULES]))
    return _Found(f'"{found.attribute}"', found.classes, warnings=(unread,) if found.unread else ())


def _ranges(renderer: QgsGraduatedSymbolRenderer) -> _Found:
    classes = ranges_of(renderer)
    if classes is None:
        return _Found("", problem=tr("has ranges of several whole numbers, which are not one class each"))
    if not classes:
        return _Found("", problem=tr("has ranges without a whole number"))
    return _Found(renderer.classAttribute(), tuple(classes))


_READERS: dict[type, Callable[[Any], _Found]] = {
    QgsCategorizedSymbolRenderer: _categories,
    QgsRuleBasedRenderer: _rules,
    QgsGraduatedSymbolRenderer: _ranges,
}


def _values(category: QgsRendererCategory) -> tuple[str, ...]:
    value = category.value()
    merged = value if isinstance(value, (list, tuple)) else [value]
    return tuple(text for text in map(attribute_text, merged) if text)
