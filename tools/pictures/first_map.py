"""The story of a first map: from the toolbox to the styled map, each window on the way."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QProgressBar, QToolBar, QWidget
from qgis.utils import iface
from stage import (
    SCENES,
    SETTLE_S,
    Step,
    add_polygons,
    add_scene,
    added,
    drawn,
    fold,
    opened,
    photograph,
    seconds,
    show_toolbox,
    started,
    tidy_window,
    toolbox,
    zoom_to,
)


def options_page() -> QWidget:
    from hsi_classifier.options.page import HsiOptionsPage

    page = HsiOptionsPage()
    page.setWindowTitle("Options — HSI Classifier")
    page.resize(760, 520)
    page.show()
    return page


def first_map() -> Iterator[Step]:
    """Set up, preview, train, map. Each yield waits until the step it gives is over."""
    yield seconds(3)
    tidy_window()
    scene = add_scene()
    fields = add_polygons()
    zoom_to(scene)
    show_toolbox()
    yield seconds(3)
    yield drawn
    photograph("qgis_toolbox")

    dialog = opened("hsi:set_up_engine", {})
    yield seconds(SETTLE_S)
    finished = started(dialog)
    yield lambda: finished() or dialog.findChild(QProgressBar).value() >= 40
    photograph("qgis_set_up", dialog)
    yield finished
    dialog.close()
    page = options_page()
    yield seconds(SETTLE_S)
    photograph("qgis_options", page)
    page.close()

    raster_bar = iface.mainWindow().findChild(QToolBar, "mRasterToolBar")
    raster_bar.show()
    switch = next(a for a in iface.mainWindow().findChildren(QAction) if a.text() == "Preview here")
    switch.setChecked(True)
    yield lambda: bool(QgsProject.instance().mapLayersByName("Preview"))
    fold(scene, fields, folded=True)
    iface.messageBar().clearWidgets()
    toolbox().hide()
    zoom_to(scene)
    yield seconds(4 * SETTLE_S)  # it follows the canvas
    yield drawn
    photograph("qgis_preview")
    switch.setChecked(False)
    raster_bar.hide()
    toolbox().show()
    fold(scene, fields, folded=False)

    results = SCENES / "first_map"
    results.mkdir(exist_ok=True)
    # Scene and polygons are what the form proposes.
    dialog = opened(
        "hsi:train_and_classify",
        {
            "CLASS_FIELD": "class_name",
            "OUTPUT": added(results / "map.tif"),
            "MODEL_OUTPUT": str(results / "indian_pines.hsimodel"),
            "REPORT": str(results / "report.html"),
            "CONFIDENCE": added(results / "confidence.tif"),
        },
    )
    yield seconds(SETTLE_S)
    photograph("qgis_dialog", dialog)
    finished = started(dialog)
    yield lambda: finished() or dialog.findChild(QProgressBar).value() >= 40
    photograph("qgis_running", dialog)
    yield finished
    yield seconds(SETTLE_S)
    dialog.close()

    fold(scene, fields, folded=True)
    toolbox().hide()
    iface.messageBar().clearWidgets()
    for dock in iface.mainWindow().findChildren(QDockWidget):
        if dock.objectName() == "ResultsViewer":
            dock.hide()
    layers = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([layers], [300], Qt.Orientation.Horizontal)
    zoom_to(scene)
    yield seconds(SETTLE_S)
    yield drawn
    photograph("qgis_map")
