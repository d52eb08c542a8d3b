"""Styles of the rasters that the engine writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from qgis.core import (
    QgsContrastEnhancement,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsSingleBandGrayRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsStyle,
)

from ..translation import tr

# Styles a layer; returns what went wrong in words, or None.
Style = Callable[[QgsRasterLayer], Optional[str]]


def style_class_map(layer: QgsRasterLayer) -> str | None:
    """Exactly the classes of the map with their names and colours, from the style the engine wrote beside it."""
    return _style_beside(layer, QgsPalettedRasterRenderer)


def style_confidence(layer: QgsRasterLayer) -> str | None:
    """Colours for 0 to 1, whatever values occur, from the style the engine wrote beside the raster."""
    return _style_beside(layer, QgsSingleBandPseudoColorRenderer)


def style_probabilities(layer: QgsRasterLayer) -> str | None:
    """The first class in colours for 0 to 1; the other bands, named after their classes, can be chosen instead."""
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


def _style_beside(layer: QgsRasterLayer, expected: type) -> str | None:
    message, loaded = layer.loadDefaultStyle()
    if loaded and isinstance(layer.renderer(), expected):
        return None
    return tr(
        "The style of layer '{layer}' could not be loaded from the .qml file beside {path}: {reason}."
        " Its values are complete; run the algorithm again for names and colours."
    ).format(layer=layer.name(), path=layer.source(), reason=message or tr("it is that of another kind of layer"))
