"""Algorithm: are these labels good enough to train with?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..translation import counted, tr
from .kinds.engine_algorithm import EngineAlgorithm

_MOST_LINES = 10


class CheckLabelsAlgorithm(EngineAlgorithm):
    """A scene and labels in; a verdict, a page and a layer of what to look at out."""

    OPERATION = "check_labels"
    TAGS = (
        tr("training data"),
        tr("separability"),
        tr("spectra"),
        tr("spectral profile"),
        tr("regions of interest"),
        tr("outliers"),
        "ROI",
        "Jeffries-Matusita",
    )
    HELP_PAGE = "checking-labels"
    REPORT_TITLE = tr("Label check")
    CHECKED_SCENES = ("scene",)
    VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD")
    RESULT_VALUES = (
        ResultValue("VERDICT", tr("Verdict"), at("verdict"), text=True),
        ResultValue("CAN_TRAIN", tr("Labels are sufficient for training (0 or 1)"), lambda r: int(r["can_train"])),
        ResultValue("CAN_TEST", tr("Accuracy can be checked (0 or 1)"), lambda r: int(r["can_test"])),
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue(
            "UNTESTED_CLASSES",
            tr("Classes whose accuracy cannot be checked"),
            lambda r: sum(1 for c in r["classes"] if not c["tested"]),
        ),
        ResultValue(
            "HARDLY_SEPARABLE_PAIRS",
            tr("Pairs of classes that can hardly be told apart"),
            lambda r: sum(1 for pair in r["pairs"] if pair["told_apart"] == "hardly"),
        ),
        ResultValue(
            "LOWEST_DISTANCE",
            tr("Smallest Jeffries–Matusita distance of two classes (0 to 2)"),
            lambda r: r["pairs"][0]["jm_distance"] if r["pairs"] else None,
        ),
        ResultValue("PROBLEM_COUNT", tr("Number of labels to look at"), count("findings")),
    )
    HELP = tr(
        "<p>Examines the labelled pixels of a scene before training, and reports whether the labels are good enough "
        "and what would help most. It takes seconds.</p>"
        "<h3>What to prepare</h3>"
        "<p>The scene and the labels, as for <i>Train and classify</i>: polygons or points with a field that holds the class, "
        "or a raster of class values.</p>"
        "<h3>What comes out</h3>"
        "<ul><li><b>Report</b> (HTML): the verdict first; then pixels, area and separate places of each class, its "
        "mean "
        "spectrum with standard deviation, how well each pair of classes can be told apart, and which labels to look "
        "at.</li>"
        "<li><b>Labels to look at</b>, if you ask for it: a layer of polygons that overlap another class, are drawn "
        "twice, contain no pixel centre or have a spectrum unlike their class, each with the reason.</li></ul>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Separate places</b>: with two or more per class, its accuracy can be checked in a place that was "
        "not trained on; with one, it stays unknown.</li>"
        "<li><b>Distance</b> (Jeffries–Matusita, 0 to 2): below 1, two classes can hardly be told apart by the "
        "spectra of single pixels: merge them, or expect them to be confused. From 1.9 on they can be told apart "
        "well.</li>"
        "<li><b>Odd spectrum</b>: a polygon that is unlike the others of its class. It may have the wrong class, lie "
        "under a cloud, or be a genuine exception: look at it.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = [result["verdict"]] if _is_well(result) else []
        lines += [
            "{}: {}, {}, {}".format(
                c["name"],
                counted(c["features"], tr("label"), tr("labels")),
                counted(c["pixels"], tr("pixel"), tr("pixels")),
                counted(c["places"], tr("separate place"), tr("separate places")),
            )
            for c in result["classes"]
        ]
        lines += [pair["text"] for pair in result["pairs"] if pair["told_apart"] == "hardly"][:_MOST_LINES]
        found = len(result["findings"])
        if found:
            lines.append(tr("Labels to look at: {:,}. They are listed in the report.").format(found))
        return lines

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return [] if _is_well(result) else [result["verdict"]]

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["advice"])


def _is_well(result: Mapping[str, Any]) -> bool:
    """Whether these labels can be trained with, and the accuracy of all classes can be checked."""
    return bool(result["can_train"] and result["can_test"] and all(c["tested"] for c in result["classes"]))
