"""Styles of the layers that the engine writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Optional

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRendererCategory,
    QgsSingleBandGrayRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsStyle,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..translation import tr

# Styles a layer; returns what went wrong as text, or None.
Style = Callable[[Any], Optional[str]]

# What can be wrong with labels: the engine's word, what the legend shows, and the colours of the report.
_PROBLEMS = (
    ("contradiction", tr("Two classes in one place"), "#b3261e"),
    ("overlap", tr("Overlaps another class"), "#e06c00"),
    ("odd", tr("Odd spectrum"), "#6a1fb0"),
    ("no_pixel", tr("No pixel centre"), "#1f2328"),
    ("outside", tr("Outside the scene"), "#8d5a2b"),
    ("no_data", tr("No data"), "#6b7280"),
    ("duplicate", tr("Drawn twice"), "#0b4f82"),
    ("tiny", tr("Smaller than a pixel"), "#2e7d5b"),
)


def style_class_map(layer: QgsRasterLayer) -> str | None:
    """Exactly the classes of the map with their names and colours, from the style the engine wrote next to it."""
    return _style_beside(layer, QgsPalettedRasterRenderer)


def style_ramp(layer: QgsRasterLayer) -> str | None:
    """A ramp of colours, whatever values occur, from the style the engine wrote next to the raster."""
    return _style_beside(layer, QgsSingleBandPseudoColorRenderer)


def style_shares(layer: QgsRasterLayer) -> str | None:
    """The first band, such as the first class, in colours for 0 to 1; the other bands can be chosen instead."""
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(1.0)
    renderer.createShader(QgsStyle.defaultStyle().colorRamp("Viridis"))
    layer.setRenderer(renderer)
    return None


def style_components(layer: QgsRasterLayer) -> str | None:
    """Components 1 to 3 as red, green and blue, or the first in grey; each from its 2nd to its 98th percentile."""
    provider = layer.dataProvider()
    if layer.bandCount() >= 3:
        layer.setRenderer(QgsMultiBandColorRenderer(provider, 1, 2, 3))
    else:
        layer.setRenderer(QgsSingleBandGrayRenderer(provider, 1))
    layer.setContrastEnhancement(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
        QgsRasterMinMaxOrigin.Limits.CumulativeCut,
    )
    return None


def style_picture(layer: QgsRasterLayer) -> str | None:
    """A picture of 8 bits, shown with the numbers it holds."""
    layer.setContrastEnhancement(QgsContrastEnhancement.ContrastEnhancementAlgorithm.NoEnhancement)
    return None


def style_scene(layer: QgsRasterLayer) -> str | None:
    """A scene in false colour, or in grey, from the style the engine wrote next to it."""
    return _style_beside(layer, (QgsMultiBandColorRenderer, QgsSingleBandGrayRenderer))


def style_findings(layer: QgsVectorLayer) -> str | None:
    """Outlines or rings in a colour for each kind of problem; only the kinds that occur are in the legend."""
    occurring = layer.uniqueValues(layer.fields().lookupField("problem"))
    categories = [
        QgsRendererCategory(word, _outline(layer, colour), label)
        for word, label, colour in _PROBLEMS
        if word in occurring
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("problem", categories))
    layer.setMapTipTemplate(f"<b>[% number %]: [% {_as_markup('class_name')} %]</b><br>[% {_as_markup('reason')} %]")
    layer.setDisplayExpression("to_string(number) || ' ' || class_name")
    return None


def _as_markup(field: str) -> str:
    """The expression of QGIS for the text of a field in a map tip, which is a web page: names of classes are only shown."""
    text = f"coalesce(\"{field}\", '')"
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = f"replace({text}, '{sign}', '{name}')"
    return text


def style_reference_points(layer: QgsVectorLayer) -> str | None:
    """The classes in their colours, points without a label in a ring, and the form: the style in the file of the points."""
    return _style_in_file(
        layer,
        tr(
            "The style and form of layer '{layer}' could not be loaded from {path}: {reason}. The points themselves are complete."
        ),
    )


def style_class_polygons(layer: QgsVectorLayer) -> str | None:
    """The classes of a map in their colours: the style in the file of the polygons."""
    return _style_in_file(
        layer,
        tr(
            "The style of layer '{layer}' could not be loaded from {path}: {reason}. The polygons themselves are complete."
        ),
    )


def _style_in_file(layer: QgsVectorLayer, problem: str) -> str | None:
    message, loaded = layer.loadDefaultStyle()
    if loaded and isinstance(layer.renderer(), QgsCategorizedSymbolRenderer):
        return None
    return problem.format(layer=layer.name(), path=layer.source(), reason=message or tr("it holds no style"))


def _outline(layer: QgsVectorLayer, colour: str) -> QgsSymbol:
    if layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry:
        ring = {"name": "circle", "color": "0,0,0,0", "outline_color": colour, "outline_width": "0.7", "size": "4"}
        return QgsMarkerSymbol.createSimple(ring)
    return QgsFillSymbol.createSimple({"style": "no", "outline_color": colour, "outline_width": "0.7"})


def _style_beside(layer: QgsRasterLayer, expected: type | tuple[type, ...]) -> str | None:
    message, loaded = layer.loadDefaultStyle()
    if loaded and isinstance(layer.renderer(), expected):
        return None
    return tr(
        "The style of layer '{layer}' could not be loaded from the .qml file next to {path}: {reason}."
        " The map itself is complete; run the algorithm again to get names and colours."
    ).format(layer=layer.name(), path=layer.source(), reason=message or tr("it belongs to another type of layer"))


# By what a layer shows, in the engine's words.
STYLES: Mapping[str, Style] = {
    "class_map": style_class_map,
    "classes": style_class_map,
    "ramp": style_ramp,
    "shares": style_shares,
    "components": style_components,
    "picture": style_picture,
    "scene": style_scene,
    "findings": style_findings,
    "reference_points": style_reference_points,
    "class_polygons": style_class_polygons,
}
