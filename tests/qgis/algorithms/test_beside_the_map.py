"""Model and report lie beside a map that has a name, and a temporary model is said to be one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
)

from qgis_plugin.forms.values import FormValues
from qgis_plugin.provider import HsiProvider
from qgis_plugin.runs.outputs import RunOutputs, read_outputs
from qgis_plugin.runs.temporary import temporary_note, temporary_outputs, with_named_layers
from recording_feedback import RecordingFeedback

TEMPORARY = QgsProcessing.TEMPORARY_OUTPUT
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def outputs(provider: HsiProvider) -> Callable[..., RunOutputs]:
    def read(name: str, **values: Any) -> RunOutputs:
        algorithm = provider.algorithm(name).create()
        return read_outputs(algorithm.operation, FormValues(algorithm, values, QgsProcessingContext()), "Lake shore")

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
        f"Model file: will be written next to map.tif, as {tmp_path / 'map.hsimodel'}.",
        f"Report: will be written next to map.tif, as {tmp_path / 'map_report.html'}.",
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
    note = temporary_note(temporary_outputs(operation, found.paths))
    assert note.startswith("The model file is temporary: QGIS removes it when it is closed.")
    assert found.paths["output"] in note
    assert temporary_note(temporary_outputs(operation, {"output": str(tmp_path / "m.hsimodel")})) == ""


def test_temporary_files_are_called_after_the_scene(outputs: Any) -> None:
    found = outputs("train_and_classify", OUTPUT=TEMPORARY, MODEL_OUTPUT=TEMPORARY, REPORT=TEMPORARY)
    assert Path(found.paths["model_output"]).name == "Lake_shore_model.hsimodel"
    assert Path(found.paths["report"]).name == "Lake_shore_report.html"
    assert found.notes == []
    other = outputs("assess_map", REPORT=TEMPORARY, METRICS=TEMPORARY, TABLE=TEMPORARY)
    assert {Path(path).name for path in other.paths.values()} == {
        "Lake_shore_report.html",
        "Lake_shore_metrics.json",
        "Lake_shore_table.csv",
    }


def test_temporary_layers_are_too_and_keep_where_they_are_loaded(provider: HsiProvider) -> None:
    operation = provider.algorithm("classify_scene").create().operation
    loaded = QgsProcessingOutputLayerDefinition(TEMPORARY, QgsProject.instance())
    values = {"OUTPUT": loaded, "CONFIDENCE": TEMPORARY, "UNSMOOTHED": None, "PROBABILITIES": "kept.tif"}
    named = with_named_layers(operation, values, "Lake shore")
    assert Path(named["OUTPUT"].sink.staticValue()).name == "Lake_shore_classes.tif"
    assert named["OUTPUT"].destinationProject is QgsProject.instance()
    assert Path(named["CONFIDENCE"]).name == "Lake_shore_confidence.tif"
    assert (named["UNSMOOTHED"], named["PROBABILITIES"]) == (None, "kept.tif")
    assert loaded.sink.staticValue() == TEMPORARY


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
    assert feedback.warnings[-1].startswith("The model file is temporary")
    assert Path(results["OUTPUT"]).name == "scene_model.hsimodel"
    assert results["OUTPUT"] in feedback.warnings[-1]


def test_what_else_is_temporary_is_said_with_the_model(provider: HsiProvider, tmp_path: Path) -> None:
    operation = provider.algorithm("train_and_classify").create().operation
    inside = {name: str(Path(QgsProcessingUtils.tempFolder()) / name) for name in ("output", "model_output", "report")}
    note = temporary_note(temporary_outputs(operation, inside))
    assert note.startswith("The class map, model file and report are temporary: QGIS removes them")
    assert "choose a file for “Class map” next time" in note
    kept = {**inside, "report": str(tmp_path / "report.html")}
    assert temporary_note(temporary_outputs(operation, kept)).startswith("The class map and model file are temporary")
    only_model = {"model_output": inside["model_output"]}
    assert temporary_note(temporary_outputs(operation, only_model)).startswith("The model file is temporary: QGIS")


@pytest.mark.parametrize(
    ("algorithm", "names", "words"),
    [
        ("denoise_scene", ["output"], "The denoised scene is temporary: QGIS removes it"),
        ("colour_scene", ["picture"], " is temporary: QGIS removes it"),
        (
            "suggest_labels",
            ["output"],
            "The suggested points are temporary: QGIS removes them when it is closed. To keep them",
        ),
        ("check_labels", ["problems"], "The labels to look at are temporary: QGIS removes them"),
        ("classify_scene", ["probabilities"], "The probabilities are temporary: QGIS removes them"),
        ("clean_map", ["table"], "The table of areas is temporary: QGIS removes it"),
        ("classify_scene", ["output"], "The class map is temporary: QGIS removes it"),
        ("classify_scene", ["output", "confidence"], "The class map and confidence are temporary: QGIS removes them"),
        ("clean_map", ["output", "table"], "The cleaned map and table of areas are temporary: QGIS removes them"),
    ],
)
def test_whatever_is_temporary_is_said(provider: HsiProvider, algorithm: str, names: list[str], words: str) -> None:
    operation = provider.algorithm(algorithm).create().operation
    inside = {name: str(Path(QgsProcessingUtils.tempFolder()) / name) for name in names}
    note = temporary_note(temporary_outputs(operation, inside))
    assert words in note
    if len(names) > 1:
        assert "choose a file for each of them next time" in note, "nothing of these is written next to the map"
