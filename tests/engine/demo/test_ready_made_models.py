"""The models that come with the engine: small, without a trace of where they were made, and fit for use."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio

import hsi_engine
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.demo.indian_pines import write_indian_pines

FOLDER = Path(hsi_engine.__file__).parent / "demo" / "models"
MODELS = sorted(FOLDER.glob("*.hsimodel"))


def test_there_are_two() -> None:
    assert [path.stem for path in MODELS] == ["enmap_potsdam_land_cover", "indian_pines_crops"]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_each_is_small_and_says_what_it_is(path: Path) -> None:
    assert path.stat().st_size < 1_000_000
    about = read_bundle(path).training["about"]
    assert set(about) == {"title", "data", "terms", "limits"}
    with zipfile.ZipFile(path) as archive:
        card = archive.read("MODEL_CARD.md").decode()
    assert card.startswith(f"# Model card: {about['title']}\n")
    assert about["terms"] in card
    assert about["limits"] in " ".join(card.split())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_none_tells_where_it_was_made(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        settings = json.loads(archive.read("manifest.json"))["training"]["settings"]
    paths = [text for text in settings.values() if isinstance(text, str) and ("/" in text or "\\" in text)]
    assert paths == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_information_names_data_and_terms(path: Path) -> None:
    found = hsi_engine.model_information(model=path)
    assert any(note.startswith("Terms: ") for note in found.notes)
    assert read_bundle(path).training["about"]["limits"] in found.limits


def test_the_demo_scene_is_mapped_without_a_training(tmp_path: Path) -> None:
    files = write_indian_pines(tmp_path)
    hsi_engine.classify_scene(
        scene=files.scene, model=FOLDER / "indian_pines_crops.hsimodel", output=tmp_path / "map.tif", device="cpu"
    )
    with rasterio.open(tmp_path / "map.tif") as mapped, rasterio.open(files.ground_truth) as known:
        classes, truth = mapped.read(1), known.read(1)
    # It was trained on these pixels: this says that it is the right model, not how good it is elsewhere.
    assert np.mean(classes[truth > 0] == truth[truth > 0]) > 0.9
