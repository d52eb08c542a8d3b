"""Algorithm: what a model is, and whether it fits a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at, count
from ...runs.wording import percent
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm


class ModelInformationAlgorithm(EngineAlgorithm):
    """A model file and, if wanted, a scene in; a verdict, facts and a page out."""

    OPERATION = "model_information"
    TAGS = (
        tr("model"),
        tr("accuracy"),
        tr("classes"),
        tr("legend"),
        tr("sensor"),
        tr("compatible"),
        tr("wavelengths"),
        "hsimodel",
    )
    HELP_PAGE = "models"
    REPORT_TITLE = tr("Model page")
    VISIBLE = ("MODEL", "SCENE")
    RESULT_VALUES = (
        ResultValue("SUMMARY", tr("What the model is"), at("method"), text=True),
        ResultValue("VERDICT", tr("fits, fits_with_remarks or does_not_fit"), at("fit", "verdict"), text=True),
        ResultValue("FITS", tr("The model fits the scene (0 or 1)"), lambda r: _fits(r)),
        ResultValue("REASON", tr("Whether it fits, in one sentence"), at("fit", "headline"), text=True),
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("OVERALL_ACCURACY", tr("Overall accuracy (0 to 1)"), at("accuracy", "overall")),
        ResultValue("MEASURED", tr("How the accuracy was measured"), at("accuracy", "measured"), text=True),
        ResultValue("PATCH_SIZE", tr("Neighbourhood (px)"), at("neighbourhood_px")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = tr(
        "<p>Describes a model file (.hsimodel, or .onnx from <i>Export model</i>) and, if you choose a scene, compares the two. It takes seconds.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Model file</b>: from the list, if you chose a folder of models in <i>Settings ▸ Options ▸ HSI "
        "Classifier</i>, or any other file.</li>"
        "<li><b>Scene</b>, if you want to know whether the model fits it. The checks are those that <i>Classify scene</i> "
        "makes.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>report</b> (HTML): whether the model fits, each class with its colour and how well it is found, how the "
        "accuracy was measured, the training scene, and what the model looks at. The log has a summary.</p>"
        "<h3>How to read it</h3>"
        "<ul><li><b>Does not fit</b>: bands are missing, so that no map can be made, or the values are in another unit, so that "
        "the map would be wrong.</li>"
        "<li><b>Remark</b>: a map can be made, but check it carefully: the pixel size differs, or the spectra are unlike those of the "
        "training.</li>"
        "<li><b>Not known</b>: the scene or the model does not say, as with models of earlier versions.</li></ul>"
        "<p>Nothing in a model file is executed. You may look at one that somebody sent you.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = []
        if result["fit"] is not None:
            lines += [] if _remarks(result) else [result["fit"]["headline"]]
            lines += [f"{check['title']}: {check['text']}" for check in result["fit"]["checks"]]
        scene = result["trained_on"]
        trained = [tr("Method: {}.").format(result["method"])]
        if scene["name"]:
            trained.append(tr("Trained on: {}.").format(scene["name"]))
        lines += [*trained, result["accuracy"]["sentence"], tr("Classes:")]
        lines += [_class_line(c) for c in result["classes"]]
        return lines

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        """Said at the end of the log, so that it is seen."""
        if not _remarks(result):
            return []
        checks = [c for c in result["fit"]["checks"] if c["level"] in ("problem", "remark")]
        hints = dict.fromkeys(check["hint"] for check in checks if check["hint"])
        return [result["fit"]["headline"], *hints]


def _remarks(result: Mapping[str, Any]) -> bool:
    """Whether there is something to say against a scene."""
    return result["fit"] is not None and result["fit"]["verdict"] != "fits"


def _fits(result: Mapping[str, Any]) -> int | None:
    return None if result["fit"] is None else int(result["fit"]["verdict"] != "does_not_fit")


def _class_line(item: Mapping[str, Any]) -> str:
    found = item["producers_accuracy"]
    share = tr("accuracy not known") if found is None else tr("{} of its tested pixels found").format(percent(found))
    return f"{item['value']:>5}  {item['name']} ({item['color']}): {share}"
