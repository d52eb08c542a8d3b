"""Algorithm: a quick map of a small part of a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..layers import PREVIEWED_RASTERS
from ..runs.result_values import ResultValue, at, count
from ..runs.wording import class_lines
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


class PreviewMapAlgorithm(EngineAlgorithm):
    """A scene, labels and an extent in; a class map of the extent out, within seconds."""

    OPERATION = "preview"
    ID = "preview_map"
    TAGS = (tr("hyperspectral"), tr("supervised"), tr("class map"), tr("land cover"), tr("quick look"), tr("LDA"))
    HELP_PAGE = "preview"
    CHECKED_SCENES = ("scene",)
    VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD", "EXTENT")
    HIDDEN = frozenset({"CACHE"})
    KEEPS_COPIES = False
    KEPT_RASTERS = PREVIEWED_RASTERS
    RESULT_VALUES = (
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("METHOD", tr("Method"), at("method"), text=True),
        ResultValue("TRAINED", tr("The method was trained now (0 or 1)"), lambda r: int(r["trained"])),
        ResultValue("CUT", tr("The extent was cut to its middle (0 or 1)"), lambda r: int(r["cut"])),
        ResultValue("ACCURACY", tr("What is known of the accuracy"), at("accuracy"), text=True),
        ResultValue("SECONDS", tr("Seconds"), at("seconds")),
    )
    HELP = tr(
        "<p>Maps a small part of a scene with a quick method, so that you see what is still missing while you draw labels. The first "
        "preview trains the method; as long as scene and labels stay the same it is kept, and each further preview takes two "
        "to three seconds. <b>Preview here</b> in the menu and the toolbar does the same for what the map canvas shows, and "
        "follows it.</p>"
        "<h3>What to prepare</h3>"
        "<p>The scene and the labels, as for <i>Train and classify</i>.</p>"
        "<h3>What comes out</h3>"
        "<p><b>Preview</b>: a class map of the extent with the names and colours of your labels. Without an extent, the middle "
        "512×512 pixels of the scene. A part with more than 1,024 pixels per side is cut to its middle.</p>"
        "<h3>How to read it</h3>"
        "<p>The method looks at single pixels and is linear: logistic regression or shrinkage LDA, or their mean, whichever does "
        "best in a quick check on separate places. It is not tested further, and the map is not smoothed. A final map from "
        "<i>Train and classify</i> is usually better; where the preview is wrong over whole areas, labels are missing there.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        trained = (
            tr("Method: {}, trained in {:.1f} s.").format(result["method"], result["training_seconds"])
            if result["trained"]
            else tr("Method: {}, trained before and used again.").format(result["method"])
        )
        return [*class_lines(result["classes"]), trained]

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return [result["accuracy"]]
