"""What makes the comparison of a map with a reference doubtful: its training labels, and other names for the same values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qgis.core import QgsMapLayer, QgsProviderRegistry, QgsRasterLayer

from ..layers.class_coding import class_number
from ..layers.class_style import ClassStyle
from ..layers.files import file_stem
from ..paths import file_name
from ..translation import tr

# What the engine writes into a map: "9,120 labelled pixels of 6 classes from fields.gpkg".
_TAG, _BEFORE_NAME = "HSI_LABELS", " from "
# Classes that a warning lists.
_MOST_LISTED = 5


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


def with_names_of_map(style: ClassStyle, of_reference: ClassStyle, layer: str, of_map: ClassStyle) -> ClassStyle:
    """The style that a reference is read with, which says which values the styles of its layer and of the map call differently.

    Values decide which classes are compared: the engine does not see the style of numbers. A name that the map has for
    another value is a warning.

    Parameters
    ----------
    of_reference : the style of its layer; text values are left to the engine, which compares names.
    layer : name of that layer.
    """
    called = dict(_named(of_map))
    known = {_folded(label) for label in called.values()}
    differ = [
        (number, called[number], label)
        for number, label in _named(of_reference)
        if number in called and _folded(label) != _folded(called[number])
    ]
    text = tr("class {value} is called “{in_map}” in the map but “{label}” there")
    moved = [
        text.format(value=value, in_map=in_map, label=label)
        for value, in_map, label in differ
        if _folded(label) in known
    ]
    warning = tr(
        "The style of layer '{layer}' gives names of the map to other values: {examples}. Classes are compared by value: if the"
        " names of the style are right, the accuracy says nothing about the map. Give the reference the values of the map, or"
        " choose a class field that holds the names."
    )
    warnings = [warning.format(layer=layer, examples=", ".join(moved[:_MOST_LISTED]))] if moved else []
    text = tr(
        "Class {value} is called “{in_map}” in the map but “{label}” in the style of layer '{layer}'; classes are compared by value."
    )
    notes = [
        text.format(value=value, in_map=in_map, label=label, layer=layer)
        for value, in_map, label in differ
        if _folded(label) not in known
    ]
    return replace(style, notes=(*style.notes, *notes), warnings=(*style.warnings, *warnings))


def _named(style: ClassStyle) -> Iterator[tuple[int, str]]:
    """Value and name of each class that has a name; of several values that the style merges, the first counts."""
    for item in style.classes:
        numbers = [number for number in map(class_number, item.values) if number]
        if numbers and class_number(item.label) != numbers[0]:
            yield numbers[0], item.label


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
