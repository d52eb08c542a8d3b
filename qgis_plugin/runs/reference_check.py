"""Whether a map is about to be compared with the labels that it was trained with."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsMapLayer, QgsProviderRegistry, QgsRasterLayer

from ..layers.files import file_stem
from ..paths import file_name
from ..translation import tr

# What the engine writes into a map: "9,120 labelled pixels of 6 classes from fields.gpkg".
_TAG, _BEFORE_NAME = "HSI_LABELS", " from "


def training_labels_warning(class_map: QgsRasterLayer | None, reference: QgsMapLayer | None) -> str | None:
    """What to know if a map names a file like that of its reference as its training labels; None if it does not.

    Call on the main thread.
    """
    if class_map is None or reference is None or class_map.providerType() != "gdal":
        return None
    trained_with = _training_labels(file_name(class_map.source()))
    if not trained_with or Path(trained_with).stem.casefold() not in _names(reference):
        return None
    return tr(
        "The map '{map}' was trained with labels from {labels}, and the reference '{reference}' seems to be the same. "
        "Accuracy on training labels is too high and says nothing about the rest of the map. Choose labels that were not "
        "used for training."
    ).format(map=class_map.name(), labels=trained_with, reference=reference.name())


def _training_labels(path: str) -> str:
    """Name of the file of labels; empty if the map does not state it."""
    from osgeo import gdal

    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER)
        text = "" if dataset is None else dataset.GetMetadataItem(_TAG) or ""
    except RuntimeError:  # if another plugin switched GDAL's exceptions on
        return ""
    return str(text).partition(_BEFORE_NAME)[2].strip()


def _names(layer: QgsMapLayer) -> set[str]:
    """What a file of the labels of this layer may be called, without its ending: a copy is called after the layer."""
    path = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path") or ""
    return {Path(path).stem.casefold(), file_stem(layer.name()).casefold()} - {""}
