"""Algorithm: from labels to a class map in one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, accuracy_values, at, count
from ..runs.wording import class_lines, training_sentences, training_steps, training_warnings
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm
from .kinds.training_help import EXPERT, HONEST_CHECK, METHOD_TAGS, METHODS, VISIBLE, WHAT_TO_PREPARE


class TrainAndClassifyAlgorithm(EngineAlgorithm):
    """A scene and labels in; a class map, a model and a report out."""

    OPERATION = "train_and_classify"
    TAGS = (tr("hyperspectral"), tr("supervised"), tr("class map"), tr("land cover"), *METHOD_TAGS)
    HELP_PAGE = "first-map"
    REPORT_TITLE = tr("Training report")
    CHECKED_SCENES = ("scene",)
    VISIBLE = VISIBLE
    HIDDEN = EXPERT | {"COVERAGE", "SET_METHOD"}  # Classify scene asks for them
    RESULT_VALUES = (
        *accuracy_values("training", "test"),
        ResultValue(
            "LEAKAGE", tr("Share of test pixels inside a training patch (0 to 1)"), at("training", "split", "leakage")
        ),
        ResultValue("CLASSES", tr("Number of classes"), count("training", "classes")),
    )
    HELP = (
        tr(
            "<p>Makes a map of the whole scene from a few labels, in one step. It does the same as <i>Train "
            "classifier</i> followed by <i>Classify scene</i>. <b>Extent</b> and "
            "<b>Mask</b> (Advanced "
            "Parameters) limit the map to part of the scene; training still uses all labels.</p>"
        )
        + WHAT_TO_PREPARE
        + tr(
            "<h3>What comes out</h3>"
            "<ul><li><b>Class map</b>: GeoTIFF on the grid of the scene, added to the project with the names and colours of "
            "your labels. 0 is “no data or not classified”.</li>"
            "<li><b>Model file</b> (.hsimodel): maps other scenes of the same sensor with <i>Classify scene</i>.</li>"
            "<li><b>Report</b> (HTML): the map next to the scene, the methods compared, confusion matrix, "
            "accuracy of "
            "each class, settings.</li>"
            "<li><b>Confidence</b>, if you ask for it: the highest class probability of each pixel, 0 to 1.</li>"
            "<li><b>Map before smoothing</b>, if you ask for it: the classes before the map was smoothed.</li>"
            "<li><b>Area of applicability</b> and <b>Set size</b>, if you ask for them: where the scene is like the training "
            "pixels, and how many classes a pixel may have.</li></ul>"
        )
        + HONEST_CHECK
        + METHODS
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        return [
            *training_sentences(result["training"]),
            *class_lines(result["mapping"]["classes"]),
        ]

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return training_warnings(result["training"])

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return [
            *training_steps(result["training"]),
            tr("to map other scenes of the same sensor with this model, run Classify scene."),
        ]
