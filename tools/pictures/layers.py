"""The stories of menus and lists: composites of a scene, and the models of a folder."""

from __future__ import annotations

from collections.abc import Iterator

from first_map import options_page
from qgis.core import QgsProject, QgsRasterLayer, QgsSettings
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtWidgets import QComboBox, QDockWidget, QGroupBox
from qgis.utils import iface
from stage import (
    SCENES,
    SETTLE_S,
    Step,
    add_scene,
    drawn,
    opened,
    photograph,
    photograph_part,
    seconds,
    tidy_window,
    toolbox,
    zoom_to,
)


def colours() -> Iterator[Step]:
    """A right click on the layer of a scene shows it in another composite."""
    yield seconds(3)
    tidy_window()
    toolbox().hide()
    scene = QgsRasterLayer(str(SCENES / "indian_pines.tif"), "indian_pines")
    QgsProject.instance().addMapLayer(scene)
    zoom_to(scene)
    view = iface.layerTreeView()
    view.setCurrentLayer(scene)
    menu = view.menuProvider().createContextMenu()
    ours = next(entry for entry in menu.actions() if entry.text() == "HSI Classifier")
    entry = next(entry for entry in ours.menu().actions() if entry.text() == "Near infrared")
    entry.trigger()
    yield lambda: scene.styleManager().currentStyle() == "Near infrared"
    layers = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([layers], [300], Qt.Orientation.Horizontal)
    iface.messageBar().clearWidgets()
    zoom_to(scene)
    yield seconds(SETTLE_S)
    yield drawn
    menu.popup(view.viewport().mapToGlobal(view.viewport().rect().topLeft() + QPoint(150, 14)))
    yield seconds(SETTLE_S)
    menu.setActiveAction(ours)
    ours.menu().popup(menu.mapToGlobal(menu.actionGeometry(ours).topRight()))
    ours.menu().setActiveAction(entry)
    yield seconds(SETTLE_S)
    photograph("qgis_colours")
    menu.close()


def models() -> Iterator[Step]:
    """The list of models in a form, from a folder of the user's; needs an engine that is set up."""
    QgsSettings().setValue("hsi_classifier/models", str(SCENES / "models"))
    yield seconds(3)
    tidy_window()
    zoom_to(add_scene())
    yield seconds(3)
    yield drawn
    dialog = opened("hsi:model_information", {})
    dialog.resize(860, 460)
    yield seconds(SETTLE_S)
    box = next(box for box in dialog.findChildren(QComboBox) if str(SCENES / "models") in box.toolTip())
    box.setCurrentIndex(1)
    box.activated.emit(1)
    box.showPopup()
    yield seconds(SETTLE_S)
    photograph_part("qgis_models", dialog)
    page = options_page()
    yield seconds(SETTLE_S)
    photograph("qgis_models_folder", page.findChildren(QGroupBox)[-1])
