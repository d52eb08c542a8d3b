"""Values of a class raster: as QGIS shows and styles them, and as its file stores them for the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
)

from ..translation import tr
from .features.attribute_text import attribute_text

# How far a scaled value may be from a whole number, as QGIS scales with single precision.
_NEARLY_WHOLE = 0.01


@dataclass(frozen=True)
class ShownValue:
    """A value as QGIS shows it, or the upper bound of a range of them, with the label and the colour ``#rrggbb`` of its style."""

    value: float
    label: str
    colour: str


@dataclass(frozen=True)
class ColourRanges:
    """A style in which each colour is that of all values up to a bound; what these are, only the pixels say.

    Parameters
    ----------
    raster : a separate copy of the layer's data provider, for any thread.
    bounds : in ascending order.
    """

    raster: QgsRasterDataProvider
    bounds: tuple[ShownValue, ...]

    def values(self, title: str, feedback: QgsProcessingFeedback) -> list[ShownValue]:
        """Each value of the pixels with the label and colour that QGIS shows it in; reads the whole raster.

        Raises
        ------
        QgsProcessingException : the user cancelled.
        """
        reading = QgsRasterBlockFeedback()
        feedback.canceled.connect(reading.cancel)
        occurring = [
            item.value for item in QgsPalettedRasterRenderer.classDataFromRaster(self.raster, 1, None, reading)
        ]
        if feedback.isCanceled():
            raise QgsProcessingException(tr("{}: reading the values of the raster was cancelled.").format(title))
        found = [(value, next((item for item in self.bounds if value <= item.value), None)) for value in occurring]
        return [ShownValue(value, item.label, item.colour) for value, item in found if item is not None]


def is_scaled(raster: QgsRasterDataProvider) -> bool:
    """Whether QGIS shows other values than the file stores."""
    return (raster.bandScale(1), raster.bandOffset(1)) != (1.0, 0.0)


def stored_value(value: float, raster: QgsRasterDataProvider) -> str:
    """A value that QGIS shows, as the file stores it: the engine reads neither scale nor offset of labels."""
    scale, offset = raster.bandScale(1), raster.bandOffset(1)
    if not is_scaled(raster) or not scale or not math.isfinite(value):
        return attribute_text(value)
    stored = (value - offset) / scale
    return attribute_text(float(round(stored)) if abs(stored - round(stored)) < _NEARLY_WHOLE else stored)
