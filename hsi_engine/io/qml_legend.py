"""Classes of a QGIS style (.qml): names and colours of a paletted raster or a categorised vector layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - see where it parses

from ..errors import LabelError
from .colour_text import parse_colour


@dataclass(frozen=True, kw_only=True)
class StyleEntry:
    """One class of a style: ``value`` as the style writes it, ``colour`` as #rrggbb or None."""

    value: str
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
    LabelError : the file cannot be read, is no QGIS style, or styles neither a paletted raster nor categories.
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
    vector = root.find(".//renderer-v2[@type='categorizedSymbol']")
    if vector is not None:
        return QmlStyle(field=vector.get("attr"), entries=_categories(vector))
    renderer = root.find(".//rasterrenderer")
    renderer = root.find(".//renderer-v2") if renderer is None else renderer
    raise LabelError(
        f"{path} has no classes: expected a paletted raster or a categorised vector style,"
        f" found {'no layer style' if renderer is None else renderer.get('type')}.",
        code="legend_format",
        hint="In QGIS choose 'Paletted/Unique values' or 'Categorized' and save the style again.",
    )


def _palette(renderer: ET.Element) -> tuple[StyleEntry, ...]:
    return tuple(_entry(entry, parse_colour(entry.get("color", ""))) for entry in renderer.iter("paletteEntry"))


def _categories(renderer: ET.Element) -> tuple[StyleEntry, ...]:
    symbols = {symbol.get("name"): _symbol_colour(symbol) for symbol in renderer.iterfind("symbols/symbol")}
    return tuple(
        _entry(category, symbols.get(category.get("symbol")))
        for category in renderer.iterfind("categories/category")
        # The category "all other values" has none of its own.
        if category.get("value")
    )


def _entry(element: ET.Element, colour: str | None) -> StyleEntry:
    value = element.get("value", "")
    return StyleEntry(value=value, label=element.get("label", "") or value, colour=colour)


def _symbol_colour(symbol: ET.Element) -> str | None:
    # Options since QGIS 3.22, properties before; the fill of a polygon or marker, else the colour of a line.
    for layer in symbol.iterfind("layer"):
        found = {o.get("name"): o.get("value", "") for o in layer.iterfind("Option/Option")}
        found |= {p.get("k"): p.get("v", "") for p in layer.iterfind("prop")}
        for key in ("color", "line_color"):
            if colour := parse_colour(found.get(key, "")):
                return colour
    return None
