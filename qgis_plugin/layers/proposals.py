"""The layers of the project that a form begins with."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import (
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)


def proposed_scene(project: QgsProject) -> QgsMapLayer | None:
    """The raster with most bands, the topmost of equals; a map of classes is no scene."""
    rasters = [layer for layer in _in_order(project) if _is_file(layer) and not _shows_classes(layer)]
    return max(rasters, key=lambda layer: layer.bandCount(), default=None)


def proposed_labels(project: QgsProject) -> QgsMapLayer | None:
    """The topmost layer of polygons; if there is none, that of points. A new layer is put on top."""
    vectors = [layer for layer in _in_order(project) if isinstance(layer, QgsVectorLayer)]
    for wanted in (QgsWkbTypes.GeometryType.PolygonGeometry, QgsWkbTypes.GeometryType.PointGeometry):
        for layer in vectors:
            if layer.geometryType() == wanted:
                return layer
    return None


def proposed_map(project: QgsProject) -> QgsMapLayer | None:
    """The topmost map of classes."""
    return next((layer for layer in _in_order(project) if _is_file(layer) and _shows_classes(layer)), None)


def _in_order(project: QgsProject) -> Iterable[QgsMapLayer]:
    return (layer for layer in project.layerTreeRoot().layerOrder() if layer is not None and layer.isValid())


def _is_file(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"


def _shows_classes(layer: QgsRasterLayer) -> bool:
    return layer.bandCount() == 1 and isinstance(layer.renderer(), QgsPalettedRasterRenderer)
