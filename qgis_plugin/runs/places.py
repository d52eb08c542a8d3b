"""Extents and points of a form as the engine reads them."""

from __future__ import annotations

import math

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException, QgsRasterLayer, QgsRectangle

from ..engine.operations import ParameterDescription
from ..forms.parameters import qgis_name
from ..forms.values import FormValues
from ..translation import tr


def extent_text(parameter: ParameterDescription, form: FormValues, scene: QgsRasterLayer | None) -> str:
    """An extent as the engine reads it: xmin,ymin,xmax,ymax in the CRS that the scene is taken to be in.

    Of a scene that QGIS cannot open, the engine knows the CRS: it gets the extent with its own. On a scene without map coordinates
    it ends where QGIS shows the edges of the scene: beyond the upper one, the engine could take y for the row.

    Raises
    ------
    QgsProcessingException : the extent has no area, or does not lie on a scene without map coordinates.
    """
    name = qgis_name(parameter.name)
    found = form.extent(name, _crs_of(scene))
    if found.isEmpty() or not all(map(math.isfinite, _numbers(found))):
        raise QgsProcessingException(
            tr("{title}: “{value}” has no area in the CRS of the scene. Choose another extent, or none.").format(
                title=tr(parameter.title), value=form.text(name) or ""
            )
        )
    if scene is not None and not _has_map_coordinates(scene):
        found = found.intersect(scene.extent())
        if found.isEmpty():
            raise _outside(parameter, scene)
    own_crs = form.extent_crs(name) if scene is None else ""
    return ",".join([*map(repr, _numbers(found)), *([own_crs] if own_crs else [])])


def point_text(parameter: ParameterDescription, form: FormValues, scene: QgsRasterLayer | None) -> str:
    """A point as the engine reads it: x,y in the CRS that the scene is taken to be in, or with its own as for an extent.

    Raises
    ------
    QgsProcessingException : it does not lie on a scene without map coordinates.
    """
    name = qgis_name(parameter.name)
    found = form.point(name, _crs_of(scene))
    if scene is not None and not _has_map_coordinates(scene) and not scene.extent().contains(found):
        raise _outside(parameter, scene)
    own_crs = form.point_crs(name) if scene is None else ""
    return ",".join([repr(found.x()), repr(found.y()), *([own_crs] if own_crs else [])])


def _crs_of(scene: QgsRasterLayer | None) -> QgsCoordinateReferenceSystem:
    if scene is None:
        return QgsCoordinateReferenceSystem()
    return scene.crs() if scene.crs().isValid() else scene.dataProvider().crs()


def _has_map_coordinates(scene: QgsRasterLayer) -> bool:
    """False if QGIS shows the scene where it puts rasters that state no place: one unit per pixel, the first row below y = 0."""
    return bool(scene.extent() != QgsRectangle(0, -scene.height(), scene.width(), 0))


def _numbers(extent: QgsRectangle) -> tuple[float, float, float, float]:
    return extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()


def _outside(parameter: ParameterDescription, scene: QgsRasterLayer) -> QgsProcessingException:
    return QgsProcessingException(
        tr(
            "{title}: this lies outside the scene “{layer}”. The scene has no map coordinates, and QGIS shows it at x 0 to {cols},"
            " y -{rows} to 0."
        ).format(title=tr(parameter.title), layer=scene.name(), cols=scene.width(), rows=scene.height())
    )
