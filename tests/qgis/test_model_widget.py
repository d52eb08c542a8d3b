"""The chooser of a model: QGIS's own, with the models of the user's folder as a list above it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.gui.wrappers import WidgetWrapperFactory
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingParameterFile,
    QgsSettings,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QDialog, QToolButton, QVBoxLayout

from qgis_plugin.environment.current import MODELS_SETTING
from qgis_plugin.provider import HsiProvider
from qgis_plugin.widgets import model_widget

Wrap = Callable[..., Any]
ASKED = [("classify_scene", "MODEL"), ("assess_map", "MODEL"), ("model_information", "MODEL")]


def write_model(path: Path, created: str, names: list[str]) -> Path:
    manifest = {
        "format": "hsimodel",
        "legend": [{"value": i + 1, "name": name, "color": "#112233"} for i, name in enumerate(names)],
        "training": {"created": created, "settings": {"scene": "/data/potsdam.tif"}},
        "metrics": {"test": {"overall_accuracy": 0.716}},
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
    return path


@pytest.fixture
def models(qgis_app: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of two models and a broken one, chosen in the options."""
    folder = tmp_path / "models"
    folder.mkdir()
    write_model(folder / "crops.hsimodel", "2026-05-04T10:00:00", ["hay", "oats", "rye", "water", "wheat"])
    write_model(folder / "city.hsimodel", "2025-01-02T10:00:00", ["roof", "tree"])
    (folder / "broken.hsimodel").write_bytes(b"no model")
    QgsSettings().setValue(MODELS_SETTING, str(folder))
    yield folder
    QgsSettings().remove("hsi_classifier")


@pytest.fixture(autouse=True)
def ready_made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No models that come with the plugin, but in tests about them."""
    if "ready_made" not in request.node.name:
        monkeypatch.setattr(model_widget, "ready_made_models", lambda: tmp_path / "none")


@pytest.fixture
def wrap(provider: HsiProvider) -> Iterator[Wrap]:
    dialog, kept = QDialog(), []
    layout = QVBoxLayout(dialog)

    def make(algorithm: str = "classify_scene", name: str = "MODEL") -> Any:
        one = provider.algorithm(algorithm).create()
        wrapper = WidgetWrapperFactory.create_wrapper(one.parameterDefinition(name), dialog)
        kept.append((one, wrapper))
        layout.addWidget(wrapper.createWrappedWidget(QgsProcessingContext()))
        return wrapper

    yield make
    dialog.show()
    QApplication.processEvents()
    dialog.close()


def the_list(wrapper: Any) -> QComboBox:
    (box,) = wrapper.wrappedWidget().findChildren(QComboBox)
    return box


@pytest.mark.parametrize(("algorithm", "name"), ASKED)
def test_models_are_listed_wherever_one_is_asked_for(models: Path, wrap: Wrap, algorithm: str, name: str) -> None:
    box = the_list(wrap(algorithm, name))
    assert [box.itemText(number) for number in range(box.count())] == [
        "Choose a model, or a file below",
        "crops – 2026-05-04, 5 classes: hay, oats, rye, water, …",
        "city – 2025-01-02, 2 classes: roof, tree",
        "broken – cannot be read",
    ]
    tip = box.itemData(1, Qt.ItemDataRole.ToolTipRole)
    assert str(models / "crops.hsimodel") in tip
    assert "Trained on potsdam.tif" in tip
    assert "overall accuracy 71.6 %" in tip
    assert not box.model().item(3).isEnabled()
    assert "damaged or not a model" in box.itemData(3, Qt.ItemDataRole.ToolTipRole)


def test_what_is_chosen_from_the_list_is_the_file(models: Path, wrap: Wrap) -> None:
    wrapper, changed = wrap(), []
    wrapper.widgetValueHasChanged.connect(changed.append)
    box = the_list(wrapper)
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert wrapper.parameterValue() == str(models / "city.hsimodel")
    assert changed
    assert set(changed) == {wrapper}


def test_the_list_follows_the_file(models: Path, wrap: Wrap) -> None:
    wrapper = wrap()
    box = the_list(wrapper)
    wrapper.setParameterValue(str(models / "crops.hsimodel"), QgsProcessingContext())
    assert box.currentText().startswith("crops – ")
    wrapper.setParameterValue("/elsewhere/other.hsimodel", QgsProcessingContext())
    assert box.currentIndex() == 0
    assert wrapper.parameterValue() == "/elsewhere/other.hsimodel"


def test_without_a_folder_there_is_only_the_file(wrap: Wrap, tmp_path: Path) -> None:
    wrapper = wrap()
    assert wrapper.wrappedWidget().findChildren(QComboBox) == []
    assert "Choose a folder of models in the options" in wrapper.wrappedWidget().toolTip()
    wrapper.setParameterValue("/elsewhere/other.hsimodel", QgsProcessingContext())
    assert wrapper.parameterValue() == "/elsewhere/other.hsimodel"


def test_ready_made_models_come_last_and_need_no_folder(wrap: Wrap) -> None:
    wrapper = wrap()
    box = the_list(wrapper)
    entries = [box.itemText(number) for number in range(1, box.count())]
    assert len(entries) == 2
    for entry, name, classes in zip(
        sorted(entries), ("enmap_potsdam_land_cover", "indian_pines_crops"), (6, 16), strict=True
    ):
        assert entry.startswith(f"{name} (example) – ")
        assert f", {classes} classes: " in entry
    assert "Choose a folder of models in the options" in box.toolTip()


def test_for_scripts_it_stays_a_file(provider: HsiProvider) -> None:
    definition = provider.algorithm("classify_scene").parameterDefinition("MODEL")
    assert isinstance(definition, QgsProcessingParameterFile)
    assert definition.checkValueIsAcceptable("/any/model.hsimodel", QgsProcessingContext())


def test_each_row_of_a_batch_has_the_list(models: Path, provider: HsiProvider, qgis_iface: Any) -> None:
    dialog = BatchAlgorithmDialog(provider.algorithm("classify_scene").create())
    panel = dialog.mainWidget()
    wrappers = [w for row in panel.wrappers for w in row if w and w.parameterDefinition().name() == "MODEL"]
    (wrapper,) = wrappers
    the_list(wrapper).setCurrentIndex(1)
    the_list(wrapper).activated.emit(1)
    assert wrapper.parameterValue() == str(models / "crops.hsimodel")
    dialog.close()


@pytest.mark.parametrize(("algorithm", "name"), ASKED)
def test_a_step_of_a_model_has_them_behind_a_button(
    models: Path, provider: HsiProvider, algorithm: str, name: str
) -> None:
    dialog = ModelerParametersDialog(
        provider.algorithm(algorithm).create(), QgsProcessingModelAlgorithm("Mine", "test")
    )
    widget = dialog.widget.widget.wrappers[name]
    (button,) = [one for one in widget.findChildren(QToolButton) if one.text() == "My models"]
    entries = button.menu().actions()
    assert [(entry.text(), entry.isEnabled()) for entry in entries] == [
        ("crops – 2026-05-04, 5 classes: hay, oats, rye, water, …", True),
        ("city – 2025-01-02, 2 classes: roof, tree", True),
        ("broken – cannot be read", False),
    ]
    entries[1].trigger()
    chosen = widget.value()
    assert chosen.source() == QgsProcessingModelChildParameterSource.fromStaticValue("").source()
    assert chosen.staticValue() == str(models / "city.hsimodel")


def test_a_step_of_a_model_without_a_folder_says_where_to_choose_one(provider: HsiProvider) -> None:
    model = QgsProcessingModelAlgorithm("Mine", "test")
    dialog = ModelerParametersDialog(provider.algorithm("classify_scene").create(), model)
    widget = dialog.widget.widget.wrappers["MODEL"]
    assert not [one for one in widget.findChildren(QToolButton) if one.text() == "My models"]
    assert "Choose a folder of models in the options of QGIS" in widget.toolTip()
