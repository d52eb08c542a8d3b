"""The models that come with the engine: small, without a trace of where they were made, and fit for use."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas
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


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_each_keeps_what_explains_a_pixel(path: Path) -> None:
    """Spectra of its classes, training pixels to compare with, and scores behind sets of classes."""
    bundle = read_bundle(path)
    assert bundle.trust.known is not None
    assert bundle.trust.calibrated is not None
    assert len(bundle.training["known_pixels"]["classes"]) == len(bundle.trust.known.area.points) == 600
    assert all(one["pixels"] > 1 for one in bundle.training["class_spectra"])


def test_a_training_starts_from_one(tmp_path: Path) -> None:
    files = write_indian_pines(tmp_path)
    polygons = geopandas.read_file(files.labels)
    polygons.groupby("class_id").head(1).to_file(tmp_path / "few.gpkg")
    hsi_engine.train_classifier(
        scene=files.scene, labels=tmp_path / "few.gpkg", class_field="class_id", init_from=FOLDER / "indian_pines_crops.hsimodel",
        output=tmp_path / "m.hsimodel", epochs=1, split="none", smooth=False, device="cpu",
    )  # fmt: skip
    start = read_bundle(tmp_path / "m.hsimodel").training["warm_start"]
    assert start["name"] == "indian_pines_crops.hsimodel"
    assert len(start["kept"]) == 16
    assert start["new"] == []


def test_the_demo_scene_is_mapped_without_a_training(tmp_path: Path) -> None:
    files = write_indian_pines(tmp_path)
    hsi_engine.classify_scene(
        scene=files.scene, model=FOLDER / "indian_pines_crops.hsimodel", output=tmp_path / "map.tif", device="cpu"
    )
    with rasterio.open(tmp_path / "map.tif") as mapped, rasterio.open(files.ground_truth) as known:
        classes, truth = mapped.read(1), known.read(1)
    # It was trained on these pixels: this says that it is the right model, not how good it is elsewhere.
    assert np.mean(classes[truth > 0] == truth[truth > 0]) > 0.9
