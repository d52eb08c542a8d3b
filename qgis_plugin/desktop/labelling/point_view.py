"""The current point in the canvas: a frame around its pixel, or a box if that is small, and what is shown around it."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtGui import QColor

from .pixel import pixel_around, sampled_raster, transformed

# The shorter side of the canvas shows so many pixels when the first point is shown, without a raster this scale.
SHOWN_PX, SHOWN_SCALE = 15, 5000.0
# A pixel that is smaller on the screen is hidden by the symbol of the point.
_SMALL_PX, _BOX_PX = 18, 28
_COLOUR, _HALO = "#ffd700", "#1f2328"
_POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


class PointView:
    """Marks and centres points; :meth:`remove` takes the marks away.

    The first point sets the scale; later ones are centred at the scale that the user has chosen since.
    """

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._frame = QgsRubberBand(canvas, _POLYGON)
        self._frame.setStrokeColor(QColor(_COLOUR))
        self._frame.setSecondaryStrokeColor(QColor(_HALO))
        self._frame.setFillColor(QColor(0, 0, 0, 0))
        self._frame.setWidth(2)
        self._box = QgsVertexMarker(canvas)
        self._box.setIconType(QgsVertexMarker.IconType.ICON_BOX)
        self._box.setColor(QColor(_COLOUR))
        self._box.setIconSize(_BOX_PX)
        self._box.setPenWidth(3)
        self._has_scale = False
        self.hide()

    def hide(self) -> None:
        """Show no point."""
        self._frame.reset(_POLYGON)
        self._frame.hide()
        self._box.hide()

    def remove(self) -> None:
        """Take the marks out of the canvas."""
        for item in (self._frame, self._box):
            self._canvas.scene().removeItem(item)
        # Python owns them now, and they must not outlive the canvas.
        del self._frame, self._box

    def forget_scale(self) -> None:
        """Let the next point set the scale."""
        self._has_scale = False

    def show(self, layer: QgsVectorLayer, geometry: QgsGeometry, *, centre: bool = True) -> bool:
        """Mark a point, and centre it; False if it has no place in the CRS of the canvas.

        Parameters
        ----------
        geometry : of the point, in the CRS of the layer; of a group of points their middle is taken.
        """
        self.hide()
        middle = None if geometry.isNull() else geometry.centroid().asPoint()
        crs = self._canvas.mapSettings().destinationCrs()
        place = None if middle is None else transformed(middle, layer.crs(), crs)
        if middle is None or place is None:
            return False
        raster = sampled_raster(QgsProject.instance(), middle, layer.crs())
        pixel = None if raster is None else self._pixel(raster, middle, layer)
        if centre:
            self._centre(place, None if pixel is None else pixel.boundingBox())
        if pixel is not None and pixel.boundingBox().width() / self._canvas.mapUnitsPerPixel() >= _SMALL_PX:
            self._frame.setToGeometry(pixel, None)
            self._frame.show()
        else:
            self._box.setCenter(place)
            self._box.show()
        return True

    def _pixel(self, raster: QgsRasterLayer, middle: QgsPointXY, layer: QgsVectorLayer) -> QgsGeometry | None:
        """Outline of the pixel around a point in the CRS of the canvas."""
        point = transformed(middle, layer.crs(), raster.crs())
        extent = None if point is None else pixel_around(raster, point)
        if extent is None:
            return None
        crs = self._canvas.mapSettings().destinationCrs()
        corners = [
            transformed(QgsPointXY(x, y), raster.crs(), crs)
            for x, y in (
                (extent.xMinimum(), extent.yMinimum()),
                (extent.xMaximum(), extent.yMinimum()),
                (extent.xMaximum(), extent.yMaximum()),
                (extent.xMinimum(), extent.yMaximum()),
            )
        ]
        return None if None in corners else QgsGeometry.fromPolygonXY([corners])

    def _centre(self, place: QgsPointXY, pixel: QgsRectangle | None) -> None:
        if self._has_scale:
            self._canvas.setCenter(place)
        elif pixel is not None:
            width, height = max(1, self._canvas.width()), max(1, self._canvas.height())
            unit = SHOWN_PX * max(pixel.width(), pixel.height()) / min(width, height)
            self._canvas.setExtent(QgsRectangle.fromCenterAndSize(place, unit * width, unit * height))
        else:
            # An empty canvas has no scale that could be changed.
            self._canvas.setExtent(QgsRectangle.fromCenterAndSize(place, 1.0, 1.0))
            self._canvas.zoomScale(SHOWN_SCALE)
        self._has_scale = True
        self._canvas.refresh()
