"""A scene in the colours that the engine chose, as one of the styles of its layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsContrastEnhancement,
    QgsMultiBandColorRenderer,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRasterRenderer,
    QgsRasterTransparency,
    QgsSingleBandGrayRenderer,
)


@dataclass(frozen=True)
class ColourBand:
    """A band, counted from 1, and the numbers of the file that become dark and bright."""

    band: int
    low: float
    high: float


@dataclass(frozen=True)
class SceneColours:
    """What to show: three bands (red, green, blue) or one (grey), under a title.

    ``nodata`` is a number of the file that is not drawn, None if there is none besides those that the file declares.
    """

    title: str
    bands: tuple[ColourBand, ...]
    nodata: float | None = None

    @classmethod
    def of_result(cls, result: Mapping[str, Any]) -> SceneColours:
        """What the engine answered."""
        bands = tuple(ColourBand(c.get("shown_band", c["band"]), c["low"], c["high"]) for c in result["channels"])
        return cls(result["title"], bands, result["nodata_given"])


def show_scene(layer: QgsRasterLayer, colours: SceneColours) -> None:
    """Show a layer in these colours; call on its thread.

    The colours become a style of the layer that is called after the composite, and the current one. The style that the
    layer had stays: it is chosen again in the menu Styles of the layer.
    """
    manager = layer.styleManager()
    if colours.title not in manager.styles():
        manager.addStyleFromLayer(colours.title)
    manager.setCurrentStyle(colours.title)
    layer.setRenderer(_renderer(layer.dataProvider(), colours))
    layer.triggerRepaint()


def _renderer(provider: QgsRasterDataProvider, colours: SceneColours) -> QgsRasterRenderer:
    numbers = [one.band for one in colours.bands]
    enhancements = [_enhancement(provider, one) for one in colours.bands]
    renderer: QgsRasterRenderer
    if len(numbers) == 1:
        renderer = QgsSingleBandGrayRenderer(provider, numbers[0])
        renderer.setContrastEnhancement(enhancements[0])
    else:
        renderer = QgsMultiBandColorRenderer(provider, *numbers)
        renderer.setRedContrastEnhancement(enhancements[0])
        renderer.setGreenContrastEnhancement(enhancements[1])
        renderer.setBlueContrastEnhancement(enhancements[2])
    if colours.nodata is not None:
        renderer.setRasterTransparency(
            _transparency([_shown(provider, one.band, colours.nodata) for one in colours.bands])
        )
    return renderer


def _enhancement(provider: QgsRasterDataProvider, one: ColourBand) -> QgsContrastEnhancement:
    low, high = sorted((_shown(provider, one.band, one.low), _shown(provider, one.band, one.high)))
    enhancement = QgsContrastEnhancement(provider.dataType(one.band))
    enhancement.setContrastEnhancementAlgorithm(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum, False
    )
    enhancement.setMinimumValue(low, False)
    enhancement.setMaximumValue(high, True)
    return enhancement


def _shown(provider: QgsRasterDataProvider, band: int, number: float) -> float:
    """What QGIS makes of a number of the file before it draws it."""
    return float(number * provider.bandScale(band) + provider.bandOffset(band))


def _transparency(values: list[float]) -> QgsRasterTransparency:
    transparency = QgsRasterTransparency()
    if len(values) == 1:
        pixel = QgsRasterTransparency.TransparentSingleValuePixel()
        pixel.min = pixel.max = values[0]
        pixel.percentTransparent = 100
        transparency.setTransparentSingleValuePixelList([pixel])
        return transparency
    pixel = QgsRasterTransparency.TransparentThreeValuePixel()
    pixel.red, pixel.green, pixel.blue = values
    pixel.percentTransparent = 100
    transparency.setTransparentThreeValuePixelList([pixel])
    return transparency
