"""Classes of a QGIS style (.qml): names and colours of a raster with a palette or a categorised vector layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - see where it parses

from ...classes.class_names import one_line
from ...errors import LabelError
from .colour_text import parse_colour

# Kinds of pseudocolour in which each value has its colour, rather than a place between two colours.
_SINGLE_VALUES = ("EXACT", "DISCRETE")
# A field or category that is empty, as QGIS writes it.
_NULL = "NULL"


@dataclass(frozen=True, kw_only=True)
class StyleEntry:
    """One class of a style: ``values`` as the style writes them, several if it merges them, ``colour`` as #rrggbb or None."""

    values: tuple[str, ...]
    label: str
    colour: str | None


@dataclass(frozen=True, kw_only=True)
class QmlStyle:
    """The classes of a style; ``field`` is the attribute of a categorised vector layer, None for a raster."""

    field: str | None
    entries: tuple[StyleEntry, ...]


def read_qml(path: str | Path) -> QmlStyle:
    """Read the classes of a QGIS style.

    Raises
    ------
    LabelError : the file cannot be read, is no QGIS style, or styles neither single values of a raster nor categories.
    """
    try:
        root = ET.fromstring(Path(path).read_bytes())  # noqa: S314  # nosec B314 - expat itself limits entity expansion since 2.4
    except OSError as error:
        raise LabelError(f"The style {path} cannot be read: {error.strerror}.", code="legend_unreadable") from error
    except ET.ParseError as error:
        raise LabelError(
            f"{path} is not a QGIS style: it is not XML ({error}).",
            code="legend_format",
            hint="Save the style of a layer from QGIS as QML.",
        ) from error
    raster = root.find(".//rasterrenderer[@type='paletted']")
    if raster is not None:
        return QmlStyle(field=None, entries=_palette(raster))
    shader = root.find(".//rasterrenderer[@type='singlebandpseudocolor']//colorrampshader")
    if shader is not None and shader.get("colorRampType") in _SINGLE_VALUES:
        return QmlStyle(field=None, entries=_single_values(shader))
    vector = root.find(".//renderer-v2[@type='categorizedSymbol']")
    if vector is not None:
        return QmlStyle(field=vector.get("attr"), entries=_categories(vector))
    renderer = root.find(".//rasterrenderer")
    renderer = root.find(".//renderer-v2") if renderer is None else renderer
    ramp = "" if shader is None else f" with {str(shader.get('colorRampType')).lower()} colours"
    raise LabelError(
        f"{path} has no classes: expected a paletted raster or a categorised vector style,"
        f" found {'no layer style' if renderer is None else renderer.get('type')}"
        f"{ramp}.",
        code="legend_format",
        hint="In QGIS choose 'Paletted/Unique values' or 'Categorized', then save the style again.",
    )


def _palette(renderer: ET.Element) -> tuple[StyleEntry, ...]:
    return tuple(
        _entry(entry, (entry.get("value", ""),), parse_colour(entry.get("color", "")))
        for entry in renderer.iter("paletteEntry")
    )


def _single_values(shader: ET.Element) -> tuple[StyleEntry, ...]:
    """Classes of a pseudocolour style. The bound of a discrete colour is the value that a class raster shows in it."""
    return tuple(
        _entry(item, (item.get("value", ""),), parse_colour(item.get("color", ""))) for item in shader.iter("item")
    )


def _categories(renderer: ET.Element) -> tuple[StyleEntry, ...]:
    symbols = {symbol.get("name"): _symbol_colour(symbol) for symbol in renderer.iterfind("symbols/symbol")}
    return tuple(
        _entry(category, values, symbols.get(category.get("symbol")))
        for category in renderer.iterfind("categories/category")
        # The category "all other values" has none of its own, and that of empty fields is no class.
        if (values := _values(category))
    )


def _values(category: ET.Element) -> tuple[str, ...]:
    merged = [element.get("value", "") for element in category.iterfind("val") if element.get("type") != _NULL]
    alone = category.get("value", "")
    empty = category.get("type") == _NULL or alone == _NULL
    return tuple(value for value in merged or ([] if empty else [alone]) if value)


def _entry(element: ET.Element, values: tuple[str, ...], colour: str | None) -> StyleEntry:
    return StyleEntry(values=values, label=one_line(element.get("label", "")) or ", ".join(values), colour=colour)


def _symbol_colour(symbol: ET.Element) -> str | None:
    # Options since QGIS 3.22, properties before; the fill of a polygon or marker, else the colour of a line.
    for layer in symbol.iterfind("layer"):
        found = {o.get("name"): o.get("value", "") for o in layer.iterfind("Option/Option")}
        found |= {p.get("k"): p.get("v", "") for p in layer.iterfind("prop")}
        for key in ("color", "line_color"):
            if colour := parse_colour(found.get(key, "")):
                return colour
    return None
