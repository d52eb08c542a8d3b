"""Every method that the form offers: trained for one epoch and mapped from QGIS, with its legend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsPalettedRasterRenderer, QgsRasterLayer

import gdal_scenes
from qgis_plugin.engine.operations import load_operations
from recording_feedback import RecordingFeedback

pytestmark = pytest.mark.one_qgis

ROWS, COLS, BANDS = 45, 37, 40
SECOND = {"two_sources"}  # they need a second raster
CLASSICAL = {"logistic_regression", "lda", "svm", "random_forest"}  # they are not trained by epochs
METHODS = [
    name
    for parameter in load_operations()["train_and_classify"].parameters
    if parameter.name == "model"
    for name in parameter.choices
    if name != "auto"
]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("inputs")
    scene = gdal_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    polygons = gdal_scenes.write_polygons(folder / "polygons.gpkg", rows=ROWS, cols=COLS)
    gdal_scenes.write_scene(folder / "second.tif", rows=ROWS, cols=COLS, bands=3)
    return {"SCENE": str(scene), "LABELS": str(polygons), "CLASS_FIELD": "class_id"}


@pytest.mark.parametrize("method", METHODS)
def test_it_is_trained_and_maps_with_its_legend(
    run: Callable[..., dict[str, Any]], inputs: dict[str, str], tmp_path: Path, method: str
) -> None:
    settings: dict[str, Any] = {} if method in CLASSICAL else {"EPOCHS": 1}
    if method in SECOND:
        settings["SECOND"] = str(Path(inputs["SCENE"]).with_name("second.tif"))
    output = tmp_path / "map.tif"
    settings |= {"MODEL": method, "SPLIT": "random", "TRAIN_SHARE": 0.1, "SMOOTH": False, "DEVICE": "cpu"}
    outputs = {"OUTPUT": str(output), "MODEL_OUTPUT": str(tmp_path / "m.hsimodel")}
    results = run("train_and_classify", {**inputs, **settings, **outputs}, RecordingFeedback())
    assert results["CLASSES"] == 3
    layer = QgsRasterLayer(str(output), "map")
    assert (layer.width(), layer.height()) == (COLS, ROWS)
    layer.loadDefaultStyle()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    assert len([entry for entry in renderer.classes() if entry.label]) >= 3
