"""Algorithm: train a classifier on the labelled pixels of a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, accuracy_values, at, count
from ..runs.wording import training_sentences, training_steps, training_warnings
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm
from .kinds.training_help import HONEST_CHECK, METHOD_TAGS, METHODS, SCRIPTED, VISIBLE, WHAT_TO_PREPARE


class TrainClassifierAlgorithm(EngineAlgorithm):
    """A scene and labels in; a model file and a report out."""

    OPERATION = "train_classifier"
    TAGS = (tr("hyperspectral"), tr("supervised"), tr("training"), *METHOD_TAGS)
    HELP_PAGE = "first-map"
    REPORT_TITLE = tr("Training report")
    CHECKED_SCENES = ("scene",)
    VISIBLE = VISIBLE
    HIDDEN = SCRIPTED
    RESULT_VALUES = (
        *accuracy_values("test"),
        ResultValue("LEAKAGE", tr("Share of test pixels inside a training patch (0 to 1)"), at("split", "leakage")),
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("TRAINING_PIXELS", tr("Pixels trained on"), at("split", "train_samples")),
        ResultValue("TEST_PIXELS", tr("Pixels tested on"), at("split", "test_samples")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = (
        tr(
            "<p>Finds the best method for the labelled pixels of a hyperspectral scene, trains it on all of them, and "
            "writes a model file. <i>Classify scene</i> uses it to map this scene and others of the same sensor.</p>"
        )
        + WHAT_TO_PREPARE
        + tr(
            "<h3>What comes out</h3>"
            "<ul><li><b>Model file</b> (.hsimodel): trained method, bands, class names and colours.</li>"
            "<li><b>Report</b> (HTML): the methods compared, confusion matrix, accuracy of each class, "
            "settings.</li>"
            "<li><b>Split raster</b>, if you ask for it: 1 training, 2 validation, 3 test.</li></ul>"
        )
        + HONEST_CHECK
        + METHODS
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        return training_sentences(result)

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return training_warnings(result)

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return [*training_steps(result), tr("map this scene, or others of the same sensor, with Classify scene.")]
