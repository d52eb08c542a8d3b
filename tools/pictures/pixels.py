"""The stories of single pixels: reference points labelled by keys, and a clicked pixel explained."""

from __future__ import annotations

import random
from collections.abc import Iterator

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEditorWidgetSetup,
    QgsFeature,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication, QDockWidget
from qgis.utils import iface
from stage import (
    SCENES,
    SETTLE_S,
    Step,
    add_polygons,
    add_scene,
    drawn,
    fold,
    photograph,
    seconds,
    tidy_window,
    toolbox,
    zoom_to,
)

N_POINTS, N_LABELLED = 200, 74
# Which class in which row and column is clicked: near the border of two fields, where a question comes up.
CLICKED = 60, 42


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


def explaining() -> Iterator[Step]:
    """A pixel of the map is clicked, and the dock explains it."""
    yield seconds(3)
    tidy_window()
    toolbox().hide()
    scene = add_scene()
    class_map = QgsRasterLayer(str(SCENES / "indian_pines_map.tif"), "map")
    QgsProject.instance().addMapLayer(class_map)
    QgsProject.instance().layerTreeRoot().findLayer(scene.id()).setExpanded(False)
    zoom_to(scene)
    yield drawn
    switch = next(a for a in iface.mainWindow().findChildren(QAction) if a.text() == "Explain clicked pixel")
    switch.trigger()
    yield seconds(SETTLE_S)
    dock = iface.mainWindow().findChild(QDockWidget, "HsiExplainPixel")
    iface.mainWindow().resizeDocks([dock], [430], Qt.Orientation.Horizontal)
    layers = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([layers], [260], Qt.Orientation.Horizontal)
    dock.panel.scenes.setLayer(scene)
    dock.panel.files.setFilePath(str(SCENES / "indian_pines.hsimodel"))
    zoom_to(scene)
    yield seconds(SETTLE_S)
    yield drawn
    extent, (row, col) = scene.extent(), CLICKED
    place = QgsPointXY(
        extent.xMinimum() + (col + 0.5) * scene.rasterUnitsPerPixelX(),
        extent.yMaximum() - (row + 0.5) * scene.rasterUnitsPerPixelY(),
    )
    canvas = iface.mapCanvas()
    where = canvas.getCoordinateTransform().transform(place)
    QTest.mouseClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where.toQPointF().toPoint()
    )
    yield lambda: not dock.is_busy
    yield seconds(SETTLE_S)
    if not dock.panel.page.isEnabled():
        raise AssertionError(f"the pixel was not explained: {dock.panel.status.text()}")
    photograph("qgis_explaining")
    switch.trigger()
