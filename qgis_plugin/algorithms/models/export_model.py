"""Algorithm: a model as files for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at, count
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm


class ExportModelAlgorithm(EngineAlgorithm):
    """A model file in; ONNX graphs, a STAC item and a model card out."""

    OPERATION = "export_model"
    TAGS = ("ONNX", "STAC", "MLM", tr("model card"), tr("share"), tr("publish"), tr("catalogue"), "hsimodel")
    HELP_PAGE = "using-a-model-elsewhere"
    VISIBLE = ("MODEL", "SCENE")
    RESULT_VALUES = (
        ResultValue("GRAPHS", tr("Number of ONNX graphs"), count("graphs")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = tr(
        "<p>Writes a model file for other programs, catalogues and people. It takes seconds.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Model file</b> (.hsimodel).</li>"
        "<li><b>Scene</b>, if you want the graphs to be compared with the model on its pixels. Otherwise they are compared on "
        "spectra like those of the training.</li>"
        "<li>For ONNX, the packages onnx and onnxruntime in the engine's environment; without them the log says what to "
        "install.</li></ul>"
        "<h3>What comes out</h3>"
        "<ul><li><b>ONNX graph of patches</b>: takes patches of the scene's values and returns scores and probabilities of their "
        "centre pixels. Scaling and reduction are inside.</li>"
        "<li><b>ONNX graph of images</b>: takes images of any size and returns scores and probabilities of that size.</li>"
        "<li><b>STAC item</b>: describes the model in JSON for catalogues, with the Machine Learning Model extension.</li>"
        "<li><b>Model card</b>: a Markdown page on purpose, classes, training, accuracy and limits.</li></ul>"
        "<h3>How to read it</h3>"
        "<p>The log states by how much the scores of a graph differ from those of the model. If they differ by more than "
        "rounding, nothing is written. A graph maps scenes in <i>Classify scene</i> as the model does.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        return [
            tr("{}: agrees with the model on {} pixels, scores differ by up to {:.1g}").format(
                graph["path"], graph["pixels_compared"], graph["largest_difference"]
            )
            for graph in result["graphs"]
        ]
