"""A right click on a raster layer: one entry per composite, and the layer is shown in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsMultiBandColorRenderer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QApplication

from fake_desktop import Desktop
from qgis_plugin.desktop.layer_menu import LayerMenu
from qgis_plugin.provider import HsiProvider

WAIT_S = 60.0


@pytest.fixture
def desktop(provider: HsiProvider, qgis_new_project: None) -> Desktop:
    return Desktop()


def entry(desktop: Desktop, text: str) -> Any:
    return next(action for _, action in desktop.layer_menu if action.text() == text)


def wait_for(condition: Callable[[], bool]) -> None:
    """Let QGIS work until the condition holds."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < WAIT_S
        QApplication.processEvents()
        time.sleep(0.01)


def test_the_entries_are_there_and_go_with_the_plugin(desktop: Desktop) -> None:
    menu = LayerMenu(desktop)
    texts = [action.text() for _, action in desktop.layer_menu]
    menus = {title for title, _ in desktop.layer_menu}
    menu.remove()

    assert texts == ["True colour", "Near infrared", "Short-wave infrared", "Automatic"]
    assert menus == {"HSI Classifier"}
    assert desktop.layer_menu == []


def test_only_rasters_of_three_bands_or_more_get_them(
    desktop: Desktop, make_scene: Callable[..., Path], labels_path: Path
) -> None:
    def add(path: Path, name: str) -> None:
        QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), name))

    add(make_scene("before.tif"), "scene before")
    menu = LayerMenu(desktop)
    add(make_scene("after.tif", bands=3), "scene after")
    add(make_scene("two.tif", bands=2), "two bands")
    add(labels_path, "class map")
    menu.remove()
    add(make_scene("late.tif"), "too late")

    assert [name for name, _ in desktop.of_layers] == ["scene before"] * 4 + ["scene after"] * 4


def test_a_click_shows_the_layer_in_the_composite(desktop: Desktop, scene_path: Path) -> None:
    menu = LayerMenu(desktop)
    layer = QgsRasterLayer(str(scene_path), "scene")
    QgsProject.instance().addMapLayer(layer)
    desktop.active = layer

    entry(desktop, "Near infrared").trigger()
    wait_for(lambda: layer.styleManager().currentStyle() == "Near infrared")

    renderer = layer.renderer()
    assert isinstance(renderer, QgsMultiBandColorRenderer)
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (10, 5, 3)  # 880, 630 and 530 nm
    assert desktop.bar.items() == []
    menu.remove()


def test_what_is_not_possible_is_said_in_the_message_bar(desktop: Desktop, make_scene: Callable[..., Path]) -> None:
    menu = LayerMenu(desktop)
    layer = QgsRasterLayer(str(make_scene()), "scene")
    QgsProject.instance().addMapLayer(layer)
    desktop.active = layer

    entry(desktop, "Short-wave infrared").trigger()
    wait_for(lambda: bool(desktop.bar.items()))

    (item,) = desktop.bar.items()
    assert "the scene has 12 bands from 430.0 to 980.0 nm" in item.text()
    assert layer.styleManager().styles() == ["default"]
    menu.remove()


def test_a_layer_whose_file_is_gone_is_named(desktop: Desktop, make_scene: Callable[..., Path]) -> None:
    menu = LayerMenu(desktop)
    path = make_scene()
    layer = QgsRasterLayer(str(path), "scene")
    QgsProject.instance().addMapLayer(layer)
    desktop.active = layer
    path.unlink()

    entry(desktop, "True colour").trigger()
    wait_for(lambda: bool(desktop.bar.items()))

    (item,) = desktop.bar.items()
    assert path.name in item.text()
    menu.remove()


def test_a_missing_engine_is_said_at_once(desktop: Desktop, scene_path: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    menu = LayerMenu(desktop)
    desktop.active = QgsRasterLayer(str(scene_path), "scene")

    entry(desktop, "True colour").trigger()

    (item,) = desktop.bar.items()
    assert "engine" in item.text().lower()
    menu.remove()


def test_no_layer_is_no_error(desktop: Desktop) -> None:
    menu = LayerMenu(desktop)
    entry(desktop, "True colour").trigger()
    assert desktop.bar.items() == []
    menu.remove()
