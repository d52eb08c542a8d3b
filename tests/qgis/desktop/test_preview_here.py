"""The switch Preview here, with a real canvas, a real engine and layers of a project."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsLayerTreeModel,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    edit,
)
from qgis.gui import QgsLayerTreeView

import gdal_scenes
from fake_desktop import Desktop
from qgis_plugin.algorithms.preview_map import PreviewMapAlgorithm
from qgis_plugin.desktop import background_run
from qgis_plugin.desktop.preview_here import PreviewHere
from qgis_plugin.provider import HsiProvider

_LONG_S = 120.0


def wait_for(condition: Callable[[], Any], what: str) -> None:
    """Let QGIS go on until the condition holds."""
    end = time.monotonic() + _LONG_S
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {_LONG_S:g} s: {what}")
        QgsApplication.processEvents()
        time.sleep(0.01)


class World:
    """A desktop with the switch, and the layers that a preview is made of."""

    def __init__(self, scene_path: Path, polygons_path: Path) -> None:
        self.desktop = Desktop()
        # Whatever was said, also what has gone from the bar since.
        self.said: list[str] = []
        push = self.desktop.bar.pushMessage

        def pushed(title: str, text: str, *how: Any) -> None:
            self.said.append(text)
            push(title, text, *how)

        self.desktop.bar.pushMessage = pushed
        self.scene = QgsRasterLayer(str(scene_path), "scene")
        self.labels = QgsVectorLayer(str(polygons_path), "labels")
        self.project = QgsProject.instance()
        self.preview = PreviewHere(self.desktop)

    def open(self) -> None:
        """Put both layers into the project, and show all of the scene."""
        self.project.addMapLayers([self.labels, self.scene])
        self.desktop.canvas.resize(400, 300)
        self.desktop.canvas.setDestinationCrs(self.scene.crs())
        self.desktop.canvas.setExtent(self.scene.extent())

    @property
    def layers(self) -> list[QgsRasterLayer]:
        return self.project.mapLayersByName("Preview")

    def switch_on(self) -> QgsRasterLayer:
        self.preview.action.setChecked(True)
        self.wait()
        (layer,) = self.layers
        return layer

    def wait(self) -> None:
        """Until nothing is going on and something is shown."""
        wait_for(lambda: self.layers and self.is_idle, f"a preview; said: {self.said}")

    @property
    def is_idle(self) -> bool:
        return self.preview._run is None and not self.preview._timer.isActive()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene that stays in its place and a cache, so that most tests find the model that an earlier one trained."""
    folder = tmp_path_factory.mktemp("shared")
    gdal_scenes.write_scene(folder / "scene.tif")
    return folder


@pytest.fixture
def world(provider: HsiProvider, shared: Path, polygons_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("HSI_ENGINE_CACHE", str(shared / "cache"))
    QgsProject.instance().clear()
    made = World(shared / "scene.tif", polygons_path)
    yield made
    made.preview.stop()
    QgsProject.instance().clear()


@pytest.fixture
def empty_cache(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run takes longer that has to train first."""
    monkeypatch.setenv("HSI_ENGINE_CACHE", str(tmp_path / "cache"))


def test_one_styled_layer_above_the_scene_that_goes_when_it_is_switched_off(world: World) -> None:
    world.open()
    tasks: list[int] = []  # QGIS reports the end of each in the message bar, over the canvas
    QgsApplication.taskManager().statusChanged.connect(lambda number, _: tasks.append(number))
    world.project.setDirty(False)
    layer = world.switch_on()

    assert tasks == []
    assert layer.isValid()
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    assert [entry.label for entry in layer.renderer().classes()] == ["water", "meadow", "soil"]
    assert (layer.width(), layer.height()) == (world.scene.width(), world.scene.height())
    order = [one.name() for one in world.project.layerTreeRoot().layerOrder()]
    assert order.index("Preview") == order.index("scene") - 1
    assert not world.project.isDirty()
    assert any("not tested" in text for text in world.said)
    file = Path(layer.source())
    assert file.is_file()

    world.preview.action.setChecked(False)
    assert world.layers == []
    assert not file.parent.exists()
    assert not world.project.isDirty()


def test_it_follows_the_canvas_and_replaces_the_layer_in_its_place(world: World) -> None:
    world.open()
    layer = world.switch_on()
    first = layer.source()
    layer.renderer().setOpacity(0.4)
    node = world.project.layerTreeRoot().findLayer(layer.id())
    node.setItemVisibilityChecked(False)
    asked = QgsRectangle(364100.0, 5809300.0, 364400.0, 5809500.0)
    world.desktop.canvas.setExtent(asked)
    wait_for(lambda: layer.source() != first, "another preview")
    world.wait()

    assert world.layers == [layer]
    assert layer.width() < world.scene.width()
    assert not world.project.layerTreeRoot().findLayer(layer.id()).itemVisibilityChecked()
    assert layer.renderer().opacity() == pytest.approx(0.4)
    assert not Path(first).exists()
    shown = world.desktop.canvas.extent().intersect(world.scene.extent())
    assert layer.extent().contains(shown)
    assert layer.extent().width() < shown.width() + 2 * 30 + 1


def is_unfolded(view: QgsLayerTreeView, layer: QgsRasterLayer) -> bool:
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    index = view.node2index(node) if hasattr(view, "node2index") else view.layerTreeModel().node2index(node)
    return view.isExpanded(index)


@pytest.mark.parametrize("unfolded", [True, False])
def test_the_legend_stays_as_it_was(world: World, unfolded: bool) -> None:
    world.open()
    view = QgsLayerTreeView(world.desktop.window)
    model = QgsLayerTreeModel(world.project.layerTreeRoot(), view)
    view.setModel(model)
    layer = world.switch_on()
    assert is_unfolded(view, layer)
    world.project.layerTreeRoot().findLayer(layer.id()).setExpanded(unfolded)
    assert is_unfolded(view, layer) == unfolded
    first = layer.source()
    world.desktop.canvas.setExtent(QgsRectangle(364100.0, 5809300.0, 364400.0, 5809500.0))
    wait_for(lambda: layer.source() != first, "another preview")
    world.wait()
    assert is_unfolded(view, layer) == unfolded


def test_it_lies_on_an_earlier_map_and_below_the_labels(world: World, labels_path: Path) -> None:
    world.project.addMapLayer(world.scene)
    world.project.addMapLayer(QgsRasterLayer(str(labels_path), "earlier map"))
    world.project.addMapLayer(world.labels)
    world.desktop.canvas.setDestinationCrs(world.scene.crs())
    world.desktop.canvas.setExtent(world.scene.extent())
    world.switch_on()
    order = [one.name() for one in world.project.layerTreeRoot().layerOrder()]
    assert order == ["labels", "Preview", "earlier map", "scene"]


def test_an_edit_of_the_labels_is_previewed_before_it_is_saved(world: World) -> None:
    world.open()
    layer = world.switch_on()
    first = layer.source()
    with edit(world.labels):
        feature = next(world.labels.getFeatures("class_name = 'soil'"))
        world.labels.deleteFeature(feature.id())
        wait_for(lambda: layer.source() != first, "a preview of the edited labels")
        unsaved = layer.source()
    wait_for(lambda: world.is_idle, "the preview of the saved labels")
    assert layer.source() != first
    assert unsaved


def test_a_canvas_in_another_crs(world: World) -> None:
    world.open()
    world.desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    transformed = world.desktop.canvas.extent()
    assert transformed.xMinimum() > 1_000_000
    layer = world.switch_on()
    assert layer.crs() == world.scene.crs()
    assert layer.extent().intersects(world.scene.extent())


def test_a_canvas_beside_the_scene_is_said_once_and_nothing_runs(world: World) -> None:
    world.open()
    world.desktop.canvas.setExtent(QgsRectangle(0, 0, 1000, 1000))
    world.preview.action.setChecked(True)
    wait_for(lambda: any("does not show the scene" in text for text in world.said), "a message")
    world.desktop.canvas.setExtent(QgsRectangle(2000, 0, 3000, 1000))
    wait_for(lambda: world.is_idle, "the timer")
    assert sum("does not show the scene" in text for text in world.said) == 1
    assert world.preview.action.isChecked()
    assert world.layers == []


def test_missing_layers_and_fields_are_named_and_the_switch_goes_back(world: World) -> None:
    def said() -> str:
        world.said.clear()
        world.preview.action.setChecked(True)
        assert not world.preview.action.isChecked()
        (text,) = world.said
        return text

    assert "no scene in the project" in said()
    world.project.addMapLayer(world.scene)
    assert "no labels in the project" in said()
    empty = QgsVectorLayer("Polygon?crs=EPSG:32633&field=name:string", "drawn", "memory")
    world.project.addMapLayer(empty)
    assert "'drawn' holds no polygons yet" in said()


def test_labels_of_one_class_are_refused_once(world: World) -> None:
    world.labels.setSubsetString("class_name = 'soil'")
    world.open()
    world.preview.action.setChecked(True)
    wait_for(lambda: world.is_idle and any("class" in text for text in world.said), "a message")
    assert world.layers == []
    assert world.preview.action.isChecked()
    assert len(world.said) == len(set(world.said))


def test_a_removed_scene_ends_it_and_a_removed_preview_too(world: World) -> None:
    world.open()
    layer = world.switch_on()
    world.project.removeMapLayer(layer.id())
    assert not world.preview.action.isChecked()

    world.switch_on()
    world.project.removeMapLayer(world.scene.id())
    wait_for(lambda: not world.preview.action.isChecked(), "the switch to go back")
    assert world.layers == []
    assert any("removed" in text for text in world.said)


def test_a_closed_project_ends_it(world: World) -> None:
    world.open()
    world.switch_on()
    world.project.clear()
    assert not world.preview.action.isChecked()
    assert world.is_idle


def test_a_saved_project_holds_no_preview(world: World, tmp_path: Path) -> None:
    world.open()
    layer = world.switch_on()
    file = tmp_path / "project.qgs"
    assert world.project.write(str(file))
    text = file.read_text(encoding="utf-8")
    assert "scene.tif" in text
    assert "hsi-preview-" not in text
    assert world.layers == [layer]
    again = QgsProject()
    assert again.read(str(file))
    assert sorted(one.name() for one in again.mapLayers().values()) == ["labels", "scene"]
    assert sorted(node.name() for node in again.layerTreeRoot().findLayers()) == ["labels", "scene"]


def test_taken_away_in_the_middle_of_a_run(world: World, empty_cache: None) -> None:
    world.open()
    world.preview.action.setChecked(True)
    wait_for(lambda: world.preview._run is not None, "a run")
    started = time.monotonic()
    world.preview.stop()
    assert time.monotonic() - started < 4
    world.preview = PreviewHere(world.desktop)
    wait_for(lambda: not background_run._running, "the run to end")
    assert world.layers == []


def test_a_missing_engine_is_offered_to_be_set_up(world: World, monkeypatch, tmp_path: Path) -> None:
    world.open()
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    world.preview.action.setChecked(True)
    assert not world.preview.action.isChecked()
    (item,) = world.desktop.bar.items()
    assert "set up the engine" in item.text()
    assert world.said == []


def test_a_scene_larger_than_a_preview_asks_to_zoom_in(world: World, make_scene) -> None:
    large = make_scene("large.tif", cols=1100, rows=60, bands=4)
    world.scene = QgsRasterLayer(str(large), "large")
    world.open()
    layer = world.switch_on()
    assert (layer.width(), layer.height()) == (1024, 60)
    assert any("Zoom in" in text for text in world.said)


def test_a_polygon_that_is_drawn_changes_the_preview(world: World) -> None:
    world.open()
    layer = world.switch_on()
    first = layer.source()
    world.labels.startEditing()
    feature = next(world.labels.getFeatures("class_name = 'water'"))
    grown = QgsGeometry(feature.geometry().buffer(10, 4))
    world.labels.changeGeometry(feature.id(), grown)
    wait_for(lambda: layer.source() != first, "a preview of the changed labels")
    world.labels.rollBack()


@pytest.mark.parametrize("method", ["checkParameterValues", "prepareAlgorithm", "processAlgorithm", "summary"])
def test_an_unexpected_error_ends_it_with_one_sentence(world: World, monkeypatch, method: str) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("hectares")

    monkeypatch.setattr(PreviewMapAlgorithm, method, fail)
    world.open()
    world.preview.action.setChecked(True)
    wait_for(lambda: not world.preview.action.isChecked(), "the switch to go back")
    (text,) = (text for text in world.said if "Preview of" not in text)
    assert "unexpected error" in text
    assert "Traceback" not in text
    assert "hectares" not in text
    assert world.layers == []


def test_labels_that_are_removed_during_a_run_are_no_error_of_the_engine(world: World, empty_cache: None) -> None:
    logged: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, *_: logged.append(str(text)))
    world.open()
    world.preview.action.setChecked(True)
    wait_for(lambda: world.preview._run is not None, "a run")
    folder = Path(world.preview._run.output).parent
    world.project.removeMapLayer(world.labels.id())
    wait_for(lambda: not world.preview.action.isChecked(), "the switch to go back")
    wait_for(lambda: not background_run._running, "the run to end")
    wait_for(lambda: not folder.exists(), "the files to go")
    assert not any("cannot be written" in text for text in logged)


def test_the_selected_labels_are_previewed(world: World) -> None:
    world.open()
    empty = QgsVectorLayer("Polygon?crs=EPSG:32633&field=class_name:string", "drawn", "memory")
    world.project.addMapLayer(empty)
    world.preview.action.setChecked(True)
    assert "'drawn' holds no polygons yet" in world.said[-1]
    world.desktop.active = world.labels
    world.switch_on()
    assert any("labels of 'labels'" in text for text in world.said)


@pytest.mark.parametrize("changed", ["scene", "labels"])
def test_another_crs_of_its_layers_is_followed(world: World, changed: str) -> None:
    world.open()
    first = world.switch_on().source()
    before = len(world.said)
    getattr(world, changed).setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    # Now they lie apart, and a preview says so.
    wait_for(lambda: world.is_idle and len(world.said) > before, "another preview")
    assert [layer.source() for layer in world.layers] == [first]
    assert "lies on the scene" in world.said[-1] or "does not show" in world.said[-1], world.said
