"""The form as it opens: labels of any kind become a map, all of them are used, and what is not known is said.

On the real EnMAP scene with three classes, three drawn squares of 4×4 pixels each, as someone would begin.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from drawn_squares import CLASSES, Drawing, draw
from recording_feedback import RecordingFeedback

pytestmark = pytest.mark.one_qgis

Run = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Mapped:
    """A run with nine squares, and what it said."""

    drawing: Drawing
    results: dict[str, Any]
    feedback: RecordingFeedback


@pytest.fixture(scope="module")
def nine(run: Run, enmap: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    """The form as it opens, but for the effort: the tests are to end today."""
    folder = tmp_path_factory.mktemp("nine")
    drawing, feedback = draw(enmap, folder / "drawn.gpkg", 3), RecordingFeedback()
    outputs = {"OUTPUT": folder / "map.tif", "MODEL_OUTPUT": folder / "map.hsimodel", "REPORT": folder / "report.html"}
    parameters = {
        "SCENE": str(enmap / "scene.tif"),
        "LABELS": drawing.polygons,
        "CLASS_FIELD": "landuse",
        "EFFORT": "quick",
        **{name: str(path) for name, path in outputs.items()},
    }
    return Mapped(drawing, run("train_and_classify", parameters, feedback), feedback)


def test_all_labelled_pixels_are_trained_on(nine: Mapped) -> None:
    assert (nine.drawing.drawn > 0).sum() == 144
    assert "Trained with 144 labelled pixels." in nine.feedback.infos


def test_the_log_ends_with_method_accuracy_and_report(nine: Mapped) -> None:
    infos = nine.feedback.infos
    (start,) = (number for number, line in enumerate(infos) if line.startswith("Method: "))
    method, trained, accuracy = infos[start : start + 3]
    assert sum(line.startswith("Chosen: ") for line in infos[:start]) == 1  # the reason, said once
    assert method.removeprefix("Method: ") != "."
    assert trained == "Trained with 144 labelled pixels."
    assert accuracy.startswith("Accuracy in separate places, 144 pixels tested by models that were trained elsewhere: ")
    assert re.fullmatch(
        r"95 % interval of the overall accuracy: \d+\.\d % to \d+\.\d %, from draws of \d+ whole blocks( \(design effect \d+\.\d\))?\.",
        infos[start + 3],
    )
    assert f"Report: {nine.results['REPORT']}" in infos[start + 3 :]
    assert nine.results["OVERALL_ACCURACY"] > 0.8
    assert nine.results["LEAKAGE"] == 0
    assert not any("not known" in warning for warning in nine.feedback.warnings)


def test_no_setting_of_a_method_was_sent(nine: Mapped) -> None:
    (command,) = nine.feedback.commands
    options = {word for word in command.split() if word.startswith("--")}
    assert options == {
        "--scene",
        "--labels",
        "--class-field",
        "--effort",
        "--output",
        "--model-output",
        "--report",
    }


def test_one_square_a_class_is_a_map_and_a_warning(
    run: Run, enmap: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    drawing = draw(enmap, tmp_path / "drawn.gpkg", 1)
    parameters = {
        "SCENE": str(enmap / "scene.tif"),
        "LABELS": drawing.polygons,
        "CLASS_FIELD": "landuse",
        "OUTPUT": str(tmp_path / "map.tif"),
        "MODEL_OUTPUT": str(tmp_path / "map.hsimodel"),
        "REPORT": str(tmp_path / "report.html"),
    }

    results = run("train_and_classify", parameters, feedback)

    found = gdal.Open(results["OUTPUT"]).ReadAsArray()
    assert set(np.unique(found)) == {0, 1, 2, 3}
    assert np.mean(found[drawing.drawn > 0] == drawing.drawn[drawing.drawn > 0]) > 0.9
    assert results["OVERALL_ACCURACY"] is None
    assert "Trained with 48 labelled pixels." in feedback.infos
    assert feedback.warnings[-1].startswith("The accuracy is not known")
    assert all(name in feedback.warnings[-1] for name in CLASSES.values())
    assert Path(results["REPORT"]).is_file()


def test_the_command_line_makes_the_same_map(
    run: Run, world: Any, engine_python: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    made = {"OUTPUT": str(tmp_path / "qgis.tif"), "MODEL_OUTPUT": str(tmp_path / "qgis.hsimodel"), "EFFORT": "quick"}
    results = run("train_and_classify", {"SCENE": world.scene, "LABELS": world.few, "DEVICE": "cpu", **made}, feedback)

    words = ["map", "--scene", world.scene, "--labels", world.few, "--effort", "quick", "--device", "cpu"]
    outputs = ["--output", str(tmp_path / "hsi.tif"), "--model-output", str(tmp_path / "hsi.hsimodel")]
    subprocess.run([str(engine_python), "-m", "hsi_engine", *words, *outputs], capture_output=True, check=True)

    assert Path(results["OUTPUT"]).read_bytes() == (tmp_path / "hsi.tif").read_bytes()
