"""Maps and reports speak of layers by their names in QGIS, also where the engine reads a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsProcessing, QgsProject, QgsRasterLayer, QgsVectorLayer

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]
TRAINING = {"CLASS_FIELD": "class_name", "MODEL": "logistic_regression", "SPLIT": "none"}


@pytest.fixture(scope="module")
def layers(qgis_processing: None, world: Any) -> dict[str, Any]:
    """A scene and labels whose layers are not called like their files; the labels are filtered, so they are copied."""
    project = QgsProject.instance()
    project.clear()
    labels = QgsVectorLayer(world.polygons, "Fields 2024 (new)")
    labels.setSubsetString("class_name != 'nothing'")
    found = {"SCENE": QgsRasterLayer(world.scene, "Lake shore"), "LABELS": labels}
    project.addMapLayers(list(found.values()))
    return found


@pytest.fixture(scope="module")
def made(run: Run, layers: dict[str, Any]) -> dict[str, Any]:
    """A map, model and report in the folder for temporary files."""
    outputs = dict.fromkeys(("OUTPUT", "MODEL_OUTPUT", "REPORT"), QgsProcessing.TEMPORARY_OUTPUT)
    return run("train_and_classify", {**layers, **TRAINING, **outputs})


def test_the_map_and_its_metadata_are_called_after_the_layers(made: dict[str, Any]) -> None:
    assert Path(made["OUTPUT"]).name == "Lake_shore_classes.tif"
    assert gdal.Open(made["OUTPUT"]).GetMetadataItem("HSI_LABELS").endswith(" from Fields_2024_new.gpkg")
    assert "OUTPUT.tif" not in Path(made["REPORT"]).read_text(encoding="utf-8")


def assess(run: Run, class_map: str, reference: Any) -> RecordingFeedback:
    feedback = RecordingFeedback()
    run("assess_map", {"MAP": class_map, "REFERENCE": reference, "CLASS_FIELD": "class_name"}, feedback)
    return feedback


def test_a_reference_that_was_trained_with_is_said(run: Run, made: dict[str, Any], layers: dict[str, Any]) -> None:
    told = assess(run, made["OUTPUT"], layers["LABELS"])
    # By the engine, which knows more, and by it alone.
    (warning,) = (text for text in told.warnings if "trained" in text)
    assert any(words in warning for words in ("very file of labels", "labels of the same name", "exactly as many"))


def test_another_reference_is_not_suspected(run: Run, made: dict[str, Any], world: Any) -> None:
    told = assess(run, made["OUTPUT"], world.few)
    assert not any("was trained with" in text for text in told.warnings)


def test_a_map_that_names_no_labels_is_not_suspected(run: Run, layers: dict[str, Any], world: Any) -> None:
    told = assess(run, world.labels, layers["LABELS"])
    assert not any("was trained with" in text for text in told.warnings)
