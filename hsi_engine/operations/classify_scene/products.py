"""The rasters that can come with a map. A new one is an entry here; everything else is a loop over them.

Their order is that of the parameters, of the files, and of the layers in a GIS, from the top.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...io.legends.set_size_style import SetSizeStyle
from ...io.legends.style_files import ClassStyle, RampStyle
from .product import MappedPixels, MapProduct

# Values of the area of applicability, and of set sizes without data.
_INSIDE, _OUTSIDE = 1, 2
_NO_SET = 255


def _classes(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.bundle.legend.to_value(pixels.indices)


def _classes_before_smoothing(pixels: MappedPixels) -> npt.NDArray[Any]:
    before = pixels.prediction.unsmoothed
    return pixels.bundle.legend.to_value(pixels.prediction.class_indices() if before is None else before)


def _confidence(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.prediction.confidence


def _confidence_band(legend: Legend) -> tuple[str, ...]:
    return ("confidence",)


def _faded(pixels: MappedPixels) -> npt.NDArray[Any]:
    """Red, green, blue and opacity, which is 0 only without data: so no number of a colour has to mean that."""
    classes = list(pixels.bundle.legend)
    colours = np.array([one.rgb for one in classes], np.uint8)
    chance = 1 / len(classes)
    certain = (np.nan_to_num(pixels.prediction.confidence) - chance) / max(1 - chance, chance)
    opacity = (1 + 254 * certain.clip(0, 1)).round().astype(np.uint8)
    painted = np.concatenate([np.moveaxis(colours[pixels.indices], -1, 0), opacity[None]])
    return np.where(pixels.indices >= 0, painted, 0).astype(np.uint8)


def _colour_bands(legend: Legend) -> tuple[str, ...]:
    return ("red", "green", "blue", "opacity")


def _probabilities(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.prediction.probabilities


def _class_names(legend: Legend) -> list[str]:
    return legend.names


def _dissimilarity(pixels: MappedPixels) -> npt.NDArray[Any]:
    return pixels.dissimilarity.astype(np.float32)


def _dissimilarity_band(legend: Legend) -> tuple[str, ...]:
    return ("dissimilarity",)


def _applicability(pixels: MappedPixels) -> npt.NDArray[Any]:
    inside = _is_inside(pixels)
    return np.where(pixels.prediction.valid, np.where(inside, _INSIDE, _OUTSIDE), 0).astype(np.uint8)


def _applicability_legend(legend: Legend) -> Legend:
    names = {_INSIDE: "inside: like the training pixels", _OUTSIDE: "outside: unlike the training pixels"}
    return Legend.of(names, {_INSIDE: "#5aae61", _OUTSIDE: "#9970ab"})


def _inside_and_outside(pixels: MappedPixels) -> tuple[int, ...]:
    inside = int(np.count_nonzero(_is_inside(pixels)))
    return inside, int(np.count_nonzero(pixels.prediction.valid)) - inside


def _is_inside(pixels: MappedPixels) -> npt.NDArray[np.bool_]:
    if pixels.trust is None or pixels.trust.area is None:
        raise ValueError("no area of applicability was asked for")
    return pixels.trust.area.is_inside(pixels.dissimilarity)


def _set_size(pixels: MappedPixels) -> npt.NDArray[Any]:
    sizes = np.count_nonzero(pixels.prediction_sets, axis=0)
    return np.where(pixels.prediction.valid, sizes, _NO_SET).astype(np.uint8)


def _set_size_band(legend: Legend) -> tuple[str, ...]:
    return ("set size",)


def _sets(pixels: MappedPixels) -> npt.NDArray[Any]:
    return np.where(pixels.prediction.valid, pixels.prediction_sets, _NO_SET).astype(np.uint8)


def _sizes(pixels: MappedPixels) -> tuple[int, ...]:
    sizes = np.count_nonzero(pixels.prediction_sets, axis=0)[pixels.prediction.valid]
    return tuple(np.bincount(sizes, minlength=len(pixels.bundle.legend) + 1).tolist())


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
FADED = MapProduct(
    name="faded",
    parameter="faded",
    title="Map faded by confidence",
    description="GeoTIFF of the map in its colours: opaque where the model is sure, transparent where it can only guess.",
    layer="classes faded by confidence",
    values=_faded,
    bands=_colour_bands,
    dtype="uint8",
    nodata=None,
    shows="picture",
    advanced=True,
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

APPLICABILITY = MapProduct(
    name="applicability",
    parameter="applicability",
    title="Area of applicability",
    description="GeoTIFF of where the scene is like the training pixels, as far as spectra tell: 1 inside, 2 outside.",
    layer="area of applicability",
    values=_applicability,
    legend=_applicability_legend,
    style=ClassStyle(),
    advanced=True,
    uses_channels=True,
    needs="applicability",
    tally=_inside_and_outside,
)
DISSIMILARITY = MapProduct(
    name="dissimilarity",
    parameter="dissimilarity",
    title="Dissimilarity",
    description="GeoTIFF of how unlike the training pixels a spectrum is: 0 equal, 1 as far as they are from one another.",
    layer="dissimilarity",
    values=_dissimilarity,
    bands=_dissimilarity_band,
    style=RampStyle(shares=False),
    advanced=True,
    uses_channels=True,
    needs="applicability",
    tally=_inside_and_outside,
)
SET_SIZE = MapProduct(
    name="set_size",
    parameter="set_size",
    title="Set size",
    description="GeoTIFF of how many classes a pixel may have, with the coverage below: 1 certain, several undecided, 0 none fits.",
    layer="set size",
    values=_set_size,
    bands=_set_size_band,
    dtype="uint8",
    nodata=_NO_SET,
    style=SetSizeStyle(),
    advanced=True,
    needs="sets",
    tally=_sizes,
)
SETS = MapProduct(
    name="sets",
    parameter="sets",
    title="Prediction sets",
    description="GeoTIFF with one band per class: 1 where the class is in the set of the pixel, else 0.",
    layer="prediction sets",
    values=_sets,
    bands=_class_names,
    dtype="uint8",
    nodata=_NO_SET,
    advanced=True,
    needs="sets",
    tally=_sizes,
)

PRODUCTS: tuple[MapProduct, ...] = (
    CLASS_MAP,
    UNSMOOTHED,
    CONFIDENCE,
    FADED,
    PROBABILITIES,
    APPLICABILITY,
    DISSIMILARITY,
    SET_SIZE,
    SETS,
)
