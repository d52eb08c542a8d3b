"""Algorithm: which bands a model needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at, count
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm

_MOST_GROUPS = 8


class BandImportanceAlgorithm(EngineAlgorithm):
    """A scene, labels and a model in; the loss of accuracy by each group of bands out."""

    OPERATION = "band_importance"
    TAGS = (tr("hyperspectral"), tr("feature importance"), tr("permutation"), tr("wavelengths"), tr("bands"), tr("why"))
    HELP_PAGE = "band-importance"
    REPORT_TITLE = tr("Importance of bands")
    CHECKED_SCENES = ("scene",)
    VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD", "MODEL", "REPEATS")
    RESULT_VALUES = (
        ResultValue("HEADLINE", tr("Which bands matter most, in a sentence"), at("headline"), text=True),
        ResultValue("AVERAGE_ACCURACY", tr("Average accuracy of the held-out pixels (0 to 1)"), at("average_accuracy")),
        ResultValue("TESTED_PIXELS", tr("Held-out pixels"), at("tested_pixels")),
        ResultValue("GROUP_COUNT", tr("Groups of bands"), count("groups")),
        ResultValue("IMPORTANCE", tr("Everything, as JSON"), lambda r: json.dumps(r), text=True),
    )
    HELP = tr(
        "<p>Finds out which bands a model needs: how much accuracy is lost if the values of neighbouring bands are exchanged between "
        "pixels.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Scene</b> and <b>labels</b> that the model was trained with, or others of the same classes.</li>"
        "<li><b>Model file</b>: its method and settings are examined. The method is trained again, once for each fold of the labels, so "
        "that pixels can be tested that no training has seen; the model file itself is not changed. It takes about as long as the check "
        "in the training of the model, and the log says how long before it begins.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>report</b> (HTML) with the loss of average accuracy of each group of bands over the wavelengths, and of each component "
        "if the method sees components.</p>"
        "<h3>How to read it</h3>"
        "<ul><li>Bands that say much the same are one group: neighbours are grouped as long as their values correlate.</li>"
        "<li>A group that <b>loses much</b> is one that the model relies on. Check that the scene is good there: noise, absorption of "
        "the air.</li>"
        "<li>A group that <b>loses little</b> may be useless, or another group says the same. Leave it out of a training (<i>Bands</i>) "
        "and compare before you conclude anything.</li>"
        "<li>A loss smaller than its deviation is none.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        groups = sorted(result["groups"], key=lambda one: -one["drop"])
        lines = [
            result["headline"],
            tr("Average accuracy of {:,} held-out pixels: {:.1f} %").format(
                result["tested_pixels"], 100 * result["average_accuracy"]
            ),
            *map(_line, groups[:_MOST_GROUPS]),
        ]
        if len(groups) > _MOST_GROUPS:
            lines.append(tr("  and {} groups with less").format(len(groups) - _MOST_GROUPS))
        return [*lines, *result["limits"]]


def _line(group: Mapping[str, Any]) -> str:
    first, last = min(group["bands"]), max(group["bands"])
    place = "" if group["first_nm"] is None else tr(", {:.0f}–{:.0f} nm").format(group["first_nm"], group["last_nm"])
    words = tr("  Bands {}–{}{}: loss of {:.1f} ± {:.1f} points")
    return words.format(first, last, place, 100 * group["drop"], 100 * group["deviation"])
