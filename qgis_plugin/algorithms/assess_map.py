"""Algorithm: compare a class map with a reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, accuracy_values, at, count
from ..runs.wording import accuracy_sentence, one_class_sentences, percent
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


class AssessMapAlgorithm(EngineAlgorithm):
    """A class map and what is known to be true in; accuracies and a report out."""

    OPERATION = "assess_map"
    TAGS = (tr("accuracy"), tr("confusion matrix"), "kappa", tr("validation"), tr("reference"), tr("report"))
    HELP_PAGE = "report"
    REPORT_TITLE = tr("Accuracy report")
    RESULT_VALUES = (
        *accuracy_values(),
        ResultValue("PIXELS", tr("Pixels compared"), at("samples")),
        ResultValue("CORRECT_PIXELS", tr("Correct pixels"), at("correct")),
        ResultValue("UNCLASSIFIED_PIXELS", tr("Reference pixels without a class in the map"), at("unclassified")),
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
    )
    HELP = tr(
        "<p>Compares a class map, from this plugin or any other program, with places whose class is known.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Class map</b>: a raster of class values.</li>"
        "<li><b>Reference</b>: polygons, points or a raster (0: not known) that were <b>not</b> used for training. "
        "The class field holds class values or class names of the map.</li>"
        "<li>Do you only have the training labels? If you trained with <b>Check accuracy on: Separate places</b>, the "
        "report of the training already has the accuracy, and there is nothing left to compare. If part of the labels was "
        "held back, choose the <b>split raster</b> from <i>Train classifier</i> as <b>Subset</b>: then only the test pixels (value 3) are "
        "compared.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>report</b> (HTML) with confusion matrix, accuracies and the map; with <b>Model file</b> also "
        "settings, split and "
        "learning curves of the training; with <b>Scene</b> a false-colour picture next to the map. If you ask for "
        "them: all figures as JSON, one row per class as CSV, the picture as PNG.</p>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Producer's accuracy</b>: of the wheat on the ground, the share that is wheat in the map; low "
        "values mean omission.</li>"
        "<li><b>User's accuracy</b>: of the wheat in the map, the share that is wheat on the ground; low values mean "
        "commission (Congalton 1991).</li>"
        "<li><b>Kappa</b>: 0 is as good as chance, 1 is perfect (Cohen 1960).</li>"
        "<li>The 95 % interval counts pixels as if they were independent. Pixels of one polygon are not, so the true "
        "uncertainty is larger.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        low, high = result["overall_accuracy_interval_95"]
        lines = [
            tr("{:,} pixels compared: {} (95 % interval of the overall accuracy: {} to {}).").format(
                result["samples"], accuracy_sentence(result), percent(low), percent(high)
            ),
            *one_class_sentences(result),
        ]
        lines += [
            tr("{}  {}: producer's accuracy {}, user's accuracy {}, {:,} px").format(
                c["value"], c["name"], percent(c["producers_accuracy"]), percent(c["users_accuracy"]), c["support"]
            )
            for c in result["classes"]
        ]
        return lines

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["advice"])
