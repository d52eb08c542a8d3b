"""Model and report lie beside a map that has a name, and a temporary model is said to be one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessing, QgsProcessingContext, QgsProcessingUtils, QgsProject

from qgis_plugin.forms.values import FormValues
from qgis_plugin.provider import HsiProvider
from qgis_plugin.runs.outputs import RunOutputs, read_outputs, temporary_model_note
from recording_feedback import RecordingFeedback

TEMPORARY = QgsProcessing.TEMPORARY_OUTPUT
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def outputs(provider: HsiProvider) -> Callable[..., RunOutputs]:
    def read(name: str, **values: Any) -> RunOutputs:
        algorithm = provider.algorithm(name).create()
        return read_outputs(algorithm.operation, FormValues(algorithm, values, QgsProcessingContext()))

    return read


def test_what_was_left_to_qgis_goes_beside_a_named_map(outputs: Any, tmp_path: Path) -> None:
    found = outputs(
        "train_and_classify",
        OUTPUT=str(tmp_path / "map.tif"),
        MODEL_OUTPUT=TEMPORARY,
        REPORT=TEMPORARY,
        CONFIDENCE=TEMPORARY,
    )
    assert found.paths["model_output"] == str(tmp_path / "map.hsimodel")
    assert found.paths["report"] == str(tmp_path / "map_report.html")
    assert not found.paths["confidence"].startswith(str(tmp_path))
    assert found.notes == [
        f"Model file: written next to map.tif, as {tmp_path / 'map.hsimodel'}.",
        f"Report: written next to map.tif, as {tmp_path / 'map_report.html'}.",
    ]


def test_what_has_a_name_or_is_not_wanted_stays(outputs: Any, tmp_path: Path) -> None:
    named = str(tmp_path / "crops.hsimodel")
    found = outputs("train_and_classify", OUTPUT=str(tmp_path / "map.tif"), MODEL_OUTPUT=named, REPORT="")
    assert found.paths["model_output"] == named
    assert "report" not in found.paths
    assert found.notes == []


@pytest.mark.parametrize("where", ["", TEMPORARY, "inside"])
def test_beside_a_temporary_map_nothing_changes(outputs: Any, where: str) -> None:
    output = str(Path(QgsProcessingUtils.tempFolder()) / "map.tif") if where == "inside" else where or TEMPORARY
    found = outputs("train_and_classify", OUTPUT=output, MODEL_OUTPUT=TEMPORARY, REPORT=TEMPORARY)
    assert found.notes == []
    assert found.paths["model_output"].startswith(QgsProcessingUtils.tempFolder())


def test_a_file_that_exists_is_kept_and_said(outputs: Any, tmp_path: Path) -> None:
    (tmp_path / "map.hsimodel").write_bytes(b"of an earlier day")
    values = {"OUTPUT": str(tmp_path / "map.tif"), "MODEL_OUTPUT": TEMPORARY}
    found = outputs("train_and_classify", **values)

    assert found.paths["model_output"] == str(tmp_path / "map_2.hsimodel")
    assert found.notes[0].endswith("map_2.hsimodel; map.hsimodel exists already and is kept.")
    # A run that is to go on from an earlier one has to find its model.
    assert outputs("train_and_classify", **values, RESUME=True).paths["model_output"] == str(tmp_path / "map.hsimodel")


def test_the_report_goes_beside_a_named_model(outputs: Any, tmp_path: Path) -> None:
    found = outputs("train_classifier", OUTPUT=str(tmp_path / "crops.hsimodel"), REPORT=TEMPORARY)
    assert found.paths["report"] == str(tmp_path / "crops_report.html")


def test_a_temporary_model_is_said_to_be_one(provider: HsiProvider, outputs: Any, tmp_path: Path) -> None:
    operation = provider.algorithm("train_classifier").create().operation
    found = outputs("train_classifier", OUTPUT=TEMPORARY)
    note = temporary_model_note(operation, found.paths)
    assert note.startswith("The model is temporary: QGIS removes it when it is closed.")
    assert found.paths["output"] in note
    assert temporary_model_note(operation, {"output": str(tmp_path / "m.hsimodel")}) == ""


def test_the_layer_says_what_made_it_and_where_report_and_model_are(
    qgis_iface: Any,
    qgis_new_project: None,
    provider: Any,
    world: Any,
    small_training: dict[str, Any],
    feedback: RecordingFeedback,
    tmp_path: Path,
) -> None:
    import processing

    made = {
        "OUTPUT": str(tmp_path / "map.tif"),
        "MODEL_OUTPUT": TEMPORARY,
        "REPORT": TEMPORARY,
        "SPLIT_OUTPUT": TEMPORARY,
    }
    parameters = {"SCENE": world.scene, "LABELS": world.polygons, **small_training, **made}
    processing.runAndLoadResults("hsi:train_and_classify", parameters, feedback=feedback)

    assert (tmp_path / "map.hsimodel").is_file()
    assert (tmp_path / "map_report.html").is_file()
    assert not any("temporary" in warning for warning in feedback.warnings)
    (layer,) = QgsProject.instance().mapLayersByName("scene – classes")
    metadata = layer.metadata()
    assert metadata.title() == "Class map of scene.tif"
    for words in (
        "Made on 2",
        "Scene: scene.tif",
        "Method: HybridSN",
        "labelled pixels of 3 classes",
        "Accuracy: Overall",
    ):
        assert words in metadata.abstract()
    assert {link.description for link in metadata.links()} == {
        str(tmp_path / "map.hsimodel"),
        str(tmp_path / "map_report.html"),
    }
    (split,) = QgsProject.instance().mapLayersByName("scene – split")
    assert split.metadata().title() == ""
    assert "Class map of" in layer.dataProvider().htmlMetadata()


def test_at_the_end_of_the_log(
    run: Run, world: Any, small_training: dict[str, Any], feedback: RecordingFeedback
) -> None:
    parameters = {"SCENE": world.scene, "LABELS": world.polygons, **small_training, "OUTPUT": TEMPORARY}
    results = run("train_classifier", parameters, feedback)
    assert feedback.warnings[-1].startswith("The model is temporary")
    assert results["OUTPUT"] in feedback.warnings[-1]


def test_what_else_is_temporary_is_said_with_the_model(provider: HsiProvider, tmp_path: Path) -> None:
    operation = provider.algorithm("train_and_classify").create().operation
    inside = {name: str(Path(QgsProcessingUtils.tempFolder()) / name) for name in ("output", "model_output", "report")}
    assert temporary_model_note(operation, inside).startswith("Model, map and report are temporary: QGIS removes them")
    kept = {**inside, "report": str(tmp_path / "report.html")}
    assert temporary_model_note(operation, kept).startswith("Model and map are temporary")
    only_model = {"model_output": inside["model_output"]}
    assert temporary_model_note(operation, only_model).startswith("The model is temporary: QGIS removes it")
