"""The pixel that a reference point stands for, and the raster that it is of."""

from __future__ import annotations

import math

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from ...layers.proposals import proposed_map, proposed_scene

# In pixels; a sample lies at the centres of pixels but for rounding.
_OFF_CENTRE_PX = 0.01


def pixel_around(raster: QgsRasterLayer, point: QgsPointXY) -> QgsRectangle | None:
    """Extent of the pixel around a point, both in the CRS of the raster; None if the point lies outside."""
    extent, width, height = raster.extent(), raster.rasterUnitsPerPixelX(), raster.rasterUnitsPerPixelY()
    if width <= 0 or height <= 0 or not extent.contains(point):
        return None
    col = min(math.floor((point.x() - extent.xMinimum()) / width), raster.width() - 1)
    row = min(math.floor((extent.yMaximum() - point.y()) / height), raster.height() - 1)
    left, top = extent.xMinimum() + col * width, extent.yMaximum() - row * height
    return QgsRectangle(left, top - height, left + width, top)


def sampled_raster(project: QgsProject, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> QgsRasterLayer | None:
    """The raster of the project that points were drawn over: one with a point at the centre of a pixel.

    If there is none, the topmost map of classes, else the scene; None if the project has neither.
    """
    nodes = project.layerTreeRoot().layerOrder()
    files = [layer for layer in nodes if isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"]
    for raster in files:
        pixel = None if raster.crs() != crs else pixel_around(raster, point)
        if pixel is not None and pixel.center().distance(point) <= _OFF_CENTRE_PX * pixel.width():
            return raster
    found = proposed_map(project) or proposed_scene(project)
    return found if isinstance(found, QgsRasterLayer) else None


def visible_map(project: QgsProject) -> QgsRasterLayer | None:
    """The topmost map of classes, if it is visible."""
    found = proposed_map(project)
    node = None if found is None else project.layerTreeRoot().findLayer(found.id())
    return found if isinstance(found, QgsRasterLayer) and node is not None and node.isVisible() else None


def transformed(
    point: QgsPointXY, source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsPointXY | None:
    """A point in another CRS; unchanged if one of them is unknown, None if it cannot be transformed."""
    try:
        return QgsCoordinateTransform(source, target, QgsProject.instance()).transform(point)
    except QgsCsException:
        return None
