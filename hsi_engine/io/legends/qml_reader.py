"""Classes of a QGIS style (.qml): names and colours of a raster with a palette or a categorised vector layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

from ...classes.class_names import one_line
from ...errors import LabelError
from ...foreign.numbers import finite_number
from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml
from .colour_text import parse_colour
from .style_rules import field_of_expression, values_of_filter
from .symbol_colours import Symbol, SymbolLayer, class_colours, visible_colours

# Kinds of pseudocolour in which each value has its colour, rather than a place between two colours.
_SINGLE_VALUES = ("EXACT", "DISCRETE")
# A field or category that is empty, as QGIS writes it.
_NULL = "NULL"
# Classes that a note lists.
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class StyleEntry:
    """One class of a style.

    Parameters
    ----------
    values : as the style writes them, several if it merges them; of a range that one that stands for it, if any does.
    colour : as #rrggbb, or None.
    bounds : lowest and highest number of a range; a number that several ranges hold belongs to the first.
    """

    values: tuple[str, ...]
    label: str
    colour: str | None
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class QmlStyle:
    """The classes of a style.

    Parameters
    ----------
    field : what the classes are of in a vector layer: an attribute, or an expression; None for a raster.
    notes : parts of the style that are not read, and why, in sentences.
    """

    field: str | None
    entries: tuple[StyleEntry, ...]
    notes: tuple[str, ...] = ()

    def is_of_field(self, name: str) -> bool:
        """True if the classes are those of an attribute, also by way of ``to_int("name")``."""
        field = None if self.field is None else field_of_expression(self.field)
        return field is not None and field.casefold() == name.casefold()


def read_qml(path: str | Path) -> QmlStyle:
    """Read the classes of a QGIS style.

    Raises
    ------
    LabelError : the file cannot be read, is no QGIS style, or has no classes.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise LabelError(f"The style {path} cannot be read: {error.strerror}.", code="legend_unreadable") from error
    return parse_qml(content, str(path))


def parse_qml(content: bytes | str, place: str) -> QmlStyle:
    """The same of the text of a style; ``place`` is where it stands, for messages.

    Raises
    ------
    LabelError : it is no QGIS style, or styles neither values of a raster nor those of an attribute.
    """
    try:
        root = parse_xml(content)
    except ForeignTextError as error:
        raise LabelError(
            f"{place} is not a QGIS style: {error}.",
            code="legend_format",
            hint="Save the style of a layer from QGIS as QML.",
        ) from error
    raster = root.find(".//rasterrenderer[@type='paletted']")
    if raster is not None:
        return QmlStyle(field=None, entries=_palette(raster))
    shader = root.find(".//rasterrenderer[@type='singlebandpseudocolor']//colorrampshader")
    if shader is not None and shader.get("colorRampType") in _SINGLE_VALUES:
        return QmlStyle(field=None, entries=_single_values(shader))
    vector = root.find(".//renderer-v2")
    read = {"categorizedSymbol": _categorised, "RuleRenderer": _rules, "graduatedSymbol": _graduated}
    if vector is not None and (style := read.get(vector.get("type", ""), _nothing)(vector)) is not None:
        return style
    renderer = root.find(".//rasterrenderer")
    renderer = vector if renderer is None else renderer
    ramp = "" if shader is None else f" with {str(shader.get('colorRampType')).lower()} colours"
    rules = (
        " whose filters do not name the values of one field"
        if renderer is not None and renderer is vector and vector.get("type") == "RuleRenderer"
        else ""
    )
    raise LabelError(
        f"{place} has no classes: expected a paletted raster or a categorised vector style,"
        f" found {'no layer style' if renderer is None else renderer.get('type')}{ramp}{rules}.",
        code="legend_format",
        hint="In QGIS choose 'Paletted/Unique values' or 'Categorized', then save the style again.",
    )


def _nothing(vector: ET.Element) -> QmlStyle | None:
    return None


def _palette(renderer: ET.Element) -> tuple[StyleEntry, ...]:
    return tuple(
        _entry(entry, (entry.get("value", ""),), parse_colour(entry.get("color", "")))
        for entry in renderer.iter("paletteEntry")
    )


def _single_values(shader: ET.Element) -> tuple[StyleEntry, ...]:
    """Classes of a pseudocolour style. A discrete colour is that of all numbers up to its bound."""
    items = [(item, _number(item.get("value", ""))) for item in shader.iter("item")]
    if shader.get("colorRampType") != "DISCRETE":
        return tuple(_entry(item, (item.get("value", ""),), parse_colour(item.get("color", ""))) for item, _ in items)
    entries, below = [], -math.inf
    for item, bound in sorted(items, key=lambda pair: pair[1]):
        # A whole bound is the value that a class raster shows in this colour; of others, the next one below it. None
        # stands for all numbers above the last bound.
        values = (str(math.floor(bound)),) if math.isfinite(bound) and math.floor(bound) > below else ()
        entries.append(_entry(item, values, parse_colour(item.get("color", "")), (-math.inf, bound)))
        below = bound
    return tuple(entries)


def _categorised(renderer: ET.Element) -> QmlStyle:
    found = [
        (category, _entry(category, values))
        for category in renderer.iterfind("categories/category")
        # The category "all other values" has no value, and that of empty fields is not a class.
        if (values := _values(category))
    ]
    return _styled(renderer, renderer.get("attr"), found)


def _graduated(renderer: ET.Element) -> QmlStyle | None:
    """Ranges of an attribute; a range of several whole numbers alone cannot be a legend."""
    found = []
    for item in renderer.iterfind("ranges/range"):
        low, high = _number(item.get("lower", "")), _number(item.get("upper", ""))
        finite = math.isfinite(low) and math.isfinite(high)
        whole = math.floor(high) if finite and math.floor(high) == math.ceil(low) else None
        values = () if whole is None else (str(whole),)
        found.append((item, _entry(item, values, bounds=(low, high))))
    return _styled(renderer, renderer.get("attr"), found) if found else None


def _rules(renderer: ET.Element) -> QmlStyle | None:
    """Rules whose filters name values of the same field; others are noted."""
    field, found, unread = "", list[tuple[ET.Element, StyleEntry]](), list[str]()
    for rule in renderer.iterfind("rules/rule"):
        text = rule.get("filter", "")
        read = values_of_filter(text)
        nested = rule.find("rule") is not None
        if read is None or nested or (found and field.casefold() != read[0].casefold()):
            # "All other values" is not a class if it has no name, nor is a rule without a filter, which is for everything.
            named = bool(rule.get("label")) or text.strip().upper() not in ("", "ELSE")
            unread += [text or "rules within rules"] if nested or named else []
            continue
        field = field or read[0]
        found.append((rule, _entry(rule, read[1])))
    if not found:
        return None
    note = f"Rules of the style that do not name values of '{field}' are not used: {'; '.join(unread[:3])}."
    return _styled(renderer, f'"{field}"', found, (note,) if unread else ())


def _styled(
    renderer: ET.Element, field: str | None, found: Sequence[tuple[ET.Element, StyleEntry]], notes: tuple[str, ...] = ()
) -> QmlStyle:
    """The style with the colours of the symbols that its entries name, and a note on entries that get none."""
    symbols = {symbol.get("name"): visible_colours(_symbol(symbol)) for symbol in renderer.iterfind("symbols/symbol")}
    colours = class_colours([symbols.get(element.get("symbol"), ()) for element, _ in found])
    entries = tuple(replace(entry, colour=colour) for (_, entry), colour in zip(found, colours, strict=True))
    without = [f"“{entry.label}”" for entry in entries if entry.colour is None]
    if without and len(without) == len(entries):
        said = ("The symbols of the style do not differ in a visible colour, so no colours are taken from it.",)
    else:
        said = (f"The symbols of {', '.join(without[:_MOST_NAMED])} in the style have no visible colour.",)
    return QmlStyle(field=field, entries=entries, notes=(*notes, *(said if without else ())))


def _symbol(element: ET.Element) -> Symbol:
    """A symbol and those inside it, without layers that are switched off."""
    layers = []
    for layer in element.iterfind("layer"):
        if layer.get("enabled", "1") == "0":
            continue
        # Options since QGIS 3.22, properties before.
        found = {str(o.get("name")): o.get("value", "") for o in layer.iterfind("Option/Option")}
        found |= {str(p.get("k")): p.get("v", "") for p in layer.iterfind("prop")}
        inner = layer.find("symbol")
        layers.append(SymbolLayer(layer.get("class", ""), found, None if inner is None else _symbol(inner)))
    opacity = finite_number(element.get("alpha", "1"))
    return Symbol(tuple(layers), 1.0 if opacity is None else opacity)


def _values(category: ET.Element) -> tuple[str, ...]:
    merged = [element.get("value", "") for element in category.iterfind("val") if element.get("type") != _NULL]
    alone = category.get("value", "")
    empty = category.get("type") == _NULL or alone == _NULL
    return tuple(value for value in merged or ([] if empty else [alone]) if value)


def _entry(
    element: ET.Element,
    values: tuple[str, ...],
    colour: str | None = None,
    bounds: tuple[float, float] | None = None,
) -> StyleEntry:
    label = one_line(element.get("label", "")) or ", ".join(values)
    return StyleEntry(values=values, label=label, colour=colour, bounds=bounds)


def _number(text: str) -> float:
    """A bound, perhaps infinite; what is not a number is a bound that no number reaches."""
    found = finite_number(text)
    if found is None:
        return math.inf if text.strip().lower() in ("inf", "+inf", "infinity") else -math.inf
    return found
