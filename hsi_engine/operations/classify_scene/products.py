"""The rasters that can come with a map. A new one is an entry here; everything else is a loop over them.

Their order is that of the parameters, of the files, and of the layers in a GIS, from the top.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from ...classes.legend import Legend
from ...io.legends.style_files import ClassStyle, RampStyle
from .product import MappedPixels, MapProduct


def _classes(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.bundle.legend.to_value(pixels.indices)


def _classes_before_smoothing(pixels: MappedPixels) -> npt.NDArray[Any]:
    before = pixels.prediction.unsmoothed
    return pixels.bundle.legend.to_value(pixels.prediction.class_indices() if before is None else before)


def _confidence(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.prediction.confidence


def _confidence_band(legend: Legend) -> tuple[str, ...]:
    return ("confidence",)


def _probabilities(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.prediction.probabilities


def _class_names(legend: Legend) -> list[str]:
    return legend.names


CLASS_MAP = MapProduct(
    name="class_map",
    parameter="output",
    title="Class map",
    description="GeoTIFF to write, with a QGIS style file next to it.",
    layer="classes",
    values=_classes,
    style=ClassStyle(),
    required=True,
)
UNSMOOTHED = MapProduct(
    name="unsmoothed",
    parameter="unsmoothed",
    title="Map before smoothing",
    description="GeoTIFF of the classes before smoothing, with a QGIS style file.",
    layer="classes before smoothing",
    values=_classes_before_smoothing,
    style=ClassStyle(),
    advanced=True,
)
CONFIDENCE = MapProduct(
    name="confidence",
    parameter="confidence",
    title="Confidence",
    description="GeoTIFF of the highest class probability of each pixel, 0 to 1.",
    layer="confidence",
    values=_confidence,
    bands=_confidence_band,
    style=RampStyle(),
)
PROBABILITIES = MapProduct(
    name="probabilities",
    parameter="probabilities",
    title="Probabilities",
    description="GeoTIFF with one probability band per class.",
    layer="probabilities",
    values=_probabilities,
    bands=_class_names,
    advanced=True,
)

PRODUCTS: tuple[MapProduct, ...] = (CLASS_MAP, UNSMOOTHED, CONFIDENCE, PROBABILITIES)
