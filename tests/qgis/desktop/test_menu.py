"""Menu, button and first message: from a fresh plugin to the next step in one click."""

from __future__ import annotations

import processing
import pytest
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QAction, QPushButton

from fake_desktop import Desktop
from qgis_plugin.desktop.first_message import offer_set_up
from qgis_plugin.desktop.menu import HsiMenu
from qgis_plugin.provider import HsiProvider


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """Forms of algorithms that were opened."""
    calls: list[str] = []
    monkeypatch.setattr(processing, "execAlgorithmDialog", calls.append)
    return calls


def test_every_entry_opens_its_form_and_the_guide_its_page(provider: HsiProvider, opened, monkeypatch) -> None:
    pages: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pages.append(url.fileName()))
    desktop = Desktop()
    menu = HsiMenu(desktop)
    titles = [entry.text() for _, entry in desktop.menu]
    for _, entry in desktop.menu:
        if not entry.isSeparator():
            entry.trigger()

    assert titles == [
        "Scene information…",
        "Show scene in colour…",
        "Import product…",
        "Denoise scene…",
        "",
        "Check training labels…",
        "Preview map…",
        "Train and classify…",
        "Classify scene…",
        "Classify many scenes…",
        "Suggest where to label next…",
        "Explain pixel…",
        "Model information…",
        "Export model…",
        "",
        "Sample reference points…",
        "Assess map…",
        "Clean and measure map…",
        "Export map…",
        "",
        "Set up engine…",
        "Engine report…",
        "User guide",
    ]
    assert opened == [
        f"hsi:{name}"
        for name in (
            "scene_information",
            "colour_scene",
            "import_scene",
            "denoise_scene",
            "check_labels",
            "preview_map",
            "train_and_classify",
            "classify_scene",
            "classify_scenes",
            "suggest_labels",
            "explain_pixel",
            "model_information",
            "export_model",
            "sample_reference_points",
            "assess_map",
            "clean_map",
            "export_map",
            "set_up_engine",
            "engine_report",
        )
    ]
    assert pages == ["README.md"]
    assert [entry.isSeparator() for _, entry in desktop.menu] == [not title for title in titles]
    assert not any(entry.icon().isNull() for _, entry in desktop.menu if not entry.isSeparator())
    menu.remove()


def test_switches_stand_before_the_next_step_and_in_the_toolbar(provider: HsiProvider) -> None:
    desktop = Desktop()
    preview, label = (QAction(title, desktop.window) for title in ("Preview here", "Label reference points"))
    menu = HsiMenu(desktop, {"train_and_classify": preview, "assess_map": label})
    titles = [entry.text() for _, entry in desktop.menu]
    assert titles[6:8] == ["Preview map…", "Preview here"]
    assert titles[titles.index("Assess map…") - 1] == "Label reference points"
    (bar,) = desktop.toolbars
    assert bar.windowTitle() == "HSI Classifier"
    assert [button.text() for button in bar.actions()] == [
        "Preview here",
        "Train and classify…",
        "Label reference points",
    ]
    assert bar.isVisibleTo(desktop.window)
    menu.remove()
    assert desktop.menu == desktop.toolbars == []


def test_a_missing_engine_is_offered_to_be_set_up(provider: HsiProvider, opened, monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    desktop = Desktop()
    item = offer_set_up(desktop)

    assert desktop.bar.items() == [item]
    assert "One step is left" in item.text()
    (button,) = item.findChildren(QPushButton)
    assert button.text() == "Set up now"
    button.click()
    assert opened == ["hsi:set_up_engine"]
    assert desktop.bar.items() == []


def test_an_engine_that_is_ready_is_not_spoken_of(provider: HsiProvider) -> None:
    desktop = Desktop()
    assert offer_set_up(desktop) is None
    assert desktop.bar.items() == []


def test_an_entry_that_needs_the_engine_offers_to_set_it_up_first(
    provider: HsiProvider, opened, monkeypatch, tmp_path
) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    desktop = Desktop()
    menu = HsiMenu(desktop)
    by_title = {entry.text(): entry for _, entry in desktop.menu}
    by_title["Train and classify…"].trigger()
    assert opened == []
    (item,) = desktop.bar.items()
    assert "set up the engine" in item.text()

    by_title["Set up engine…"].trigger()
    assert opened == ["hsi:set_up_engine"]
    menu.remove()
