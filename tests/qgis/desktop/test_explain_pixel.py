"""The switch Explain clicked pixel: clicks in a real canvas in another CRS than the scene, with a real engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import processing
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
)
from qgis.gui import QgsMapToolPan
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtTest import QTest

import gdal_scenes
from fake_desktop import Desktop
from qgis_plugin.desktop.explain_pixel import explain_pixel_switch
from qgis_plugin.desktop.explaining.dock import ExplainDock
from qgis_plugin.provider import HsiProvider
from qgis_plugin.results.layer_metadata import MapFacts, describe_layer
from qgis_plugin.runs.wording import explained_sentences

ROWS, COLS = 72, 64
_LONG_S = 120.0


def wait_for(condition: Callable[[], Any], what: str) -> None:
    """Let QGIS go on until the condition holds."""
    end = time.monotonic() + _LONG_S
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {_LONG_S:g} s: {what}")
        QgsApplication.processEvents()
        time.sleep(0.01)


@pytest.fixture(scope="module")
def files(provider: HsiProvider, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A scene, a model and its map."""
    folder = tmp_path_factory.mktemp("explained")
    size = {"rows": ROWS, "cols": COLS}
    scene = str(gdal_scenes.write_scene(folder / "scene.tif", bands=16, **size))
    labels = str(gdal_scenes.write_polygons(folder / "polygons.gpkg", **size))
    model, output = str(folder / "m.hsimodel"), str(folder / "map.tif")
    given = {"SCENE": scene, "LABELS": labels, "CLASS_FIELD": "class_name", "MODEL": "lda", "DEVICE": "cpu"}
    processing.run("hsi:train_and_classify", {**given, "OUTPUT": output, "MODEL_OUTPUT": model})
    return {"scene": scene, "model": model, "map": output}


class World:
    """A desktop with the switch; the canvas is in another CRS than the scene, and wider than high."""

    def __init__(self, files: dict[str, str]) -> None:
        self.desktop = Desktop()
        self.scene, self.map = QgsRasterLayer(files["scene"], "scene"), QgsRasterLayer(files["map"], "map")
        self.model = files["model"]
        self.switch = explain_pixel_switch(self.desktop)
        self.canvas = self.desktop.canvas
        self.canvas.resize(600, 300)
        self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
        self.desktop.window.show()
        self.pan = QgsMapToolPan(self.canvas)
        self.canvas.setMapTool(self.pan)

    def open(self) -> ExplainDock:
        QgsProject.instance().addMapLayers([self.map, self.scene])
        self.switch.action.setChecked(True)
        return self.dock

    @property
    def dock(self) -> ExplainDock:
        assert isinstance(self.switch.dock, ExplainDock)
        return self.switch.dock

    @property
    def status(self) -> str:
        return str(self.dock.panel.status.text())

    def place(self, row: float, col: float) -> QgsPointXY:
        """A place in the CRS of the canvas."""
        x = self.scene.extent().xMinimum() + (col + 0.5) * self.scene.rasterUnitsPerPixelX()
        y = self.scene.extent().yMaximum() - (row + 0.5) * self.scene.rasterUnitsPerPixelY()
        crs = self.canvas.mapSettings().destinationCrs()
        return QgsCoordinateTransform(self.scene.crs(), crs, QgsProject.instance()).transform(QgsPointXY(x, y))

    def click(self, row: float, col: float) -> None:
        """Click into the middle of the canvas, which shows this pixel."""
        self.canvas.setCenter(self.place(row, col))
        self.canvas.zoomScale(2000)
        place = self.canvas.getCoordinateTransform().transform(self.place(row, col))
        QTest.mouseClick(
            self.canvas.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(round(place.x()), round(place.y())),
        )

    def wait(self) -> None:
        wait_for(lambda: not self.dock.is_busy, f"an explanation; status: {self.status}")


@pytest.fixture
def world(files: dict[str, str]) -> Iterator[World]:
    QgsProject.instance().clear()
    QgsSettings().remove("hsi_classifier")
    made = World(files)
    yield made
    made.switch.stop()
    QgsProject.instance().clear()
    QgsSettings().remove("hsi_classifier")


def test_a_click_says_what_the_map_shows_there(world: World) -> None:
    dock = world.open()
    assert world.status == "Choose the model that the map was made with."
    assert dock.panel.scene == world.scene
    dock.panel.files.setFilePath(world.model)
    assert world.status == "Click a pixel of the scene or of its map."
    assert not dock.panel.page.isEnabled()
    tasks: list[int] = []  # QGIS reports the end of each in the message bar, over the canvas
    QgsApplication.taskManager().statusChanged.connect(lambda number, _: tasks.append(number))
    names = (
        {c.value: c.label for c in world.map.renderer().classes()} if hasattr(world.map.renderer(), "classes") else {}
    )
    for row, col in ((0, 0), (9, 40), (ROWS - 1, COLS - 1)):
        world.click(row, col)
        assert world.status == "Explaining the pixel…"
        world.wait()
        assert world.status == f"Row {row}, column {col}"
        place = QgsCoordinateTransform(
            world.canvas.mapSettings().destinationCrs(), world.map.crs(), QgsProject.instance()
        ).transform(world.place(row, col))
        value, _ = world.map.dataProvider().sample(place, 1)
        first = dock.panel.bars.texts[0]
        assert dock.panel.headline.text().split(",")[0] == first.split(":")[0]
        if names:
            assert names[value] == first.split(":")[0]
        assert len(dock.panel.bars.texts) == 3
    assert tasks == []
    assert "Nearest training pixels" in dock.panel.sentences.text()
    assert not dock.panel.grab().isNull()  # draws bars and chart


def test_the_model_of_the_map_is_proposed_and_maps_are_no_scenes(world: World, tmp_path: Path) -> None:
    QgsSettings().setValue("hsi_classifier/explain_model", str(tmp_path / "another.hsimodel"))
    describe_layer(world.map, MapFacts({"title": "Class map"}, {"Model file": world.model}))
    dock = world.open()
    assert dock.panel.model == world.model
    assert dock.panel.scene == world.scene
    assert dock.panel.scenes.count() == 1, "the map is none"
    later = QgsRasterLayer(world.map.source(), "another map")
    QgsProject.instance().addMapLayer(later)
    assert dock.panel.scenes.count() == 1
    assert world.status == "Click a pixel of the scene or of its map."


def test_classes_that_cannot_be_told_apart_are_named_once() -> None:
    said = ["It may also be tree.", "The prediction set with a coverage of 90 % holds 2 classes: roof, tree.", "Near."]
    found = {
        "sentences": said,
        "prediction_set": {"names": ["roof", "tree"]},
        "area_of_applicability": {"inside": True},
    }
    assert explained_sentences(found) == said[1:]
    outside = {**found, "area_of_applicability": {"inside": False}}
    assert explained_sentences(outside) == said, "begins with what the model was not trained on"
    assert explained_sentences({**found, "prediction_set": {"names": ["roof"]}}) == said


def test_a_click_beside_the_scene_or_on_a_hole_is_said(world: World) -> None:
    dock = world.open()
    dock.panel.files.setFilePath(world.model)
    world.click(-5, -5)
    assert world.status == "There is no pixel of 'scene' here."
    assert not dock.is_busy
    world.click(ROWS // 2 + 1, COLS // 5 + 1)  # the hole of the scene
    world.wait()
    assert "has no data in any of the" in world.status
    assert not dock.panel.bars.isVisible()
    assert not dock.panel.page.isEnabled()


def test_the_last_of_quick_clicks_counts_and_the_canvas_stays_free(world: World) -> None:
    dock = world.open()
    dock.panel.files.setFilePath(world.model)
    started = time.monotonic()
    for row in (3, 20, 41):
        world.click(row, 50)
    assert time.monotonic() - started < 2.0
    world.wait()
    assert world.status == "Row 41, column 50"


def test_the_page_of_a_pixel_opens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pages.append(Path(url.toLocalFile())))
    dock = world.open()
    dock.panel.files.setFilePath(world.model)
    world.click(9, 40)
    world.wait()
    dock.panel.page.click()
    world.wait()
    (page,) = pages
    assert "Row 9, column 40" in page.read_text(encoding="utf-8")
    world.switch.action.setChecked(False)
    assert not page.exists()


def test_the_canvas_gets_its_tool_back(world: World) -> None:
    dock = world.open()
    assert world.canvas.mapTool() == dock.tool
    dock.panel.pick.setChecked(False)
    assert world.canvas.mapTool() == world.pan
    dock.panel.pick.setChecked(True)
    world.canvas.setMapTool(world.pan)
    assert not dock.panel.pick.isChecked()
    dock.panel.pick.setChecked(True)
    world.switch.action.setChecked(False)
    assert world.canvas.mapTool() == world.pan
    assert world.switch.dock is None


def test_a_tool_that_was_deleted_meanwhile_is_not_put_back(world: World) -> None:
    world.canvas.setMapTool(drawing := QgsMapToolPan(world.canvas))
    dock = world.open()
    sip.delete(drawing)
    dock.panel.pick.setChecked(False)
    assert world.canvas.mapTool() is None
    world.switch.action.setChecked(False)
    assert world.switch.dock is None


def test_the_model_is_remembered_and_a_closed_dock_switches_off(world: World) -> None:
    world.open().panel.files.setFilePath(world.model)
    world.click(9, 40)
    world.wait()
    world.dock.close()
    assert not world.switch.action.isChecked()
    world.switch.action.setChecked(True)
    assert world.dock.panel.model == world.model


def test_unloading_ends_a_run(world: World) -> None:
    dock = world.open()
    dock.panel.files.setFilePath(world.model)
    world.click(9, 40)
    assert dock.is_busy
    world.switch.stop()
    assert world.switch.dock is None


def test_a_missing_engine_is_offered_to_be_set_up(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    world.switch.action.setChecked(True)
    assert world.switch.dock is None
    assert not world.switch.action.isChecked()
    assert "One step is left" in world.desktop.bar.items()[0].text()
