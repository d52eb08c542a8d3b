"""Pixels whose scores overflow are counted and named; they are not called unsure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_bundle import ModelBundle, SmoothingSettings
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.preprocess.pca import PCA

ROWS, COLS, BANDS = 40, 31, 12
HUGE = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene, its model, and the scene with ``HUGE`` pixels at the border whose values overflow float32."""
    folder = tmp_path_factory.mktemp("huge")
    cube = make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.06)
    scene = make_scenes.write_scene(folder / "scene.tif", cube=cube)
    hsi_engine.train_classifier(
        scene=scene,
        labels=make_scenes.write_labels(folder / "labels.tif", like=scene),
        output=folder / "m.hsimodel",
        model="logistic_regression",
        folds=3,
        device="cpu",
    )
    with rasterio.open(scene) as file:
        profile, values, scales = file.profile, file.read().astype(np.float64), file.scales
    values[:, 0, :HUGE] = 1e306
    with rasterio.open(folder / "huge.tif", "w", **profile | {"dtype": "float64"}) as file:
        file.scales = scales
        file.write(values)
    write_bundle(smoothing(read_bundle(folder / "m.hsimodel")), folder / "smooth.hsimodel")
    return folder


def smoothing(bundle: ModelBundle) -> ModelBundle:
    """The model with a smoothing that its first principal components guide."""
    steps = bundle.preprocessing
    branch = steps.branches[-1]
    pca = branch.reduction
    assert isinstance(pca, PCA)
    few = replace(pca, components=pca.components[:3], explained_variance=pca.explained_variance[:3])
    steps = replace(steps, branches=(*steps.branches, replace(branch, reduction=few)))
    guided = SmoothingSettings(radius_px=2, epsilon=0.1, branch=len(steps.branches) - 1)
    return replace(bundle, preprocessing=steps, smoothing=guided)


class Notebook(hsi_engine.SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)


def mapped(folder: Path, model: str = "m.hsimodel", **given: Any) -> Any:
    return hsi_engine.classify_scene(
        scene=folder / "huge.tif",
        model=folder / model,
        output=folder / "map.tif",
        device="cpu",
        **given,
    )


def test_they_are_counted_and_named_in_the_log_the_result_and_the_report(folder: Path) -> None:
    notebook = Notebook()
    result = mapped(folder, report=folder / "map.html", unsmoothed=folder / "before.tif", reporter=notebook)
    assert (result.not_finite_pixels, result.unclassified_pixels) == (HUGE, 0)
    with_data = ROWS * COLS - result.nodata_pixels
    assert sum(one["pixels"] for one in result.classes) == with_data - HUGE
    note = f"no class to {HUGE} of {with_data:,} pixels with data: its scores there are not finite numbers, because the scene's values"
    assert [note in text for text in notebook.warnings].count(True) == 1
    assert any(note in text for text in result.notes)
    assert f"{HUGE} pixels are unclassified: scores that are not finite numbers." in result.to_text()
    assert "confidence too low" not in result.to_text()
    assert "Pixels whose scores are not finite" in (folder / "map.html").read_text(encoding="utf-8")
    for name in ("map.tif", "before.tif"):
        with rasterio.open(folder / name) as file:
            assert not file.read(1)[0, :HUGE].any(), name


def test_a_minimum_confidence_counts_the_others_alone(folder: Path) -> None:
    mapped(folder, confidence=folder / "confidence.tif")
    with rasterio.open(folder / "confidence.tif") as file:
        least = float(np.nanmedian(file.read(1)))
    result = mapped(folder, min_confidence=least, tile_size=16)
    with rasterio.open(folder / "map.tif") as file:
        empty = int((file.read(1) == 0).sum())
    assert result.not_finite_pixels == HUGE
    assert result.unclassified_pixels == empty - result.nodata_pixels - HUGE > 0
    assert f"{result.unclassified_pixels:,} pixels are unclassified: confidence too low." in result.to_text()


def test_smoothing_leaves_the_neighbours_their_classes(folder: Path) -> None:
    result = mapped(folder, "smooth.hsimodel", unsmoothed=folder / "before.tif")
    assert (result.not_finite_pixels, result.unclassified_pixels) == (HUGE, 0)
    for name in ("map.tif", "before.tif"):
        with rasterio.open(folder / name) as file:
            assert not file.read(1)[0, :HUGE].any(), name
