"""What the stories for the pictures share: the layers, the windows of QGIS, waiting, and the camera."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processing
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMultiBandColorRenderer,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget, QToolBar, QTreeView, QWidget
from qgis.utils import iface

SCENES = Path(os.environ["HSI_SCENES"])
PICTURES = Path(os.environ["HSI_PICTURES"])

SETTLE_S = 1.5  # for what QGIS still draws after its signals say that it is done
_FALSE_COLOUR_NM = (860.0, 650.0, 550.0)

Step = Callable[[], bool]


def photograph(name: str, widget: QWidget | None = None) -> None:
    """Save the whole screen, or one window, as a picture."""
    target = PICTURES / f"{name}.png"
    if widget is not None:
        widget.grab().save(str(target))
    else:
        subprocess.run(["import", "-window", "root", str(target)], check=True)  # noqa: S607


def photograph_part(name: str, window: QWidget) -> None:
    """Save the part of the screen that a window takes, with a list that is open over it."""
    frame = window.frameGeometry()
    where = f"{frame.width()}x{frame.height()}+{frame.x()}+{frame.y()}"
    target = str(PICTURES / f"{name}.png")
    subprocess.run(["import", "-window", "root", "-crop", where, "+repage", target], check=True)  # noqa: S607


def seconds(duration: float) -> Step:
    """A step that is over after that time."""
    passed = {"yes": False}
    QTimer.singleShot(int(1000 * duration), lambda: passed.update(yes=True))
    return lambda: passed["yes"]


def drawn() -> bool:
    return not iface.mapCanvas().isDrawing()


def tidy_window() -> None:
    window = iface.mainWindow()
    window.showMaximized()
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() not in ("Layers", "ProcessingToolbox"):
            dock.hide()
    for bar in window.findChildren(QToolBar):
        if bar.objectName() not in ("mFileToolBar", "mMapNavToolBar"):
            bar.hide()


def toolbox() -> QDockWidget:
    return iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")


def show_toolbox() -> None:
    dock = toolbox()
    dock.show()
    dock.raise_()
    tree = next(view for view in dock.findChildren(QTreeView) if view.isVisible())
    model = tree.model()
    tree.collapseAll()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if "HSI" in str(model.data(index)):
            tree.expand(index)
            for child in range(model.rowCount(index)):
                tree.expand(model.index(child, 0, index))
            tree.scrollTo(index, tree.ScrollHint.PositionAtTop)
    iface.mainWindow().resizeDocks([dock], [330], Qt.Orientation.Horizontal)


def add_scene() -> QgsRasterLayer:
    layer = QgsRasterLayer(str(SCENES / "indian_pines.tif"), "indian_pines")
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, *map(nearest_band(layer), _FALSE_COLOUR_NM))
    layer.setRenderer(renderer)
    layer.setContrastEnhancement(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
        QgsRasterMinMaxOrigin.Limits.CumulativeCut,
    )
    QgsProject.instance().addMapLayer(layer)
    return layer


def nearest_band(layer: QgsRasterLayer) -> Callable[[float], int]:
    from osgeo import gdal

    dataset = gdal.Open(layer.source())
    wavelengths = [
        float(dataset.GetRasterBand(band).GetMetadataItem("wavelength") or 0)
        for band in range(1, dataset.RasterCount + 1)
    ]
    unit = dataset.GetRasterBand(1).GetMetadataItem("wavelength_units") or "nm"
    factor = 1000.0 if unit.lower().startswith("micro") else 1.0
    return lambda wanted: 1 + min(range(len(wavelengths)), key=lambda i: abs(factor * wavelengths[i] - wanted))


def add_polygons() -> QgsVectorLayer:
    layer = QgsVectorLayer(str(SCENES / "indian_pines_labels.gpkg"), "fields", "ogr")
    colours = {f["class_name"]: f["color"] for f in layer.getFeatures()}
    categories = [
        QgsRendererCategory(
            name,
            QgsFillSymbol.createSimple({"color": colour, "outline_color": "#404040", "outline_width": "0.1"}),
            name,
        )
        for name, colour in sorted(colours.items())
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_name", categories))
    QgsProject.instance().addMapLayer(layer)
    return layer


def zoom_to(layer: QgsRasterLayer) -> None:
    QgsProject.instance().setCrs(layer.crs())
    extent = layer.extent()
    extent.scale(1.05)
    iface.mapCanvas().setExtent(extent)
    iface.mapCanvas().refresh()


def fold(scene: QgsRasterLayer, fields: QgsVectorLayer, *, folded: bool) -> None:
    """Fold the legends of scene and fields, and hide the fields, so that a map and its legend are seen."""
    root = QgsProject.instance().layerTreeRoot()
    for layer in (fields, scene):
        root.findLayer(layer.id()).setExpanded(not folded)
    root.findLayer(fields.id()).setItemVisibilityChecked(not folded)


def added(path: Path) -> QgsProcessingOutputLayerDefinition:
    """An output that is added to the project, as the box below its name is ticked by default."""
    return QgsProcessingOutputLayerDefinition(str(path), QgsProject.instance())


def opened(algorithm: str, parameters: dict[str, Any]) -> Any:
    """The dialog of an algorithm, as the toolbox opens it."""
    dialog = processing.createAlgorithmDialog(algorithm, parameters)
    dialog.resize(860, 700)
    dialog.show()
    return dialog


def started(dialog: Any) -> Step:
    """Press Run; a step that is over when the algorithm is done."""
    done = []
    dialog.algorithmFinished.connect(lambda *_: done.append(True))
    dialog.runButton().click()
    return lambda: bool(done)
