"""Algorithm: why a pixel has its class."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at
from ...runs.wording import explained_sentences
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm

_MOST_CLASSES = 5


class ExplainPixelAlgorithm(EngineAlgorithm):
    """A scene, a model and a point in; probabilities, the spectrum against the classes and the nearest training pixels out."""

    OPERATION = "explain_pixel"
    TAGS = (tr("hyperspectral"), tr("probability"), tr("spectrum"), tr("why"), tr("confidence"), tr("similar pixels"))
    HELP_PAGE = "explaining"
    REPORT_TITLE = tr("Pixel page")
    VISIBLE = ("SCENE", "MODEL", "POSITION")
    KEEPS_COPIES = False
    RESULT_VALUES = (
        ResultValue("CLASS_VALUE", tr("Class value"), at("class_value")),
        ResultValue("CLASS_NAME", tr("Class"), at("class_name"), text=True),
        ResultValue("PROBABILITY", tr("Probability (0 to 1)"), at("probability")),
        ResultValue("SET", tr("Classes in the prediction set"), lambda r: _set(r), text=True),
        ResultValue("INSIDE", tr("Inside the area of applicability (0 or 1)"), lambda r: _inside(r)),
        ResultValue("DISSIMILARITY", tr("Dissimilarity"), at("area_of_applicability", "dissimilarity")),
        ResultValue("EXPLANATION", tr("Everything, as JSON"), lambda r: json.dumps(r), text=True),
    )
    HELP = tr(
        "<p>Says why one pixel of a map has its class, and what speaks against it. <b>Explain clicked pixel</b> in the menu <b>Raster ▸ HSI"
        " Classifier</b> and the toolbar does the same for a pixel that you click in the map canvas.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Scene</b> and <b>model file</b> that the map was made with.</li>"
        "<li><b>Position</b>: a point in any CRS; the button next to it lets you click one. Or give row and column, from 0, among the "
        "advanced parameters.</li>"
        "<li><b>Labels of the scene</b>, only if the model is of an earlier version or of another scene: the spectrum is then "
        "compared with their pixels.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>report</b> (HTML) with the probability of each class, the spectrum of the pixel over the mean and standard "
        "deviation of the classes, and the training pixels with the most similar spectra. The log has a summary.</p>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Prediction set</b>: the classes among which the right one is, in 90 % of places like those that were tested. "
        "Several classes: the model cannot decide between them.</li>"
        "<li><b>Outside the area of applicability</b>: the model was trained on nothing like this spectrum. However high the "
        "probability, look at the place.</li>"
        "<li><b>The nearest training pixels</b> are of another class: labels may be wrong there, or the two classes look alike.</li></ul>"
        "<p>The class is that of the map. An explanation shows what the model goes by; it does not show that it is right.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        classes = result["classes"]
        lines = [
            tr("Pixel: row {}, column {} (from 0)").format(result["row"], result["col"]),
            *(f"  {one['value']}  {one['name']}: {100 * one['probability']:.1f} %" for one in classes[:_MOST_CLASSES]),
        ]
        if len(classes) > _MOST_CLASSES:
            lines.append(tr("  and {} less probable classes").format(len(classes) - _MOST_CLASSES))
        return [*lines, *explained_sentences(result), *result["missing"]]

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["notes"])


def _set(result: Mapping[str, Any]) -> str | None:
    found = result["prediction_set"]
    return None if found is None else ", ".join(found["names"])


def _inside(result: Mapping[str, Any]) -> int | None:
    found = result["area_of_applicability"]
    return None if found is None else int(found["inside"])
