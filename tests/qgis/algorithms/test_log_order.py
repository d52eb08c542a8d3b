"""The log has the order of an analyst's questions; the command line is for others and stands at its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessing, QgsProcessingException

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def _place(log: list[str], beginning: str) -> int:
    """Where the only line that begins so is."""
    (place,) = (number for number, line in enumerate(log) if line.startswith(beginning))
    return place


@pytest.fixture(scope="module")
def log(run: Run, world: Any, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a training and a mapping write into the log."""
    feedback = RecordingFeedback()
    report = tmp_path_factory.mktemp("log") / "report.html"
    parameters = {
        "SCENE": world.scene,
        "LABELS": world.polygons,
        "CLASS_FIELD": "class_name",
        "EFFORT": "quick",
        "MODEL": "logistic_regression",
        "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "MODEL_OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "REPORT": str(report),
    }
    run("train_and_classify", parameters, feedback)
    return feedback.log


def test_what_was_read_then_what_came_out_then_what_to_do_next(log: list[str]) -> None:
    beginnings = (
        "Scene: ",
        "Training polygons or points: ",
        "Method: ",
        "Area of each class:",
        "Model file: ",
        "Report: ",
        "Class map: ",
        "Next: ",
    )
    places = [next(number for number, line in enumerate(log) if line.startswith(words)) for words in beginnings]
    assert places == sorted(places)


def test_nothing_is_said_twice(log: list[str]) -> None:
    assert [line for line in log if log.count(line) > 1] == []
    told = [line.rpartition(": ")[2] for line in log if len(line.rpartition(": ")[2].split()) > 4]
    assert [text for text in told if sum(text in line for line in log) > 1] == []


@pytest.mark.parametrize("name", ["scene_information", "check_labels", "model_information", "clean_map"])
def test_nothing_is_said_twice_by_the_short_ones(
    run: Run, world: Any, trained: dict[str, Any], mapped: dict[str, Any], name: str
) -> None:
    given = {
        "scene_information": {"SCENE": world.scene},
        "check_labels": {"SCENE": world.scene, "LABELS": world.polygons},
        "model_information": {"MODEL": trained["OUTPUT"], "SCENE": world.scene},
        "clean_map": {"MAP": mapped["OUTPUT"], "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT},
    }
    feedback = RecordingFeedback()
    report = {} if name == "clean_map" else {"REPORT": QgsProcessing.TEMPORARY_OUTPUT}
    run(name, {**given[name], **report}, feedback)
    assert [line for line in feedback.log if feedback.log.count(line) > 1] == []


def test_the_command_line_is_last(log: list[str]) -> None:
    assert _place(log, "hsi map ") > max(number for number, line in enumerate(log) if line.startswith("Next: "))
    assert log[_place(log, "hsi map ") - 1] == "The same run without QGIS:"
    assert len(log) - _place(log, "hsi map ") <= 2  # only what has to be kept for it follows


def test_areas_are_in_units_of_area(log: list[str]) -> None:
    lines = log[_place(log, "Area of each class:") + 1 :][:3]
    assert [line.split()[1] for line in lines] == ["water:", "meadow:", "soil:"]
    assert all(" ha, " in line and " px)" in line for line in lines)


def test_a_run_that_fails_is_not_offered_again(run: Run, world: Any, tmp_path: Path) -> None:
    feedback = RecordingFeedback()
    model = tmp_path / "broken.hsimodel"
    model.write_text("no model", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="not a model"):
        run("classify_scene", {"SCENE": world.scene, "MODEL": str(model), "OUTPUT": str(tmp_path / "m.tif")}, feedback)
    assert feedback.commands == []
    assert not any("without QGIS" in line for line in feedback.log)


@pytest.mark.one_qgis
def test_an_accuracy_that_is_not_known_is_said_once(run: Run, world: Any, tmp_path: Path) -> None:
    feedback = RecordingFeedback()
    labels = {"LABELS": world.polygons, "CLASS_FIELD": "class_name", "MODEL": "logistic_regression", "SPLIT": "none"}
    run("train_classifier", {"SCENE": world.scene, **labels, "OUTPUT": str(tmp_path / "m.hsimodel")}, feedback)
    assert len([line for line in feedback.log if "accuracy" in line and "not known" in line]) == 1
