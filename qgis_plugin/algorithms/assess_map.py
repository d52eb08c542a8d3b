"""Algorithm: compare a class map with a reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ..runs.result_values import ResultValue, accuracy_values, at, count
from ..runs.sample_wording import sample_lines
from ..runs.wording import accuracy_sentence, one_class_sentences, percent
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


def _bound(place: int) -> Callable[[Mapping[str, Any]], Any]:
    """Reader of a bound of the 95 % interval of the overall accuracy; None if it is not known."""
    return lambda result: result["overall_accuracy_interval_95"][place]


class AssessMapAlgorithm(EngineAlgorithm):
    """A class map and reference points, or what else is known to be true, in; accuracies, areas and a report out."""

    OPERATION = "assess_map"
    TAGS = (tr("accuracy"), tr("confusion matrix"), "kappa", tr("validation"), tr("reference"), tr("report"))
    HELP_PAGE = "accuracy-of-a-map"
    REPORT_TITLE = tr("Accuracy report")
    RESULT_VALUES = (
        *accuracy_values(),
        ResultValue("PIXELS", tr("Pixels compared"), at("samples")),
        ResultValue("CORRECT_PIXELS", tr("Correct pixels"), at("correct")),
        ResultValue("UNCLASSIFIED_PIXELS", tr("Reference pixels without a class in the map"), at("unclassified")),
        ResultValue(
            "QUESTION", tr("Which question the figures answer (this_map or these_pixels)"), at("question"), text=True
        ),
        ResultValue("LOWEST_ACCURACY", tr("Lower bound of the overall accuracy"), _bound(0)),
        ResultValue("HIGHEST_ACCURACY", tr("Upper bound of the overall accuracy"), _bound(1)),
        ResultValue("UNLABELLED_POINTS", tr("Points of the sample without a class"), at("sample", "unlabelled")),
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
    )
    HELP = tr(
        "<p>Measures how accurate a class map is, from this plugin or any other program: with reference points that were drawn at"
        " random, for the map as a whole; with other places whose class is known, for these places.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Class map</b>: a raster of class values.</li>"
        "<li><b>Reference</b>, to know how accurate the map is: the layer from <i>Sample reference points</i> with the class of each"
        " point filled in and the edits saved. It states how its points were drawn. For points drawn in another way choose the"
        " <b>sampling design</b>.</li>"
        "<li>Or polygons, points or a raster (0: not known) that were <b>not</b> used for training. "
        "The class field holds class values or class names of the map. They show how well the map agrees with these pixels.</li>"
        "<li>Do you only have the training labels? If you trained with <b>Check accuracy on: Separate places</b>, the "
        "report of the training already says how well new places are mapped. If part of the labels was "
        "held back, choose the <b>split raster</b> from <i>Train classifier</i> as <b>Subset</b>: then only the test pixels (value 3) are "
        "compared.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>report</b> (HTML) with confusion matrix, accuracies and the map; with reference points also intervals and the true"
        " areas of the classes. With <b>Model file</b> also settings, split and "
        "learning curves of the training; with <b>Scene</b> a false-colour picture next to the map. If you ask for "
        "them: all figures as JSON, one row per class as CSV, the picture as PNG. <b>Other maps</b> are assessed with the same points"
        " and compared with the map.</p>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Producer's accuracy</b>: of the wheat on the ground, the share that is wheat in the map; low "
        "values mean omission.</li>"
        "<li><b>User's accuracy</b>: of the wheat in the map, the share that is wheat on the ground; low values mean "
        "commission (Congalton 1991).</li>"
        "<li><b>True area</b>: corrected for the errors of the map. Mapped areas are too large or too small for classes that are"
        " confused with others (Olofsson et al. 2014).</li>"
        "<li><b>Kappa</b>: 0 is as good as chance, 1 is perfect (Cohen 1960). Overall, user's and producer's accuracies say more.</li>"
        "<li>The 95 % interval of reference points covers the choice of the points. Of other references it counts pixels as if they"
        " were independent. Pixels of one polygon are not, so the true uncertainty is larger.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        sample = result.get("sample")
        return _agreement(result) if sample is None else sample_lines(sample)

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["advice"])


def _agreement(result: Mapping[str, Any]) -> list[str]:
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
