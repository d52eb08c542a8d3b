"""The colours that are seen of a symbol of a layer."""

from __future__ import annotations

from qgis.core import QgsSymbol

from .symbol_colours import Symbol, SymbolLayer, visible_colours


def colours_seen(symbol: QgsSymbol | None) -> tuple[str, ...]:
    """As :func:`.symbol_colours.visible_colours`; the symbol lives only as long as what it belongs to."""
    return () if symbol is None else visible_colours(_described(symbol))


def _described(symbol: QgsSymbol) -> Symbol:
    layers = []
    for layer in symbol.symbolLayers():
        if layer.enabled():
            inner = layer.subSymbol()
            # Some properties of some types are no text; none of these is a colour, a style or a width.
            properties = {name: str(value) for name, value in layer.properties().items()}
            layers.append(SymbolLayer(layer.layerType(), properties, None if inner is None else _described(inner)))
    return Symbol(tuple(layers), symbol.opacity())
