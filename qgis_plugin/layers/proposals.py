"""The layers of the project that a form begins with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QUrl

from ..paths import file_name, is_file
from .class_fields import likely_class_field
from .reach import is_here
from .reference_sample import file_of_sample, sampled_map

_POLYGONS, _POINTS = QgsWkbTypes.GeometryType.PolygonGeometry, QgsWkbTypes.GeometryType.PointGeometry
# Of the layer that Check training labels writes: it lies above the labels and has their classes, but is none.
_OF_FINDINGS = frozenset({"number", "problem", "reason"})
# Of the polygons of a map, which are what was predicted.
_OF_MAP_POLYGONS = frozenset({"class_id", "class_name", "pixels", "area_m2", "area_ha"})
# Of reference points, which say how accurate a map is: a model that was trained on them would be tested on what it knows.
_OF_SAMPLE = frozenset({"point_id", "stratum", "inclusion_probability", "reference"})
# Of points that were suggested for labelling: they are added to the labels there were.
_OF_SUGGESTIONS = frozenset({"rank", "uncertainty", "dissimilarity", "reference"})
_NO_LABELS = (_OF_FINDINGS, _OF_MAP_POLYGONS, _OF_SAMPLE)

# Tags of the files that the engine writes: of a scene that it denoised, and of a class map.
_PROCESSING, _DENOISED = "processing", "denoised by "
_OF_MAPS = ("HSI_METHOD", "HSI_CLASSES")
_MODELS = frozenset({".hsimodel", ".onnx"})
# The confidence of a map states the same, and is no map.
_WHOLE_NUMBERS = frozenset({Qgis.DataType.Byte, Qgis.DataType.UInt16})


def proposed_scene(project: QgsProject) -> QgsMapLayer | None:
    """The raster with most bands, the topmost of equals; a map of classes is not a scene."""
    rasters = [layer for layer in _in_order(project) if _is_file(layer) and not _shows_classes(layer)]
    return max(rasters, key=lambda layer: layer.bandCount(), default=None)


def proposed_raw_scene(project: QgsProject) -> QgsMapLayer | None:
    """The same, but no scene that was denoised already if there is another with as many bands."""
    rasters = [layer for layer in _in_order(project) if _is_file(layer) and not _shows_classes(layer)]
    most = max((layer.bandCount() for layer in rasters), default=0)
    scenes = [layer for layer in rasters if layer.bandCount() == most]
    raw = (layer for layer in scenes if not file_tags(layer).get(_PROCESSING, "").startswith(_DENOISED))
    return next(raw, next(iter(scenes), None))


def proposed_labels(project: QgsProject, active: QgsMapLayer | None = None) -> QgsVectorLayer | None:
    """The layer of polygons or points that most likely holds labels.

    First comes the active layer, then the topmost layer of polygons, then of points, if a field of them seems to hold the
    class; if there is none, the topmost layer of polygons, then of points. A new layer is put on top. Suggested points are
    taken only if there is nothing else, and reference points never.

    Parameters
    ----------
    active : the layer that is selected in the layer tree; None if there is none, as without a desktop.
    """
    possible = [layer for layer in _in_order(project) if _can_be_labels(layer)]
    layers = [layer for layer in possible if not set(layer.fields().names()) >= _OF_SUGGESTIONS] or possible
    if active in layers and likely_class_field(active) is not None:
        return active
    sorted_layers = [layer for wanted in (_POLYGONS, _POINTS) for layer in layers if layer.geometryType() == wanted]
    with_classes = (layer for layer in sorted_layers if likely_class_field(layer) is not None)
    return next(with_classes, next(iter(sorted_layers), None))


def active_layer() -> QgsMapLayer | None:
    """The layer that is selected in the layer tree; None without a desktop. Call on the main thread."""
    from qgis import utils

    desktop: Any = getattr(utils, "iface", None)
    layer = desktop.activeLayer() if hasattr(desktop, "activeLayer") else None
    return layer if isinstance(layer, QgsMapLayer) else None


def proposed_sample(project: QgsProject, active: QgsMapLayer | None = None) -> QgsVectorLayer | None:
    """The active layer if it holds reference points with the design of their sample, otherwise the topmost that does."""
    layers = [layer for layer in _in_order(project) if isinstance(layer, QgsVectorLayer)]
    if active in layers:
        layers.insert(0, active)
    return next((layer for layer in layers if file_of_sample(layer) is not None), None)


def map_of_sample(project: QgsProject, active: QgsMapLayer | None = None) -> QgsMapLayer | None:
    """The map over which the proposed sample was drawn, otherwise :func:`proposed_map`."""
    sample = proposed_sample(project, active)
    path = None if sample is None else file_of_sample(sample)
    name = sampled_map(path) if path else ""
    rasters = (layer for layer in _in_order(project) if _is_file(layer) and layer.bandCount() == 1)
    drawn_over = (layer for layer in rasters if Path(file_name(layer.source())).name == name)
    return next(drawn_over, None) or proposed_map(project)


def proposed_map(project: QgsProject) -> QgsMapLayer | None:
    """The topmost class map that the engine made, or else the topmost raster that is shown in classes."""
    rasters = [layer for layer in _in_order(project) if _is_file(layer) and layer.bandCount() == 1]
    whole = (layer for layer in rasters if layer.dataProvider().dataType(1) in _WHOLE_NUMBERS)
    own = (layer for layer in whole if any(name in file_tags(layer) for name in _OF_MAPS))
    return next(own, next((layer for layer in rasters if _shows_classes(layer)), None))


def not_scenes(project: QgsProject) -> list[QgsMapLayer]:
    """The rasters of a project that are no scene: shown in classes, or written by the engine next to a class map."""
    return [
        layer
        for layer in project.mapLayers().values()
        if isinstance(layer, QgsRasterLayer)
        and (_shows_classes(layer) or (_is_file(layer) and any(name in file_tags(layer) for name in _OF_MAPS)))
    ]


def model_of_map(project: QgsProject) -> str:
    """The model file that the topmost map links to in its metadata; empty if no map has one that still exists."""
    for layer in _in_order(project):
        links = layer.metadata().links() if isinstance(layer, QgsRasterLayer) else []
        urls = (QUrl(link.url) for link in links)
        # The project may be from elsewhere: nothing on another machine is asked for.
        paths = (Path(url.toLocalFile()) for url in urls if url.isLocalFile() and not url.host())
        found = next((path for path in paths if path.suffix.lower() in _MODELS and is_file(path)), None)
        if found is not None:
            return str(found)
    return ""


def file_tags(layer: QgsRasterLayer) -> dict[str, str]:
    """What the file of a raster layer states about itself; nothing if it cannot be opened, or lies elsewhere."""
    from osgeo import gdal

    name = file_name(layer.source())
    if not is_here(name):
        return {}
    try:
        dataset = gdal.OpenEx(name, gdal.OF_RASTER)
        return {} if dataset is None else dict(dataset.GetMetadata())
    except RuntimeError:  # if another plugin switched GDAL's exceptions on
        return {}


def _in_order(project: QgsProject) -> Iterable[QgsMapLayer]:
    return (layer for layer in project.layerTreeRoot().layerOrder() if layer is not None and layer.isValid())


def _can_be_labels(layer: QgsMapLayer) -> bool:
    return (
        isinstance(layer, QgsVectorLayer)
        and layer.geometryType() in (_POLYGONS, _POINTS)
        and not any(set(layer.fields().names()) >= fields for fields in _NO_LABELS)
    )


def _is_file(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"


def _shows_classes(layer: QgsRasterLayer) -> bool:
    return layer.bandCount() == 1 and isinstance(layer.renderer(), QgsPalettedRasterRenderer)
