"""The dock Label reference points, with a real canvas, key events, and layers of a project in another CRS than the canvas."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    NULL,
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsEditorWidgetSetup,
    QgsFeature,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsRendererCategory,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsMapToolPan
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QInputDialog, QShortcut

import gdal_scenes
from fake_desktop import Desktop
from qgis_plugin.desktop.label_points import label_points_switch
from qgis_plugin.desktop.labelling import session as session_module
from qgis_plugin.desktop.labelling.dock import LabelDock
from qgis_plugin.desktop.labelling.label_fields import LabelFields

CLASSES = {"water": "#0072b2", "meadow": "#009e73", "soil": "#e69f00"}
_NULL_OF_QGIS = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
Key = Qt.Key


def value_map(words: Any) -> QgsEditorWidgetSetup:
    return QgsEditorWidgetSetup("ValueMap", {"map": [{"": _NULL_OF_QGIS}, *({word: word} for word in words)]})


def make_points(path: Path, scene: QgsRasterLayer, count: int = 7) -> QgsVectorLayer:
    """A GeoPackage as Sample reference points writes it: points at centres of pixels, in rows of a scene that is not square."""
    fields = "field=point_id:integer&field=stratum:string&field=inclusion_probability:double"
    fields += "&field=reference:string&field=certainty:string&field=comment:string"
    drawn = QgsVectorLayer(f"Point?crs={scene.crs().authid()}&{fields}", "drawn", "memory")
    extent, pixel = scene.extent(), scene.rasterUnitsPerPixelX()
    features = []
    for number in range(count):
        feature = QgsFeature(drawn.fields())
        x = extent.xMinimum() + pixel * (2.5 + 3 * (number % 10))
        y = extent.yMaximum() - pixel * (1.5 + 2 * (number // 10 % 20))
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes([number + 1, "map says soil", 0.1, NULL, NULL, NULL])
        features.append(feature)
    drawn.dataProvider().addFeatures(features)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "reference_points"
    context = QgsProject.instance().transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV3(drawn, str(path), context, options)
    layer = QgsVectorLayer(f"{path}|layername=reference_points", "reference_points", "ogr")
    names = layer.fields().names()
    layer.setEditorWidgetSetup(names.index("reference"), value_map(CLASSES))
    layer.setEditorWidgetSetup(names.index("certainty"), value_map(["sure", "rather sure", "unsure"]))
    symbol = QgsMarkerSymbol.createSimple({})
    categories = []
    for name, colour in CLASSES.items():
        symbol = QgsMarkerSymbol.createSimple({"color": colour})
        categories.append(QgsRendererCategory(name, symbol, name))
    layer.setRenderer(QgsCategorizedSymbolRenderer("reference", categories))
    return layer


class World:
    """A desktop with the switch, a scene, and points over it; the canvas is in another CRS and wider than high."""

    def __init__(self, folder: Path) -> None:
        self.desktop = Desktop()
        self.folder = folder
        self.project = QgsProject.instance()
        self.scene = QgsRasterLayer(str(gdal_scenes.write_scene(folder / "scene.tif")), "scene")
        self.points = make_points(folder / "points.gpkg", self.scene)
        self.switch = label_points_switch(self.desktop)
        self.canvas = self.desktop.canvas
        self.canvas.resize(600, 300)
        self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
        self.desktop.window.show()
        self.pan = QgsMapToolPan(self.canvas)
        self.canvas.setMapTool(self.pan)

    def open(self, *layers: Any) -> LabelDock:
        self.project.addMapLayers(list(layers) or [self.points, self.scene])
        self.desktop.active = (layers or [self.points])[0]
        self.switch.action.setChecked(True)
        QgsApplication.processEvents()
        assert isinstance(self.switch.dock, LabelDock)
        return self.switch.dock

    def press(self, *keys: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys in the dock."""
        for key in keys:
            QTest.keyClick(self.dock.panel, key, modifier)

    @property
    def dock(self) -> LabelDock:
        assert isinstance(self.switch.dock, LabelDock)
        return self.switch.dock

    @property
    def session(self) -> session_module.LabellingSession:
        session = self.dock.control.session
        assert session is not None
        return session

    @property
    def place(self) -> int | None:
        return self.session.order.place

    def values(self, field: str = "reference", layer: QgsVectorLayer | None = None) -> list[Any]:
        """What the layer has now, saved or not."""
        return [None if f[field] == NULL else f[field] for f in (layer or self.points).getFeatures()]

    def saved(self, field: str = "reference") -> list[Any]:
        """What the file has."""
        return self.values(field, QgsVectorLayer(self.points.source(), "again", "ogr"))

    @property
    def shown(self) -> QgsPointXY:
        """Middle of the canvas in the CRS of the points."""
        crs = self.canvas.mapSettings().destinationCrs()
        return QgsCoordinateTransform(crs, self.points.crs(), self.project).transform(self.canvas.extent().center())


@pytest.fixture
def world(qgis_app: Any, tmp_path: Path) -> Iterator[World]:
    QgsProject.instance().clear()
    made = World(tmp_path)
    yield made
    made.switch.stop()
    QgsProject.instance().clear()
    made.desktop.window.close()
    # The last test ends QGIS, and a GeoPackage cannot be closed after that.
    made.__dict__.clear()


def test_five_points_are_labelled_by_keys_alone(world: World) -> None:
    dock = world.open()
    assert "<b>0 of 7 labelled</b>" in dock.panel.progress.text()
    assert [button.text() for button in dock.panel.class_buttons] == ["1  water", "2  meadow", "3  soil"]
    world.press(Key.Key_1, Key.Key_Right, Key.Key_3, Key.Key_Space, Key.Key_2, Key.Key_Return, Key.Key_2)
    world.press(Key.Key_N, Key.Key_1, Key.Key_Left, Key.Key_0)
    assert world.values() == ["water", "soil", "meadow", None, "water", None, None]
    assert "<b>4 of 7 labelled</b>" in dock.panel.progress.text()
    world.press(Key.Key_Backspace, Key.Key_N, Key.Key_N)
    assert world.place == 7
    world.press(Key.Key_N)
    assert world.place == 4


def test_nothing_shows_the_class_of_the_map(world: World) -> None:
    dock = world.open()
    words = [child.text() for child in dock.findChildren(object) if hasattr(child, "text") and callable(child.text)]
    assert not any("map says" in word for word in words)


def test_a_visible_map_is_named(world: World, labels_path: Path) -> None:
    mapped = QgsRasterLayer(str(labels_path), "map of classes")
    entries = [QgsPalettedRasterRenderer.Class(2, QColor("#0072b2"), "water")]
    mapped.setRenderer(QgsPalettedRasterRenderer(mapped.dataProvider(), 1, entries))
    dock = world.open(world.points, mapped)
    assert dock.panel.note.text() == "Hide 'map of classes': seeing its classes may bias you."
    world.project.layerTreeRoot().findLayer(mapped.id()).setItemVisibilityChecked(False)
    assert dock.panel.note.text() == ""


def test_the_first_point_sets_the_scale_and_later_ones_keep_that_of_the_user(world: World) -> None:
    world.open()
    first = next(world.points.getFeatures()).geometry().asPoint()
    assert world.shown.distance(first) < 0.1
    pixel = world.scene.rasterUnitsPerPixelX()
    stretched = world.canvas.extent().height() / pixel
    # A metre of Web Mercator is shorter than one on the ground: 1.6 to 1 at 52° north.
    assert 15 * 1.55 < stretched < 15 * 1.75
    world.canvas.zoomByFactor(3.0)
    scale = world.canvas.scale()
    world.press(Key.Key_Right)
    assert world.canvas.scale() == pytest.approx(scale)
    assert world.shown.distance(list(world.points.getFeatures())[1].geometry().asPoint()) < 0.1
    world.dock.panel.zoom.click()
    assert world.canvas.extent().height() / pixel == pytest.approx(stretched, rel=0.01)


def test_the_frame_is_the_pixel_of_the_raster_the_points_were_drawn_over(world: World, make_scene: Any) -> None:
    world.open()
    view = world.dock.control.view
    assert view._frame.isVisible()
    assert not view._box.isVisible()
    frame = view._frame.asGeometry()
    frame.transform(
        QgsCoordinateTransform(world.canvas.mapSettings().destinationCrs(), world.scene.crs(), world.project)
    )
    pixel = world.scene.rasterUnitsPerPixelX()
    assert frame.area() == pytest.approx(pixel * pixel, rel=1e-4)
    assert frame.centroid().asPoint().distance(next(world.points.getFeatures()).geometry().asPoint()) < 0.01
    world.canvas.zoomByFactor(6.0)
    assert view._box.isVisible()
    assert not view._frame.isVisible()


def test_without_a_raster_a_box_and_a_stated_scale(world: World) -> None:
    world.open(world.points)
    assert world.dock.control.view._box.isVisible()
    assert world.canvas.scale() == pytest.approx(5000, rel=0.01)


def test_keys_in_the_canvas_count_only_while_its_tool_is_active(world: World) -> None:
    world.open()
    QTest.keyClick(world.canvas, Key.Key_2)
    QTest.keyClick(world.canvas, Key.Key_Right)
    assert world.values()[0] == "meadow"
    assert world.place == 2
    world.canvas.setMapTool(world.pan)
    QTest.keyClick(world.canvas, Key.Key_2)
    QTest.keyClick(world.canvas, Key.Key_Right)
    assert world.values()[1] is None
    assert world.place == 2
    button = world.dock.panel.in_map
    assert not button.isChecked()
    button.click()
    QTest.keyClick(world.canvas, Key.Key_Space)
    assert world.place == 3
    button.click()
    assert button.isChecked()


def test_keys_of_the_comment_stay_in_the_comment(world: World) -> None:
    dock = world.open()
    world.press(Key.Key_F2)
    QTest.keyClicks(dock.panel.comment, "2 n 0")
    QTest.keyClick(dock.panel.comment, Key.Key_Left)
    assert world.values() == [None] * 7
    QTest.keyClick(dock.panel.comment, Key.Key_Return)
    assert world.values("comment")[0] == "2 n 0"
    assert world.place == 1
    world.press(Key.Key_Right)
    assert dock.panel.comment.text() == ""


def test_a_comment_that_is_not_finished_is_written_before_one_goes_on(world: World) -> None:
    dock = world.open()
    QTest.keyClicks(dock.panel.comment, "flooded")
    dock.panel.next.click()
    assert world.values("comment")[:2] == ["flooded", None]


def test_a_comment_that_is_being_typed_outlasts_a_save(world: World) -> None:
    dock = world.open()
    world.press(Key.Key_1, Key.Key_F2)
    QTest.keyClicks(dock.panel.comment, "half of it")
    assert world.session.save()
    QgsApplication.processEvents()
    assert dock.panel.comment.text() == "half of it"
    dock.close()
    assert world.saved("comment")[0] == "half of it"


def test_a_key_is_no_shortcut_of_the_window_while_it_means_a_class(world: World) -> None:
    heard: list[str] = []
    for key in ("1", "9", "N"):
        shortcut = QShortcut(key, world.desktop.window)
        shortcut.activated.connect(lambda key=key: heard.append(key))
    world.open()
    world.desktop.window.activateWindow()
    world.dock.panel.setFocus()
    QgsApplication.processEvents()
    world.press(Key.Key_1, Key.Key_N, Key.Key_9)
    assert world.values()[0] == "water"
    # There is no ninth class.
    assert heard == ["9"]


def test_certainty_by_keys_and_cleared_with_its_class(world: World) -> None:
    dock = world.open()
    world.press(Key.Key_1, Key.Key_Minus)
    assert world.values("certainty")[0] == "rather sure", "one step less than a label about which nothing was said"
    world.press(Key.Key_Minus, Key.Key_Minus)
    assert world.values("certainty")[0] == "unsure"
    world.press(Key.Key_Plus, Key.Key_Plus, Key.Key_Plus)
    assert world.values("certainty")[0] == "sure"
    world.press(Key.Key_Minus)
    assert [button.isChecked() for button in dock.panel.certainty_buttons] == [False, True, False]
    world.press(Key.Key_0)
    assert (world.values()[0], world.values("certainty")[0]) == (None, None)
    world.press(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert (world.values()[0], world.values("certainty")[0]) == ("water", "rather sure")


def test_labels_are_saved_every_few_and_can_be_undone_after_that(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(session_module, "SAVE_AFTER", 3)
    dock = world.open()
    world.press(Key.Key_1, Key.Key_Right, Key.Key_2, Key.Key_Right)
    assert world.saved() == [None] * 7
    assert "2 edits not saved yet" in dock.panel.progress.text()
    world.press(Key.Key_3, Key.Key_Right, Key.Key_1)
    assert world.saved() == ["water", "meadow", "soil", None, None, None, None]
    assert world.points.isEditable()
    for _ in range(3):
        world.press(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert world.place == 2
    assert world.saved() == world.values() == ["water", None, None, None, None, None, None]
    for _ in range(2):
        world.press(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert world.values() == [None] * 7
    assert "nothing to undo" in dock.panel.status.text()


def test_labels_are_saved_after_a_while(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(session_module, "SAVE_S", 0.05)
    world.open()
    world.press(Key.Key_1)
    end = time.monotonic() + 5
    while world.saved()[0] is None and time.monotonic() < end:
        QTest.qWait(20)
    assert world.saved()[0] == "water"


def test_closing_saves_and_leaves_nothing_behind(world: World) -> None:
    dock = world.open()
    items = len(world.canvas.scene().items())
    world.press(Key.Key_1)
    dock.close()
    assert not world.switch.action.isChecked()
    assert world.switch.dock is None
    assert world.saved()[0] == "water"
    assert not world.points.isEditable()
    assert world.canvas.mapTool() == world.pan
    assert len(world.canvas.scene().items()) == items - 2
    QTest.keyClick(world.canvas, Key.Key_2)
    assert world.values()[0] == "water"
    world.switch.action.setChecked(True)
    assert world.place == 2


def test_other_edits_are_left_to_the_user(world: World) -> None:
    dock = world.open()
    world.points.startEditing()
    world.points.beginEditCommand("a correction")
    world.points.changeAttributeValue(7, world.points.fields().lookupField("comment"), "by hand")
    world.points.endEditCommand()
    world.press(Key.Key_1)
    assert not world.session.save()
    assert "other edits" in dock.panel.status.text()
    dock.close()
    assert world.points.isModified()
    assert world.saved() == [None] * 7
    assert world.points.rollBack()


def test_an_edit_elsewhere_is_counted_and_shown(world: World) -> None:
    dock = world.open()
    world.points.startEditing()
    fid = world.session.order.current
    world.points.changeAttributeValue(fid, world.points.fields().lookupField("reference"), "soil")
    QgsApplication.processEvents()
    assert "<b>1 of 7 labelled</b>" in dock.panel.progress.text()
    assert [button.isChecked() for button in dock.panel.class_buttons] == [False, False, True]
    world.points.rollBack()
    QgsApplication.processEvents()
    assert "<b>0 of 7 labelled</b>" in dock.panel.progress.text()


def test_a_filter_and_a_selection_leave_points_out(world: World) -> None:
    world.points.setSubsetString("point_id > 2")
    dock = world.open()
    assert "of 5 labelled" in dock.panel.progress.text()
    assert "Point 3 (1 of 5): not labelled" in dock.panel.point.text()
    world.points.selectByExpression("point_id IN (4, 6)")
    dock.panel.only_selected.setChecked(True)
    assert "of 2 labelled" in dock.panel.progress.text()
    world.press(Key.Key_1, Key.Key_N, Key.Key_1)
    assert world.values() == [None, "water", None, "water", None]


def test_a_read_only_layer_is_shown_and_not_changed(world: World) -> None:
    world.points.setReadOnly(True)
    dock = world.open()
    assert "read-only" in dock.panel.note.text()
    assert not dock.panel.class_buttons[0].isEnabled()
    world.press(Key.Key_1, Key.Key_Right)
    assert world.place == 2
    assert not world.points.isEditable()


def test_a_layer_that_is_removed_is_saved_first(world: World) -> None:
    dock = world.open()
    source = world.points.source()
    world.press(Key.Key_3)
    world.project.removeMapLayer(world.points.id())
    QgsApplication.processEvents()
    assert world.values(layer=QgsVectorLayer(source, "again", "ogr"))[0] == "soil"
    assert dock.control.session is None
    assert "no layer of points" in dock.panel.note.text()
    QTest.keyClick(dock.panel, Key.Key_1)


def test_no_layer_and_an_empty_one(world: World) -> None:
    dock = world.open(world.scene)
    assert "no layer of points" in dock.panel.note.text()
    empty = QgsVectorLayer("Point?crs=EPSG:4326&field=reference:string", "empty", "memory")
    world.project.addMapLayer(empty)
    QgsApplication.processEvents()
    dock.panel.layers.setLayer(empty)
    assert "0 of 0 labelled" in dock.panel.progress.text()
    world.press(Key.Key_1, Key.Key_Right, Key.Key_N, Key.Key_0)


def test_any_layer_a_filled_field_is_never_proposed(world: World) -> None:
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=map_class:string&field=code:integer", "any", "memory")
    for code in (3, 5):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(13.0, 52.4)))
        feature.setAttributes(["soil", code])
        layer.dataProvider().addFeature(feature)
    dock = world.open(layer)
    assert dock.control.session is None
    assert "Choose the field" in dock.panel.note.text()
    dock.panel.fields.setCurrentIndex(dock.panel.fields.findData("code"))
    dock.panel.fields.activated.emit(dock.panel.fields.currentIndex())
    assert [button.text() for button in dock.panel.class_buttons] == ["1  3", "2  5"]
    world.press(Key.Key_2)
    assert world.values("code", layer) == [5, 5]


def test_a_second_interpreter_gets_fields_and_does_not_see_the_first(world: World, monkeypatch: Any) -> None:
    dock = world.open()
    world.press(Key.Key_1)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("reference_2", True))
    dock.panel.fields.setCurrentIndex(dock.panel.fields.count() - 1)
    dock.panel.fields.activated.emit(dock.panel.fields.currentIndex())
    assert world.session.fields.label == "reference_2"
    assert "<b>0 of 7 labelled</b>" in dock.panel.progress.text()
    assert [button.text() for button in dock.panel.class_buttons] == ["1  water", "2  meadow", "3  soil"]
    assert world.points.renderer().classAttribute() == "reference_2"
    world.press(Key.Key_2, Key.Key_Minus)
    dock.close()
    assert (world.saved()[0], world.saved("reference_2")[0]) == ("water", "meadow")
    assert (world.saved("certainty")[0], world.saved("reference_2_certainty")[0]) == (None, "rather sure")


def test_classes_that_the_user_names(world: World, monkeypatch: Any) -> None:
    dock = world.open()
    world.press(Key.Key_Right)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" peat & bog ", True))
    dock.panel.add_class.click()
    assert world.place == 2
    world.press(Key.Key_4)
    assert world.values()[1] == "peat & bog"
    assert [c.value() for c in world.points.renderer().categories()][-1] == "peat & bog"


def test_what_qgis_stores_for_a_missing_value_is_no_class(world: World, monkeypatch: Any) -> None:
    dock = world.open()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (_NULL_OF_QGIS, True))
    dock.panel.add_class.click()
    assert "cannot be called '{2839923C" in dock.panel.status.text()
    assert len(world.points.renderer().categories()) == 3
    assert [button.text() for button in dock.panel.class_buttons] == ["1  water", "2  meadow", "3  soil"]


@pytest.mark.parametrize(
    "damaged",
    ["abc", 5, ["a", "b"], [["a"]], [None], {"a": {"b": "c"}}, [{"a": ["b"]}], None],
    ids=str,
)
def test_a_value_map_that_is_none_offers_no_classes(world: World, damaged: Any) -> None:
    names = world.points.fields().names()
    for name in ("reference", "certainty"):
        world.points.setEditorWidgetSetup(names.index(name), QgsEditorWidgetSetup("ValueMap", {"map": damaged}))
    dock = world.open()
    assert [button.text() for button in dock.panel.class_buttons] == ["1  water", "2  meadow", "3  soil"]  # the style's


def test_a_switch_is_off_if_its_dock_cannot_be_made(world: World, monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no dock")

    shown: list[str] = []
    monkeypatch.setattr(world.switch, "_make_dock", fail)
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: shown.append(str(error)))
    world.switch.action.setChecked(True)
    assert shown == ["no dock"]
    assert not world.switch.action.isChecked()
    assert world.switch.dock is None


def test_a_click_in_the_canvas_picks_a_point(world: World) -> None:
    world.open()
    target = list(world.points.getFeatures())[2].geometry().asPoint()
    crs = world.canvas.mapSettings().destinationCrs()
    place = QgsCoordinateTransform(world.points.crs(), crs, world.project).transform(target)
    world.canvas.setExtent(QgsRectangle.fromCenterAndSize(place, 600, 300))
    pixel = world.canvas.getCoordinateTransform().transform(place)
    at = world.canvas.viewport().mapFromParent(pixel.toQPointF().toPoint())
    QTest.mouseClick(world.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert world.place == 3


def test_zero_in_a_field_of_numbers_is_no_label(world: World) -> None:
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=class_code:integer&field=short:string(3)", "codes", "memory")
    for code in (0, 2, 0):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([code, "abc"])
        layer.dataProvider().addFeature(feature)
    layer.setEditorWidgetSetup(
        0, QgsEditorWidgetSetup("ValueMap", {"map": {"woods": 2, "moor": 3, "odd": "x", "half": "2.5"}})
    )
    dock = world.open(layer)
    assert "<b>1 of 3 labelled</b>" in dock.panel.progress.text()
    assert "no place" in dock.panel.status.text()
    by_name = {button.text()[3:]: button.text()[0] for button in dock.panel.class_buttons}
    world.press(by_name["moor"])
    assert world.values("class_code", layer) == [3, 2, 0]
    world.press(Key.Key_N, by_name["odd"])
    assert "'x' does not fit into field 'class_code'" in dock.panel.status.text()
    world.press(by_name["half"])
    assert "'2.5' does not fit into field 'class_code': it is not a whole number" in dock.panel.status.text()
    assert world.values("class_code", layer) == [3, 2, 0]


def test_hidden_and_locked_fields_are_not_offered(world: World) -> None:
    names = world.points.fields().names()
    world.points.setEditorWidgetSetup(names.index("stratum"), QgsEditorWidgetSetup("Hidden", {}))
    form = world.points.editFormConfig()
    form.setReadOnly(names.index("point_id"), True)
    world.points.setEditFormConfig(form)
    dock = world.open()
    offered = [dock.panel.fields.itemData(number) for number in range(dock.panel.fields.count())]
    assert offered[1:-1] == ["inclusion_probability", "reference", "certainty", "comment"]


def test_a_shapefile_takes_short_names_only(world: World, monkeypatch: Any) -> None:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "ESRI Shapefile"
    path = str(world.folder / "points.shp")
    QgsVectorFileWriter.writeAsVectorFormatV3(world.points, path, world.project.transformContext(), options)
    layer = QgsVectorLayer(path, "shapes", "ogr")
    dock = world.open(layer)

    def ask(name: str) -> None:
        monkeypatch.setattr(QInputDialog, "getText", lambda *_: (name, True))
        dock.panel.fields.setCurrentIndex(dock.panel.fields.count() - 1)
        dock.panel.fields.activated.emit(dock.panel.fields.currentIndex())

    ask(" ")
    assert dock.panel.status.text() == "No field was added, since its name is empty. Type a name."
    ask("reference")
    assert dock.panel.status.text().endswith("already has a field 'reference'. Choose another name.")
    ask("reference_2")
    assert "10 characters at most; 'reference_2' has 11" in dock.panel.status.text()
    assert world.session.fields.label == "reference"
    ask("second")
    assert world.session.fields == LabelFields("second", None, None)
    dock.close()
    assert layer.fields().names()[-1] == "second"


def test_labels_that_cannot_be_saved_are_kept_and_saved_later(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(session_module, "SAVE_AFTER", 2)
    monkeypatch.setattr(session_module, "SAVE_S", 0.05)
    dock = world.open()
    with monkeypatch.context() as patch:
        patch.setattr(world.points, "commitChanges", lambda *_: False)
        world.press(Key.Key_1, Key.Key_Right, Key.Key_2)
        assert "could not be saved in 'reference_points'" in dock.panel.status.text()
        assert world.values()[:2] == ["water", "meadow"]
    end = time.monotonic() + 5
    while world.saved()[0] is None and time.monotonic() < end:
        QTest.qWait(20)
    assert world.saved()[:2] == ["water", "meadow"]


def test_points_and_fields_that_go_while_the_dock_is_open(world: World) -> None:
    dock = world.open()
    world.press(Key.Key_1, Key.Key_Right)
    world.points.deleteFeatures([1, 2, 5])
    world.points.commitChanges(False)
    QgsApplication.processEvents()
    assert "<b>0 of 4 labelled</b>" in dock.panel.progress.text()
    assert "Point 3 (1 of 4)" in dock.panel.point.text()
    world.press(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert "no longer in the layer" in dock.panel.status.text()
    world.points.deleteAttribute(world.points.fields().lookupField("reference"))
    QgsApplication.processEvents()
    assert "no longer has a field 'reference'" in dock.panel.note.text()
    world.press(Key.Key_1, Key.Key_Right)
    assert world.points.rollBack()
    QgsApplication.processEvents()
    assert "<b>0 of 4 labelled</b>" in dock.panel.progress.text()


def test_labels_before_other_edits_are_saved_with_them(world: World) -> None:
    """And can still be undone, while the other edits stay."""
    world.open()
    world.press(Key.Key_1, Key.Key_Right, Key.Key_2)
    world.points.beginEditCommand("a correction")
    world.points.changeAttributeValue(7, world.points.fields().lookupField("comment"), "by hand")
    world.points.endEditCommand()
    assert world.points.commitChanges(False)
    for _ in range(2):
        world.press(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert world.saved() == [None] * 7
    assert world.saved("comment")[6] == "by hand"


def test_unloading_and_closing_the_project_save(world: World) -> None:
    world.open()
    world.press(Key.Key_1)
    world.switch.stop()
    assert world.saved()[0] == "water"
    source = world.points.source()
    world.switch.action.setChecked(True)
    world.press(Key.Key_2)
    world.project.clear()
    QgsApplication.processEvents()
    assert world.values(layer=QgsVectorLayer(source, "again", "ogr"))[:2] == ["water", "meadow"]
    world.press(Key.Key_1, Key.Key_Right)


def test_edits_that_were_begun_by_the_user_stay_open(world: World) -> None:
    world.points.startEditing()
    dock = world.open()
    world.press(Key.Key_1)
    dock.close()
    assert world.saved()[0] == "water"
    assert world.points.isEditable()
    assert world.points.rollBack()


def test_it_goes_on_to_the_next_point_if_asked(world: World) -> None:
    dock = world.open()
    dock.panel.onward.setChecked(True)
    world.press(Key.Key_1, Key.Key_2, Key.Key_3)
    assert world.values()[:4] == ["water", "meadow", "soil", None]
    assert world.place == 4


def test_another_layer_is_chosen_in_the_dock(world: World, tmp_path: Path) -> None:
    dock = world.open()
    world.press(Key.Key_1)
    other = make_points(tmp_path / "other.gpkg", world.scene, 3)
    world.project.addMapLayer(other)
    dock.panel.layers.setLayer(other)
    assert world.saved()[0] == "water"
    assert "<b>0 of 3 labelled</b>" in dock.panel.progress.text()
    world.press(Key.Key_2)
    dock.close()
    assert other.isEditable() is False
    assert world.values(layer=other) == ["meadow", None, None]


def test_five_thousand_points_are_quick(world: World, tmp_path: Path, measured: Any) -> None:
    world.points = make_points(tmp_path / "many.gpkg", world.scene, 5000)
    started = time.perf_counter()
    world.open()
    opened = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(30):
        world.press(Key.Key_1, Key.Key_N)
    each = (time.perf_counter() - started) / 30
    measured(f"Labelling among 5,000 points: opening {opened:.2f} s, {1000 * each:.0f} ms per label and next point")
    assert opened < 3
    assert each < 0.3


def test_a_tool_that_was_deleted_meanwhile_is_not_put_back(world: World) -> None:
    world.canvas.setMapTool(drawing := QgsMapToolPan(world.canvas))
    world.open()
    sip.delete(drawing)
    world.switch.action.setChecked(False)
    assert world.switch.dock is None
    assert world.canvas.mapTool() is None
