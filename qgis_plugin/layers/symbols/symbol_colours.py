"""Which colours a viewer sees of a symbol of QGIS, and by which of them the classes of a style differ.

This module is the same in the engine and in the plugin, which share no code: both show a class in the same colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class SymbolLayer:
    """One layer of a symbol.

    Parameters
    ----------
    kind : its type as QGIS writes it, such as SimpleFill; empty if it is not stated.
    properties : as QGIS writes them.
    inner : the symbol it draws with, if it has one.
    """

    kind: str
    properties: Mapping[str, str]
    inner: Symbol | None = None


@dataclass(frozen=True)
class Symbol:
    """A symbol: its layers that are switched on, lowest first, and its opacity from 0 to 1."""

    layers: tuple[SymbolLayer, ...]
    opacity: float = 1.0


class _Role(IntEnum):
    """What a part of a symbol is, the most prominent first."""

    FILL = 0
    PATTERN = 1
    LINE = 2


@dataclass(frozen=True)
class _Part:
    """A part in one colour. ``covers``: it hides what is below it; ``width`` with its unit and offset, None if unknown."""

    colour: str
    role: _Role
    covers: bool = False
    width: float | None = None
    place: tuple[str, str] = ("", "")


# Types that draw with the symbol inside them alone, and what that counts as; None: as what it is.
_DRAWN_INSIDE: dict[str, _Role | None] = {
    "LinePatternFill": _Role.PATTERN,
    "PointPatternFill": _Role.PATTERN,
    "RandomMarkerFill": _Role.PATTERN,
    "CentroidFill": _Role.PATTERN,
    "MarkerLine": _Role.LINE,
    "HashLine": _Role.LINE,
    "ArrowLine": _Role.LINE,
    "GeometryGenerator": None,
    "FilledMarker": None,
    "VectorField": None,
}
# Pictures, masks and colours that follow numbers: no colour stands for them.
_NO_COLOUR = ("RasterFill", "RasterMarker", "RasterLine", "AnimatedMarker", "MaskMarker", "InterpolatedLine")
_GRADIENTS = ("GradientFill", "ShapeburstFill")
# Types whose outline is not drawn if its width is 0; that of others is then as thin as can be.
_NO_HAIRLINE = ("SvgMarker", "FontMarker")
_WITHOUT_FILL = ("cross", "cross2", "x", "line", "arrowhead", "half_arc", "third_arc", "quarter_arc")
# Names since QGIS 2.4, and those before.
_OUTLINE = ("outline_color", "color_border", "border_color", "line_color")
_OUTLINE_STYLE = ("outline_style", "style_border", "line_style")
_OUTLINE_WIDTH = ("outline_width", "width_border", "line_width")
_LINE = ("line_color", "outline_color", "color")
_LINE_STYLE = ("line_style", "outline_style", "penstyle")
_LINE_WIDTH = ("line_width", "outline_width", "width")

_COLOUR = re.compile(r"\s*(\d{1,3})\s*[,; ]\s*(\d{1,3})\s*[,; ]\s*(\d{1,3})(?:\s*[,; ]\s*(\d{1,3})(?![\d.]))?")
_HEX = re.compile(r"\s*#?([0-9a-f]{6})\s*")
# Less cannot be seen over imagery.
_LEAST_OPACITY = 0.02


def visible_colours(symbol: Symbol) -> tuple[str, ...]:
    """The colours ``#rrggbb`` that are seen of a symbol, each once, the most prominent first.

    Fills come before patterns and these before lines, upper ones before lower ones. What is switched off, has no brush or
    pen, is transparent, or lies under an opaque fill or a line at least as wide is not seen.
    """
    is_filled, widest, seen = False, dict[tuple[str, str], float](), list[_Part]()
    for part in _parts(symbol, 1.0):
        if part.role is _Role.LINE:
            if part.width is not None and part.width <= widest.get(part.place, -1.0):
                continue
            if part.covers and part.width is not None:
                widest[part.place] = part.width
        elif is_filled:
            continue
        is_filled |= part.covers and part.role is _Role.FILL
        seen.append(part)
    return tuple(dict.fromkeys(part.colour for part in sorted(seen, key=lambda part: part.role)))


def class_colours(seen: Sequence[Sequence[str]]) -> list[str | None]:
    """The colour of each class from the visible colours of its symbol.

    It is the most prominent one. Classes that share it, as a white fill under outlines, get the next one by which they
    differ, if each has another. None: nothing of the symbol is seen, or all of several classes would have the same colour.
    """
    chosen = _told_apart(seen)
    return [None] * len(chosen) if len(chosen) > 1 and len(set(chosen)) == 1 else chosen


def _told_apart(seen: Sequence[Sequence[str]]) -> list[str | None]:
    chosen: list[str | None] = [colours[0] if colours else None for colours in seen]
    for shared in dict.fromkeys(chosen):
        members = [number for number, colour in enumerate(chosen) if colour == shared]
        others = [[colour for colour in seen[number] if colour != shared] for number in members]
        if shared is None or len(members) == 1 or not all(others):
            continue
        found = _told_apart(others)
        if len(set(found)) > 1:
            for position, number in enumerate(members):
                chosen[number] = found[position]
    return chosen


def _parts(symbol: Symbol, opacity: float) -> Iterator[_Part]:
    """What is seen of a symbol, uppermost first."""
    opacity *= symbol.opacity
    for layer in reversed(symbol.layers):
        if layer.kind in _DRAWN_INSIDE:
            role = _DRAWN_INSIDE[layer.kind]
            for part in () if layer.inner is None else _parts(layer.inner, opacity):
                yield part if role is None else _Part(part.colour, role)
        elif layer.kind not in _NO_COLOUR:
            yield from _own_parts(layer, opacity)


def _own_parts(layer: SymbolLayer, opacity: float) -> Iterator[_Part]:
    """What a layer draws itself: outline and fill of a polygon or marker, or a line."""
    if layer.kind == "SimpleLine":
        yield from _line(layer, opacity, _LINE, _LINE_STYLE, _LINE_WIDTH)
        return
    if layer.kind == "SVGFill" and layer.inner is not None:  # its outline
        yield from (_Part(part.colour, _Role.LINE) for part in _parts(layer.inner, opacity))
    elif layer.kind not in _GRADIENTS:
        yield from _line(layer, opacity, _OUTLINE, _OUTLINE_STYLE, _OUTLINE_WIDTH)
    brush, shape = layer.properties.get("style", "solid"), _first(layer.properties, ("name", "symbol_name"))
    ramp = layer.kind in _GRADIENTS and layer.properties.get("color_type") == "1"
    colour, alpha = _read(layer.properties.get("color1" if ramp else "color", ""))
    if colour is None or alpha * opacity < _LEAST_OPACITY or brush == "no" or shape in _WITHOUT_FILL:
        return
    covers = layer.kind == "SimpleFill" and brush == "solid" and alpha * opacity >= 1.0
    yield _Part(colour, _Role.FILL if brush == "solid" else _Role.PATTERN, covers)


def _line(
    layer: SymbolLayer, opacity: float, colours: Sequence[str], styles: Sequence[str], widths: Sequence[str]
) -> Iterator[_Part]:
    colour, alpha = _read(_first(layer.properties, colours))
    style, written = _first(layer.properties, styles), _first(layer.properties, widths)
    width = float(written) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", written) else None
    if colour is None or alpha * opacity < _LEAST_OPACITY or style == "no":
        return
    if layer.kind in _NO_HAIRLINE and width == 0:
        return
    is_line = layer.kind == "SimpleLine"
    unit = next((layer.properties[f"{name}_unit"] for name in widths if f"{name}_unit" in layer.properties), "")
    whole = style in ("", "solid") and layer.properties.get("use_custom_dash", "0") == "0"
    inside = layer.properties.get("draw_inside_polygon", "0") != "0"
    yield _Part(
        colour,
        _Role.LINE,
        covers=whole and not inside and alpha * opacity >= 1.0,
        width=width if is_line or layer.kind == "SimpleFill" else None,
        place=(unit, layer.properties.get("offset", "0") if is_line else "0"),
    )


def _first(properties: Mapping[str, str], names: Sequence[str]) -> str:
    return next((properties[name] for name in names if properties.get(name)), "")


def _read(text: str) -> tuple[str | None, float]:
    """``#rrggbb`` and opacity from ``r,g,b,a`` or ``#rrggbb``; None if it is neither."""
    text = text.lower()
    if match := _HEX.fullmatch(text):
        return f"#{match[1]}", 1.0
    match = _COLOUR.match(text)
    if match is None:
        return None, 0.0
    *channels, alpha = (int(channel or 255) for channel in match.groups())
    if max(*channels, alpha) > 255:
        return None, 0.0
    return "#" + "".join(f"{channel:02x}" for channel in channels), alpha / 255
