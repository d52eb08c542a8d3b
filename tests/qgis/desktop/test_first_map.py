"""From two layers in a project to a styled map, by hand: clicks and questions are counted.

The form is QGIS's own, opened by the plugin's button and driven with the mouse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsBrowserModel,
    QgsPalettedRasterRenderer,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgsBrowserGuiModel, QgsMessageBar
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QWidget

from drawn_squares import CLASSES, Drawing, accuracy_elsewhere, draw, forest_elsewhere
from fake_desktop import Desktop
from qgis_plugin.desktop.menu import HsiMenu

MOST_CLICKS, MOST_QUESTIONS = 5, 7
_WAIT_MS = 300_000


@dataclass
class Hand:
    """A hand on the mouse that counts."""

    clicks: int = 0

    def press(self, widget: QWidget) -> None:
        assert widget.isVisible()
        assert widget.isEnabled()
        self.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def choose(self, box: QComboBox, text: str) -> None:
        """Open the list and take an entry."""
        assert box.isVisible()
        (index,) = [i for i in range(box.count()) if box.itemText(i) == text]
        self.clicks += 2
        box.setCurrentIndex(index)


@dataclass
class Seen:
    """What the form showed."""

    questions: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    log: str = ""
    succeeded: bool = False


@pytest.fixture
def live(qgis_iface: Any, qgis_new_project: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An interface in which forms open: that of pytest-qgis lacks two parts."""
    model, bar = QgsBrowserGuiModel(), QgsMessageBar()
    assert isinstance(model, QgsBrowserModel)
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    monkeypatch.setattr(qgis_iface, "messageBar", lambda: bar)
    yield
    QgsProject.instance().clear()


def add_layers(enmap: Path, drawing: Drawing) -> None:
    layers = QgsRasterLayer(str(enmap / "scene.tif"), "Potsdam"), QgsVectorLayer(drawing.polygons, "drawn")
    for layer in layers:
        assert layer.isValid()
        QgsProject.instance().addMapLayer(layer)


def look_at(dialog: Any, seen: Seen) -> None:
    """Which inputs the open form asks for without anything being unfolded, and what it proposes for some."""
    wrappers = dialog.mainWidget().wrappers
    for definition in dialog.algorithm().parameterDefinitions():
        is_hidden = definition.flags() & QgsProcessingParameterDefinition.FlagHidden
        if definition.isDestination() or is_hidden:
            continue
        if wrappers[definition.name()].wrappedWidget().isVisible():
            seen.questions.append(definition.description())
    for name in ("SCENE", "LABELS"):
        value = wrappers[name].parameterValue()
        seen.values[name] = QgsProject.instance().mapLayer(str(getattr(value, "source", value))).name()
    seen.values["CLASS_FIELD"] = wrappers["CLASS_FIELD"].parameterValue()


def drive(hand: Hand, seen: Seen) -> None:
    """Look, choose the quick effort, run, close."""
    (dialog,) = (w for w in QApplication.topLevelWidgets() if w.isVisible() and hasattr(w, "algorithmFinished"))
    look_at(dialog, seen)
    ended, timeout = QEventLoop(), QTimer()
    dialog.algorithmFinished.connect(lambda ok, _: (setattr(seen, "succeeded", ok), ended.quit()))
    timeout.setSingleShot(True)
    timeout.timeout.connect(ended.quit)
    hand.choose(dialog.mainWidget().wrappers["EFFORT"].wrappedWidget(), "Quick")
    hand.press(dialog.buttonBox().button(QDialogButtonBox.StandardButton.Ok))
    timeout.start(_WAIT_MS)
    ended.exec()
    timeout.stop()
    QApplication.processEvents()
    seen.log = dialog.logText() if hasattr(dialog, "logText") else ""
    hand.press(dialog.buttonBox().button(QDialogButtonBox.StandardButton.Close))


@pytest.mark.parametrize(
    "squares",
    [
        pytest.param(1, id="one square per class"),
        pytest.param(3, id="three squares per class", marks=pytest.mark.one_qgis),
    ],
)
def test_a_map_takes_five_clicks_and_is_worth_them(
    live: None,
    provider: Any,
    enmap: Path,
    engine_python: Path,
    tmp_path: Path,
    measured: Callable[[str], None],
    squares: int,
) -> None:
    drawing, hand, seen = draw(enmap, tmp_path / "drawn.gpkg", squares), Hand(), Seen()
    add_layers(enmap, drawing)
    desktop = Desktop()
    menu = HsiMenu(desktop)
    (button,) = (entry for entry in desktop.toolbar if entry.text().startswith("Train and classify"))
    failures: list[BaseException] = []

    def drive_or_close() -> None:
        # The button returns when the form is closed; an exception in here would be Qt's, not pytest's.
        try:
            drive(hand, seen)
        except BaseException as error:
            failures.append(error)
            for widget in QApplication.topLevelWidgets():
                widget.close()

    QTimer.singleShot(0, drive_or_close)
    hand.clicks += 1
    button.trigger()
    menu.remove()
    if failures:
        raise failures[0]

    assert seen.succeeded
    assert seen.values == {"SCENE": "Potsdam", "LABELS": "drawn", "CLASS_FIELD": "landuse"}
    assert 0 < len(seen.questions) <= MOST_QUESTIONS
    assert hand.clicks <= MOST_CLICKS

    order = QgsProject.instance().layerTreeRoot().layerOrder()
    assert [layer.name() for layer in order][:2] == ["drawn", "Potsdam – classes"]
    top = order[1]
    assert isinstance(top.renderer(), QgsPalettedRasterRenderer)
    assert [entry.label for entry in top.renderer().classes()] == list(CLASSES.values())
    found = gdal.Open(top.source()).ReadAsArray()
    assert set(np.unique(found)) == {0, 1, 2, 3}
    accuracy = accuracy_elsewhere(drawing, found)
    forest = forest_elsewhere(enmap, drawing, engine_python, tmp_path)
    measured(
        f"first map, {squares} square(s) per class: {hand.clicks} clicks, {len(seen.questions)} questions; "
        f"{accuracy:.1%} of the other known pixels right, random forest {forest:.1%}"
    )
    if squares == 3:
        assert accuracy >= forest
