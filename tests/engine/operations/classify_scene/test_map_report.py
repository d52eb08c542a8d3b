"""The report on a map that was made with a model from a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.errors import OutputError

ROWS, COLS = 96, 80


def text_of(page: Path) -> str:
    """What a person reads, in one line."""
    without_style = re.sub(r"<style.*?</style>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", without_style).split())


def make_hard(scene: Path) -> None:
    """Add noise, so that a model is not sure of every pixel."""
    with rasterio.open(scene, "r+") as file:
        cube = file.read().astype(np.float64)
        known = cube != file.nodata
        noise = np.random.default_rng(0).normal(0.0, cube[known].std(), cube.shape)
        file.write(np.where(known, np.rint(cube + noise), cube).clip(-30_000, 30_000).astype(file.dtypes[0]))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A scene and a model of three classes that was trained on it."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "lake.tif", rows=ROWS, cols=COLS, bands=16)
    make_hard(scene)
    labels = make_scenes.write_labels(folder / "labels.tif", like=scene)
    model = folder / "crops.hsimodel"
    hsi_engine.train_classifier(scene=scene, labels=labels, model="lda", output=model, device="cpu")
    return {"scene": scene, "model": model, "device": "cpu"}


@pytest.fixture(scope="module")
def page(inputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    folder = tmp_path_factory.mktemp("mapped")
    result = hsi_engine.classify_scene(
        **inputs, output=folder / "map.tif", report=folder / "map.html", min_confidence=0.9
    )
    return text_of(folder / "map.html"), result


def test_it_says_which_scene_was_mapped_with_which_model(page: tuple[str, Any]) -> None:
    text, result = page
    assert "Class map of lake.tif" in text
    assert f"Mapped with the model crops.hsimodel: {result.description['method']}." in text
    assert result.model_id[:16] in text


def test_it_gives_the_accuracy_with_the_question_that_it_answers(page: tuple[str, Any]) -> None:
    text, result = page
    assert result.description["accuracy"] in text
    assert "It answers the question “New places: how well are places mapped that have no labels?”" in text


def test_it_gives_the_area_of_each_class(page: tuple[str, Any]) -> None:
    text, result = page
    total = sum(c["pixels"] for c in result.classes)
    large = [c for c in result.classes if c["hectares"] > 0.1]  # others are in square metres
    assert len(large) > 1
    for item in large:
        assert f"{item['name']} {_area(item['hectares'])} · {100 * item['pixels'] / total:.1f} %" in text


def _area(hectares: float) -> str:
    return f"{hectares:,.{2 if hectares < 10 else 1 if hectares < 100 else 0}f} ha"


def test_it_says_how_much_is_unclassified_and_why(page: tuple[str, Any]) -> None:
    text, result = page
    assert result.unclassified_pixels
    share = result.unclassified_pixels / (result.unclassified_pixels + sum(c["pixels"] for c in result.classes))
    assert f"Unclassified {100 * share:.1f} % confidence below 0.9" in text
    assert "That is the accuracy before any pixel was left unclassified." in text


def test_smoothing_is_stated(inputs: dict[str, Any], page: tuple[str, Any], tmp_path: Path) -> None:
    text, result = page
    assert ("Smoothing within" in text) is (result.smoothed_pixels is not None)
    hsi_engine.classify_scene(**inputs, output=tmp_path / "m.tif", report=tmp_path / "m.html", smooth=False)
    assert "Smoothing none it was switched off" in text_of(tmp_path / "m.html")


def test_on_another_scene_the_accuracy_is_said_to_be_that_of_the_training(
    inputs: dict[str, Any], tmp_path: Path
) -> None:
    scene = make_scenes.write_scene(tmp_path / "river.tif", rows=40, cols=52, bands=16, seed=3)
    report = tmp_path / "map.html"
    hsi_engine.classify_scene(**{**inputs, "scene": scene}, output=tmp_path / "map.tif", report=report)
    text = text_of(report)
    assert "Mapped with the model crops.hsimodel: Shrinkage LDA, trained on lake.tif." in text
    assert "The accuracy on this scene was not measured" in text
    assert "This was measured on lake.tif, not on this scene." in text


@pytest.mark.parametrize("name", ["map.txt", "map.tif"])
def test_a_report_that_cannot_be_is_refused_before_the_map(inputs: dict[str, Any], tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        hsi_engine.classify_scene(**inputs, output=tmp_path / "map.tif", report=tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_without_being_asked_for_there_is_none(inputs: dict[str, Any], tmp_path: Path) -> None:
    result = hsi_engine.classify_scene(**inputs, output=tmp_path / "map.tif")
    assert result.report is None
    assert not list(tmp_path.glob("*.html"))
