"""The tool that picks a pixel in the canvas, and the frame around the pixel that was picked."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsRasterLayer, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapToolEmitPoint, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from ..labelling.pixel import pixel_around, transformed

_COLOUR, _HALO = "#ffd700", "#1f2328"
_POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


class PixelTool(QgsMapToolEmitPoint):
    """Emits ``canvasClicked`` with the place in the CRS of the canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)


class PixelFrame:
    """Outlines a pixel; :meth:`remove` takes the frame out of the canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._band = QgsRubberBand(canvas, _POLYGON)
        self._band.setStrokeColor(QColor(_COLOUR))
        self._band.setSecondaryStrokeColor(QColor(_HALO))
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setWidth(2)

    def show(self, scene: QgsRasterLayer, place: QgsPointXY) -> bool:
        """Outline the pixel of a scene around a place in its CRS; False if the place lies outside the scene."""
        self.hide()
        extent = pixel_around(scene, place)
        if extent is None:
            return False
        crs = self._canvas.mapSettings().destinationCrs()
        left, right, low, high = extent.xMinimum(), extent.xMaximum(), extent.yMinimum(), extent.yMaximum()
        corners = [
            transformed(QgsPointXY(x, y), scene.crs(), crs)
            for x, y in ((left, low), (right, low), (right, high), (left, high))
        ]
        if None not in corners:
            self._band.setToGeometry(QgsGeometry.fromPolygonXY([corners]), None)
            self._band.show()
        return True

    def hide(self) -> None:
        """Outline nothing."""
        self._band.reset(_POLYGON)
        self._band.hide()

    def remove(self) -> None:
        """Take the frame out of the canvas."""
        self._canvas.scene().removeItem(self._band)
        # Python owns it now, and it must not outlive the canvas.
        del self._band
