"""Algorithm: suggest where to label next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at
from ...translation import counted, tr
from ..kinds.engine_algorithm import EngineAlgorithm


class SuggestLabelsAlgorithm(EngineAlgorithm):
    """A scene and a model in; a layer of points to be labelled for the next training out."""

    OPERATION = "suggest_labels"
    TAGS = (
        tr("active learning"),
        tr("training samples"),
        tr("uncertainty"),
        tr("where to label"),
        tr("hyperspectral"),
    )
    HELP_PAGE = "where-to-label-next"
    CHECKED_SCENES = ("scene",)
    RESULT_VALUES = (
        ResultValue("POINT_COUNT", tr("Number of points"), at("points")),
        ResultValue("PIXELS", tr("Pixels among which they were chosen"), at("pixels")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = tr(
        "<p>Suggests points of a scene to label: where a model is unsure which class it sees, and "
        "where spectra are unlike those it was trained on. Label them, train again, and repeat until the accuracy no longer "
        "rises. The first labels are better spread over several places of each class: a model that knows little cannot say "
        "what it does not know.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Scene</b> and <b>Model file</b>: the scene that is to be mapped, and a model of its classes, however "
        "rough.</li>"
        "<li><b>Labels</b>: those the model was trained on, so that no point lies on them. <b>More labels</b>: those of "
        "earlier rounds.</li>"
        "<li><b>Mask</b> or <b>Extent</b> (Advanced Parameters): where you can tell the classes, such as the part that a "
        "better image shows.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>layer of points</b> with a form, the highest scores first; points not labelled yet are white with a pink "
        "ring. They say how unsure the model is (<b>uncertainty</b>, 0 to 1) and how unlike the training pixels the spectrum "
        "is (<b>dissimilarity</b>). The class that the model predicts is not shown, so that it cannot bias you.</p>"
        "<h3>How points are chosen</h3>"
        "<p>At random, a pixel of twice the score with four times the chance, and apart from one another. The score is the "
        "rank of a pixel by <b>uncertainty</b> and, with the <b>weight of dissimilarity</b>, by how unlike its spectrum is. "
        "<b>Balance over classes</b> sees that rare classes get points. Each of them can be switched off.</p>"
        "<h3>What they are not for</h3>"
        "<p>The points lie where the model is bad, and are not a probability sample. Do not assess a map with them: <i>Assess "
        "map</i> refuses them. <i>Sample reference points</i> draws points for that.</p>"
        "<h3>What comes next</h3>"
        "<p>Label the points with <i>Label reference points</i> (Raster ▸ HSI Classifier), or in the form of each point. Then "
        "run <i>Train and classify</i> with the same labels as before and this layer as <b>More labels</b> (Advanced "
        "Parameters). Points without a label are left out.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = [
            tr("{}, predicted for {}: {}").format(
                c["name"],
                counted(c["pixels"], tr("pixel"), tr("pixels")),
                counted(c["points"], tr("point"), tr("points")),
            )
            for c in result["classes"]
        ]
        lines.append(
            tr("{} suggested, out of {}.").format(
                counted(result["points"], tr("point"), tr("points")),
                counted(result["pixels"], tr("pixel"), tr("pixels")),
            )
        )
        for key, words in (
            ("mean_uncertainty", tr("Mean uncertainty: {:.2f} at the points, {:.2f} in all of these pixels.")),
            ("mean_dissimilarity", tr("Mean dissimilarity: {:.2f} at the points, {:.2f} in all of these pixels.")),
        ):
            if result[key] is not None:
                lines.append(words.format(result[key]["points"], result[key]["pixels"]))
        return lines

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["advice"])
