"""The layers of the project that a form begins with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)

from .class_fields import likely_class_field

_POLYGONS, _POINTS = QgsWkbTypes.GeometryType.PolygonGeometry, QgsWkbTypes.GeometryType.PointGeometry
# Of the layer that Check training labels writes: it lies above the labels and has their classes, but is none.
_OF_FINDINGS = frozenset({"number", "problem", "reason"})


def proposed_scene(project: QgsProject) -> QgsMapLayer | None:
    """The raster with most bands, the topmost of equals; a map of classes is not a scene."""
    rasters = [layer for layer in _in_order(project) if _is_file(layer) and not _shows_classes(layer)]
    return max(rasters, key=lambda layer: layer.bandCount(), default=None)


def proposed_labels(project: QgsProject, active: QgsMapLayer | None = None) -> QgsVectorLayer | None:
    """The layer of polygons or points that most likely holds labels.

    First comes the active layer, then the topmost layer of polygons, then of points, if a field of them seems to hold the
    class; if there is none, the topmost layer of polygons, then of points. A new layer is put on top.

    Parameters
    ----------
    active : the layer that is selected in the layer tree; None if there is none, as without a desktop.
    """
    layers = [layer for layer in _in_order(project) if _can_be_labels(layer)]
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


def proposed_map(project: QgsProject) -> QgsMapLayer | None:
    """The topmost map of classes."""
    return next((layer for layer in _in_order(project) if _is_file(layer) and _shows_classes(layer)), None)


def _in_order(project: QgsProject) -> Iterable[QgsMapLayer]:
    return (layer for layer in project.layerTreeRoot().layerOrder() if layer is not None and layer.isValid())


def _can_be_labels(layer: QgsMapLayer) -> bool:
    return (
        isinstance(layer, QgsVectorLayer)
        and layer.geometryType() in (_POLYGONS, _POINTS)
        and not set(layer.fields().names()) >= _OF_FINDINGS
    )


def _is_file(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"


def _shows_classes(layer: QgsRasterLayer) -> bool:
    return layer.bandCount() == 1 and isinstance(layer.renderer(), QgsPalettedRasterRenderer)
