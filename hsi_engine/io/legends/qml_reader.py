"""Classes of a QGIS style (.qml): names and colours of a raster with a palette or a categorised vector layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

from ...classes.class_names import one_line
from ...errors import LabelError
from ...foreign.numbers import finite_number
from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml
from .colour_text import parse_colour
from .style_rules import field_of_expression, values_of_filter

# Kinds of pseudocolour in which each value has its colour, rather than a place between two colours.
_SINGLE_VALUES = ("EXACT", "DISCRETE")
# A field or category that is empty, as QGIS writes it.
_NULL = "NULL"


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
    symbols = _symbols(renderer)
    entries = tuple(
        _entry(category, values, symbols.get(category.get("symbol")))
        for category in renderer.iterfind("categories/category")
        # The category "all other values" has no value, and that of empty fields is not a class.
        if (values := _values(category))
    )
    return QmlStyle(field=renderer.get("attr"), entries=entries)


def _graduated(renderer: ET.Element) -> QmlStyle | None:
    """Ranges of an attribute; a range of several whole numbers alone cannot be a legend."""
    symbols = _symbols(renderer)
    entries = []
    for item in renderer.iterfind("ranges/range"):
        low, high = _number(item.get("lower", "")), _number(item.get("upper", ""))
        finite = math.isfinite(low) and math.isfinite(high)
        whole = math.floor(high) if finite and math.floor(high) == math.ceil(low) else None
        values = () if whole is None else (str(whole),)
        entries.append(_entry(item, values, symbols.get(item.get("symbol")), (low, high)))
    return QmlStyle(field=renderer.get("attr"), entries=tuple(entries)) if entries else None


def _rules(renderer: ET.Element) -> QmlStyle | None:
    """Rules whose filters name values of the same field; others are noted."""
    symbols = _symbols(renderer)
    found: list[tuple[str, StyleEntry]] = []
    unread: list[str] = []
    for rule in renderer.iterfind("rules/rule"):
        text = rule.get("filter", "")
        read = values_of_filter(text)
        nested = rule.find("rule") is not None
        if read is None or nested or (found and found[0][0].casefold() != read[0].casefold()):
            # "All other values" is not a class if it has no name, nor is a rule without a filter, which is for everything.
            named = bool(rule.get("label")) or text.strip().upper() not in ("", "ELSE")
            unread += [text or "rules within rules"] if nested or named else []
            continue
        found.append((read[0], _entry(rule, read[1], symbols.get(rule.get("symbol")))))
    if not found:
        return None
    notes = (f"Rules of the style that do not name values of '{found[0][0]}' are not used: {'; '.join(unread[:3])}.",)
    return QmlStyle(field=f'"{found[0][0]}"', entries=tuple(e for _, e in found), notes=notes if unread else ())


def _symbols(renderer: ET.Element) -> dict[str | None, str | None]:
    return {symbol.get("name"): _symbol_colour(symbol) for symbol in renderer.iterfind("symbols/symbol")}


def _values(category: ET.Element) -> tuple[str, ...]:
    merged = [element.get("value", "") for element in category.iterfind("val") if element.get("type") != _NULL]
    alone = category.get("value", "")
    empty = category.get("type") == _NULL or alone == _NULL
    return tuple(value for value in merged or ([] if empty else [alone]) if value)


def _entry(
    element: ET.Element, values: tuple[str, ...], colour: str | None, bounds: tuple[float, float] | None = None
) -> StyleEntry:
    label = one_line(element.get("label", "")) or ", ".join(values)
    return StyleEntry(values=values, label=label, colour=colour, bounds=bounds)


def _number(text: str) -> float:
    """A bound, perhaps infinite; what is not a number is a bound that no number reaches."""
    found = finite_number(text)
    if found is None:
        return math.inf if text.strip().lower() in ("inf", "+inf", "infinity") else -math.inf
    return found


def _symbol_colour(symbol: ET.Element) -> str | None:
    # Options since QGIS 3.22, properties before; the fill of a polygon or marker, else the colour of a line.
    for layer in symbol.iterfind("layer"):
        found = {o.get("name"): o.get("value", "") for o in layer.iterfind("Option/Option")}
        found |= {p.get("k"): p.get("v", "") for p in layer.iterfind("prop")}
        for key in ("color", "line_color"):
            if colour := parse_colour(found.get(key, "")):
                return colour
    return None
