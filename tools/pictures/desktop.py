"""Runs inside a QGIS desktop (``qgis --code``): does as a user would, and photographs each step.

Environment: HSI_SCENES, the folder that ``hsi demo`` wrote; HSI_PICTURES, the folder for the pictures; HSI_STORY, what is
done: ``first_map``, ``colours``, ``models`` or ``labelling``; ``colours`` and ``models`` need an engine, named by
HSI_ENGINE_PYTHON.
"""

from __future__ import annotations

import os
import random
import subprocess
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import processing
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsContrastEnhancement,
    QgsEditorWidgetSetup,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsMultiBandColorRenderer,
    QgsPointXY,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRendererCategory,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAction,
    QApplication,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QProgressBar,
    QToolBar,
    QTreeView,
    QWidget,
)
from qgis.utils import iface

SCENES = Path(os.environ["HSI_SCENES"])
PICTURES = Path(os.environ["HSI_PICTURES"])
RESULTS = SCENES / "first_map"

FALSE_COLOUR_NM = (860.0, 650.0, 550.0)
N_POINTS, N_LABELLED = 200, 74
SETTLE_S = 1.5  # for what QGIS still draws after its signals say that it is done

Step = Callable[[], bool]


def photograph(name: str, widget: QWidget | None = None) -> None:
    """Save the whole screen, or one window, as a picture."""
    target = PICTURES / f"{name}.png"
    if widget is not None:
        widget.grab().save(str(target))
    else:
        subprocess.run(["import", "-window", "root", str(target)], check=True)  # noqa: S607


def seconds(duration: float) -> Step:
    """A step that is over after that time."""
    passed = {"yes": False}
    QTimer.singleShot(int(1000 * duration), lambda: passed.update(yes=True))
    return lambda: passed["yes"]


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
    renderer = QgsMultiBandColorRenderer(provider, *map(nearest_band(layer), FALSE_COLOUR_NM))
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


def options_page() -> QWidget:
    from hsi_classifier.options.page import HsiOptionsPage

    page = HsiOptionsPage()
    page.setWindowTitle("Options — HSI Classifier")
    page.resize(760, 520)
    page.show()
    return page


def fold(scene: QgsRasterLayer, fields: QgsVectorLayer, *, folded: bool) -> None:
    """Fold the legends of scene and fields, and hide the fields, so that a map and its legend are seen."""
    root = QgsProject.instance().layerTreeRoot()
    for layer in (fields, scene):
        root.findLayer(layer.id()).setExpanded(not folded)
    root.findLayer(fields.id()).setItemVisibilityChecked(not folded)


def drawn() -> bool:
    return not iface.mapCanvas().isDrawing()


def models_story() -> Iterator[Step]:
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


def photograph_part(name: str, window: QWidget) -> None:
    """Save the part of the screen that a window takes, with a list that is open over it."""
    frame = window.frameGeometry()
    where = f"{frame.width()}x{frame.height()}+{frame.x()}+{frame.y()}"
    target = str(PICTURES / f"{name}.png")
    subprocess.run(["import", "-window", "root", "-crop", where, "+repage", target], check=True)  # noqa: S607


def story() -> Iterator[Step]:
    """Each yield waits until the step it gives is over."""
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

    RESULTS.mkdir(exist_ok=True)
    # Scene and polygons are what the form proposes.
    dialog = opened(
        "hsi:train_and_classify",
        {
            "CLASS_FIELD": "class_name",
            "OUTPUT": added(RESULTS / "map.tif"),
            "MODEL_OUTPUT": str(RESULTS / "indian_pines.hsimodel"),
            "REPORT": str(RESULTS / "report.html"),
            "CONFIDENCE": added(RESULTS / "confidence.tif"),
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


def points_to_label(fields: QgsVectorLayer) -> QgsVectorLayer:
    """Points at the centres of pixels drawn from the fields, with the form and style of a sample; some have a label."""
    columns = "field=point_id:integer&field=reference:string&field=certainty:string&field=comment:string"
    layer = QgsVectorLayer(f"Point?crs={fields.crs().authid()}&{columns}", "reference_points", "memory")
    draw = random.Random(7)  # noqa: S311 - a picture
    # Areas of one class each, from which a point is drawn, and the rest of the scene.
    polygons = [(f.geometry(), f["class_name"]) for f in fields.getFeatures()]
    extent, pixel = fields.extent(), 20.0
    while layer.featureCount() < N_POINTS:
        x = extent.xMinimum() + pixel * (draw.randrange(int(extent.width() / pixel)) + 0.5)
        y = extent.yMaximum() - pixel * (draw.randrange(int(extent.height() / pixel)) + 0.5)
        place = QgsGeometry.fromPointXY(QgsPointXY(x, y))
        known = [name for polygon, name in polygons if polygon.contains(place)]
        if known:
            feature, number = QgsFeature(layer.fields()), layer.featureCount() + 1
            feature.setGeometry(place)
            labelled = number <= N_LABELLED
            feature.setAttributes([number, known[0] if labelled else None, "sure" if labelled else None, None])
            layer.dataProvider().addFeature(feature)
    classes = {feature["class_name"]: feature["color"] for feature in fields.getFeatures()}
    for column, words in (("reference", sorted(classes)), ("certainty", ("sure", "rather sure", "unsure"))):
        setup = QgsEditorWidgetSetup("ValueMap", {"map": [{word: word} for word in words]})
        layer.setEditorWidgetSetup(layer.fields().indexFromName(column), setup)
    styles = {name: {"color": colour, "outline_color": "#1f2328", "size": "2.8"} for name, colour in classes.items()}
    styles[""] = {"color": "#ffffff", "outline_color": "#e0218a", "outline_width": "0.9", "size": "4.2"}
    categories = [
        QgsRendererCategory(name, QgsMarkerSymbol.createSimple(style), name or "not labelled")
        for name, style in sorted(styles.items(), key=lambda item: (not item[0], item[0]))
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("reference", categories))
    QgsProject.instance().addMapLayer(layer)
    return layer


def labelling() -> Iterator[Step]:
    """Five points get a class by keys."""
    yield seconds(3)
    tidy_window()
    toolbox().hide()
    scene, fields = add_scene(), add_polygons()
    fold(scene, fields, folded=True)
    points = points_to_label(fields)
    iface.setActiveLayer(points)
    zoom_to(scene)
    yield drawn
    switch = next(a for a in iface.mainWindow().findChildren(QAction) if a.text() == "Label reference points")
    switch.trigger()
    yield seconds(SETTLE_S)
    dock = iface.mainWindow().findChild(QDockWidget, "HsiLabelReferencePoints")
    iface.mainWindow().resizeDocks([dock], [360], Qt.Orientation.Horizontal)
    layers = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([layers], [260], Qt.Orientation.Horizontal)
    # To whatever has the focus, as from a keyboard.
    for keys in ("2 ", "A ", "3 ", "A ", "5N"):
        for key in keys:
            QTest.keyClick(QApplication.focusWidget(), key)
            yield seconds(0.2)
    given = [feature["reference"] for feature in points.getFeatures()][N_LABELLED : N_LABELLED + 5]
    names = sorted({feature["class_name"] for feature in fields.getFeatures()})
    if given != [names[number] for number in (1, 9, 2, 9, 4)]:
        raise AssertionError(f"five points were labelled by keys, and the layer has {given}")
    iface.mapCanvas().zoomScale(4000)
    yield seconds(SETTLE_S)
    yield drawn
    photograph("qgis_labelling")
    switch.trigger()
    if points.isEditable() or [f["reference"] for f in points.getFeatures()][N_LABELLED] != names[1]:
        raise AssertionError("the labels were not saved when the dock was closed")


STORIES = {"first_map": story, "colours": colours, "models": models_story, "labelling": labelling}


class Director:
    """Continues the story whenever a step is over; ends QGIS with it, also if it breaks."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps
        self._is_over: Step = lambda: True
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(200)

    def _look(self) -> None:
        try:
            if self._is_over():
                self._is_over = next(self._steps)
        except StopIteration:
            self._end(0)
        except BaseException:
            traceback.print_exc()
            photograph("qgis_failed")
            self._end(1)

    def _end(self, code: int) -> None:
        QApplication.processEvents()
        # QGIS asks whether to save the project, and there is nobody to answer.
        os._exit(code)


if QgsApplication.processingRegistry().providerById("hsi") is None:
    print("The plugin did not load: there is no provider hsi.", flush=True)
    os._exit(1)
director = Director(STORIES[os.environ.get("HSI_STORY", "first_map")]())
