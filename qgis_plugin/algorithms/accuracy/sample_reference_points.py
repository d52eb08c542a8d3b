"""Algorithm: draw reference points over a class map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at, count
from ...translation import counted, tr
from ..kinds.engine_algorithm import EngineAlgorithm

_MOST_LINES = 30


class SampleReferencePointsAlgorithm(EngineAlgorithm):
    """A class map in; a layer of points to be labelled out."""

    OPERATION = "sample_reference_points"
    TAGS = (
        tr("sampling"),
        tr("stratified"),
        tr("random points"),
        tr("validation"),
        tr("accuracy"),
        tr("sample size"),
        tr("ground truth"),
        "AcATaMa",
    )
    HELP_PAGE = "sampling"
    RESULT_VALUES = (
        ResultValue("POINT_COUNT", tr("Number of points"), at("points")),
        ResultValue("STRATUM_COUNT", tr("Number of strata"), count("strata")),
        ResultValue(
            "EXPECTED_STANDARD_ERROR",
            tr("Expected standard error of the overall accuracy"),
            at("expected_standard_error"),
        ),
        ResultValue("PIXELS", tr("Pixels with a class"), at("pixels")),
    )
    HELP = tr(
        "<p>Draws random points over a class map, from this plugin or any other program. When you have labelled them, "
        "<i>Assess map</i> gives the accuracy of the map and the areas of its classes with confidence "
        "intervals.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Class map</b>: the finished map, as it will be used. Clean it before, not after.</li>"
        "<li><b>Number of points</b>: 300 is a start; with 85 % accuracy it is then known to about 4 percentage points "
        "either way. "
        "Or set a <b>target standard error</b>, and as many points are drawn as it takes. To see only the number, skip "
        "the output.</li>"
        "<li><b>Design</b>: <i>stratified random</i> draws points in each class, so that rare classes get some. <i>Simple "
        "random</i> serves several maps alike. <i>Systematic</i> spreads points evenly, but has no exact standard "
        "error.</li>"
        "<li><b>Allocation</b>: in proportion to area for the overall accuracy and for areas, equal for the accuracy of "
        "each class; the minimum per stratum is a compromise.</li>"
        "<li><b>Strata</b>: districts or other areas, if accuracies are needed for each of them.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>layer of points</b> at the centres of pixels, with a form: choose the class that you see on the ground and "
        "how sure you are. Points not labelled yet are white with a pink ring. The class of the map is in another table "
        "of the file, so that it cannot bias you. <i>other</i> is ground of none of the classes; <i>cannot tell</i> "
        "leaves the point out.</p>"
        "<h3>How to label</h3>"
        "<ul><li>Label all points, from images or in the field that are better than what was mapped, and hide the map "
        "meanwhile.</li>"
        "<li>Do not add, move or replace points: how likely each was to be drawn is what makes the accuracy valid.</li>"
        "<li>Label what is in the pixel of the map around the point, not what is nearby.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        strata = result["strata"]
        lines = [
            tr("{}: {}, {:.2f} % of the pixels").format(
                s["name"], counted(s["points"], tr("point"), tr("points")), 100 * s["share"]
            )
            for s in strata[:_MOST_LINES]
        ]
        if len(strata) > _MOST_LINES:
            lines.append(tr("… and {} more strata").format(len(strata) - _MOST_LINES))
        lines.append(
            tr("{} in all; expected standard error of the overall accuracy: {:.1f} percentage points.").format(
                counted(result["points"], tr("point"), tr("points")), 100 * result["expected_standard_error"]
            )
        )
        return lines

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["advice"])
