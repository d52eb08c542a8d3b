"""Algorithm: which of several models is better on this scene and its labels?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm


class CompareModelsAlgorithm(EngineAlgorithm):
    """A scene, labels and names of models in; a report on which is better out."""

    OPERATION = "compare_models"
    TAGS = (
        tr("benchmark"),
        tr("comparison"),
        tr("cross-validation"),
        tr("significance"),
        tr("accuracy"),
        "McNemar",
        "Holm",
    )
    HELP_PAGE = "comparing-models"
    REPORT_TITLE = tr("Model comparison")
    CHECKED_SCENES = ("scene",)
    VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD", "MODELS", "SEEDS", "SPLIT")
    RESULT_VALUES = (
        ResultValue("VERDICT", tr("Verdict"), at("verdict"), text=True),
        ResultValue("BEST", tr("Model with the highest mean overall accuracy"), at("best"), text=True),
        ResultValue(
            "OVERALL_ACCURACY",
            tr("Its mean overall accuracy (0 to 1)"),
            lambda r: r["models"][0]["overall_accuracy"]["mean"],
        ),
        ResultValue(
            "COMPARED",
            tr("Number of models that were compared"),
            lambda r: sum(1 for model in r["models"] if model["status"] == "compared"),
        ),
    )
    HELP = tr(
        "<p>Trains several models, each with several seeds, on the same folds of one scene, and tests which one is "
        "better. For a single map, <i>Train and classify</i> already compares methods and chooses one; use this "
        "to show that one model is better than another.</p>"
        "<h3>What to prepare</h3>"
        "<p>The scene and the labels, as for <i>Train and classify</i>, and the names of two models or more, separated "
        "by commas: <code>lda, svm, spectral_cnn, hybridsn</code>. Settings stand in brackets: "
        "<code>hybridsn(patch_size=11, epochs=20)</code>.</p>"
        "<h3>What comes out</h3>"
        "<ul><li><b>Report</b> (HTML): accuracies with their spread over seeds, times and sizes, accuracies of classes, "
        "and tests of each pair of models, with a sentence on what each test covers.</li>"
        "<li><b>Results</b> (JSON): all figures, also of single trainings.</li></ul>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Permutation of blocks</b>: would the difference be as large if other places had been labelled?</li>"
        "<li><b>Training runs</b>: would it be as large with other random numbers and folds?</li>"
        "<li><b>Holm</b>: p-values adjusted for the number of pairs. Quote these.</li></ul>"
        "<p>Finished trainings are kept next to the results until all are done: a run that was cancelled continues if it "
        "is started again with the same settings and the same name for the results.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        return [
            result["verdict"],
            *(
                tr("{}: overall accuracy {:.1f} %, average accuracy {:.1f} %").format(
                    model["name"],
                    100 * model["overall_accuracy"]["mean"],
                    100 * model["average_accuracy"]["mean"],
                )
                for model in result["models"]
                if model["status"] == "compared"
            ),
        ]

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return [
            tr("{} was not compared: {}").format(model["name"], model["message"])
            for model in result["models"]
            if model["status"] == "failed"
        ]
