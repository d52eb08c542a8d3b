"""A short real training on Indian Pines, with floors that only code with the right rows, columns and bands passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
from hsi_engine.demo import indian_pines

Hsi = Callable[..., dict[str, Any]]

# Spatially disjoint, since a random split is learned by place alone: transposed labels pass it nearly as well.
SETTINGS: dict[str, Any] = {
    "class_field": "class_id",
    "model": "spectral_cnn",
    "patch_size": 3,
    "epochs": 12,
    "split": "blocks",
    "seed": 0,
}
FLOOR = 0.5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> indian_pines.IndianPines:
    return indian_pines.write_indian_pines(tmp_path_factory.mktemp("indian_pines"))


@pytest.fixture(scope="module")
def trained(files: indian_pines.IndianPines) -> Any:
    return hsi_engine.train_classifier(
        scene=files.scene, labels=files.labels, output=files.scene.with_name("m.hsimodel"), **SETTINGS
    )


def test_it_knows_fields_it_has_not_seen(trained: Any) -> None:
    assert trained.split["leakage"] == 0
    assert trained.test["overall_accuracy"] > FLOOR
    assert len(trained.classes) == 16


def test_transposed_labels_miss_that_floor(files: indian_pines.IndianPines, tmp_path: Path) -> None:
    transposed = tmp_path / "transposed.tif"
    with rasterio.open(files.ground_truth) as truth, rasterio.open(transposed, "w", **truth.profile) as target:
        target.write(truth.read(1).T, 1)
    settings = {**SETTINGS, "class_field": None}
    result: Any = hsi_engine.train_classifier(
        scene=files.scene, labels=transposed, output=tmp_path / "m.hsimodel", **settings
    )
    assert result.test["overall_accuracy"] < FLOOR


def test_bands_in_another_order_give_the_same_map(
    files: indian_pines.IndianPines, trained: Any, tmp_path: Path
) -> None:
    shuffled = tmp_path / "shuffled.tif"
    with rasterio.open(files.scene) as scene, rasterio.open(shuffled, "w", **scene.profile) as target:
        order = np.random.default_rng(0).permutation(scene.count)
        for band, source in enumerate(order, start=1):
            target.write(scene.read(int(source) + 1), band)
            target.update_tags(band, **scene.tags(int(source) + 1))
    maps = []
    for path in (files.scene, shuffled):
        output = tmp_path / f"{path.stem}_map.tif"
        hsi_engine.classify_scene(scene=path, model=trained.model, output=output)
        with rasterio.open(output) as written:
            maps.append(written.read(1))
    np.testing.assert_array_equal(maps[0], maps[1])
    assert len(np.unique(maps[0])) > 8


def test_the_map_holds_the_accuracy_that_training_stated(files: indian_pines.IndianPines, tmp_path: Path) -> None:
    settings = {**SETTINGS, "split": "random", "epochs": 6, "model": "hybridsn", "components": 15, "patch_size": 11}
    split = tmp_path / "split.tif"
    result: Any = hsi_engine.train_classifier(
        scene=files.scene, labels=files.labels, output=tmp_path / "m.hsimodel", split_output=split, **settings
    )
    hsi_engine.classify_scene(scene=files.scene, model=result.model, output=tmp_path / "map.tif")
    assessed: Any = hsi_engine.assess_map(
        map=tmp_path / "map.tif", reference=files.ground_truth, subset=split, report=tmp_path / "report.html",
        model=result.model, scene=files.scene,
    )  # fmt: skip
    assert assessed.samples == result.split["test_samples"]
    assert assessed.confusion_matrix == result.test["confusion_matrix"]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "of the test pixels lie inside a training patch" in text
    assert "Grass-pasture-mowed" in text
