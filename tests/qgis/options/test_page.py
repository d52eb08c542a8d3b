"""The page in QGIS's options: what it says, and what its buttons do."""

from __future__ import annotations

from pathlib import Path

import processing
import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QLabel, QMessageBox, QWidget

from qgis_plugin.environment.current import DEVICE_SETTING, PYTHON_SETTING, engine_location, models_folder
from qgis_plugin.environment.records.record import write_json
from qgis_plugin.options.factory import HsiOptionsFactory


@pytest.fixture
def page(qgis_app, tmp_path, monkeypatch) -> QWidget:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    page = HsiOptionsFactory().createWidget(None)
    yield page
    page.deleteLater()
    QgsSettings().remove("hsi_classifier")


@pytest.fixture
def opened(monkeypatch) -> list[tuple[str, dict[str, str]]]:
    """Dialogs of algorithms that were opened."""
    calls: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(processing, "execAlgorithmDialog", lambda name, parameters: calls.append((name, parameters)))
    return calls


def texts(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_the_factory_has_a_name_and_an_icon(qgis_app) -> None:
    factory = HsiOptionsFactory()
    assert factory.title() == "HSI Classifier"
    assert not factory.icon().isNull()


def test_a_missing_engine_is_said_with_what_to_do(page, tmp_path) -> None:
    assert "Not set up" in texts(page)
    assert "run 'Set up engine'" in texts(page)
    assert str(tmp_path / "home") in texts(page)
    assert not page.remove.isEnabled()


def test_the_page_follows_the_engine(page, engine_python, monkeypatch) -> None:
    engine_location().folder.mkdir()
    write_json(engine_location().marker, {"step": "packages"})
    page.refresh()
    assert "Set-up not finished" in texts(page)
    assert page.remove.isEnabled()

    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(engine_python))
    page.refresh()
    assert "Ready" in texts(page)
    assert str(engine_python) in texts(page)


def test_buttons_open_the_algorithms(page, opened, monkeypatch, tmp_path) -> None:
    page.set_up.click()
    page.report.click()
    python = str(tmp_path / "python")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments: (python, ""))
    page.use_existing.click()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments: ("", ""))
    page.use_existing.click()

    assert opened == [
        ("hsi:set_up_engine", {}),
        ("hsi:engine_report", {}),
        ("hsi:set_up_engine", {"EXISTING_PYTHON": python}),
    ]


def test_the_page_shows_what_a_dialog_has_changed(page, opened, monkeypatch) -> None:
    def set_up(name: str, parameters: dict[str, str]) -> None:
        engine_location().folder.mkdir()
        write_json(engine_location().marker, {"step": "packages"})

    monkeypatch.setattr(processing, "execAlgorithmDialog", set_up)
    page.set_up.click()
    assert "Set-up not finished" in texts(page)


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_removing_asks_first(page, monkeypatch, answer) -> None:
    environment: Path = engine_location().environment
    environment.mkdir(parents=True)
    page.refresh()
    asked = []

    def question(parent: QWidget, title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return getattr(QMessageBox.StandardButton, answer)

    monkeypatch.setattr(QMessageBox, "question", question)
    page.remove.click()

    assert len(asked) == 1
    assert "Models, maps and reports are kept" in asked[0]
    assert environment.exists() == (answer == "No")


def test_the_device_is_kept_when_the_options_are_accepted(page) -> None:
    device = page.findChild(QComboBox)
    assert device.currentText() == "auto"
    device.setCurrentText("cuda:1")
    assert not QgsSettings().value(DEVICE_SETTING)
    page.apply()
    assert QgsSettings().value(DEVICE_SETTING) == "cuda:1"
    device.setCurrentText("auto")
    page.apply()
    assert not QgsSettings().value(DEVICE_SETTING)


@pytest.mark.parametrize("path", ["/tmp/" + "x" * 300, "~nobody-here/models"])
def test_paths_of_settings_that_cannot_be_looked_at(page, path: str) -> None:
    QgsSettings().setValue(PYTHON_SETTING, path)
    page.refresh()
    assert "Does not work" in texts(page)
    page.models.setFilePath(path)
    assert "There is no such folder." in texts(page)
    page.apply()
    assert models_folder() == Path(path)
    other = HsiOptionsFactory().createWidget(None)
    assert "Does not work" in texts(other)
    other.deleteLater()
