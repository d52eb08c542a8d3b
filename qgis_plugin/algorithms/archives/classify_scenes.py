"""Algorithm: map all scenes of a folder with a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputHtml

from ...engine.operations import LayerDescription
from ...results import OutputLayer, add_results
from ...runs.result_values import ResultValue, at
from ...runs.wording import class_lines
from ...translation import counted, tr
from ..kinds.engine_algorithm import EngineAlgorithm

_MAP = LayerDescription(name="classes", content="class_map", shown=True)
_WITHOUT_MAP = ("failed", "refused")


class ClassifyScenesAlgorithm(EngineAlgorithm):
    """A folder of scenes and a model file in; a folder of class maps and a page about them out."""

    OPERATION = "classify_scenes"
    TAGS = (tr("batch"), tr("archive"), tr("hyperspectral"), tr("class map"), tr("mosaic"), "STAC")
    HELP_PAGE = "many-scenes"
    # For job arrays and clusters, which no desktop starts.
    HIDDEN = frozenset({"SHARD", "WRITE_SLURM", "SCHEDULER", "DASK_LOCAL"})
    # More would cover one another and take long to draw; mosaics show all of them.
    MOST_LAYERS: ClassVar[int] = 10
    RESULT_VALUES = (
        ResultValue("MAPPED", tr("Scenes mapped in this run"), at("done")),
        ResultValue("SKIPPED", tr("Scenes that had their map"), at("skipped")),
        ResultValue("FAILED", tr("Scenes that failed"), at("failed")),
        ResultValue("REFUSED", tr("Scenes that were refused"), at("refused")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = tr(
        "<p>Maps every scene of a folder with one model, several at the same time, and reports on each. A scene that is "
        "broken or does not fit the model is named in the log, and the others continue.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Scenes</b>: a folder. A pattern (<code>flights/**/*.hdr</code>), a list with one path per line "
        "(<code>.txt</code>) or a STAC ItemCollection (<code>.json</code>) may be typed instead.</li>"
        "<li><b>A model file</b> (.hsimodel) that fits all of them, see <i>Classify scene</i>.</li></ul>"
        "<h3>What comes out</h3>"
        "<ul><li>A <b>class map</b> with colours for each scene, and a STAC Item; <b>Further rasters</b> adds others, such as "
        "<code>confidence</code>. Up to ten maps are added to the project, and the mosaics in their place if there are more.</li>"
        "<li>A <b>mosaic</b> (.vrt) for each CRS.</li>"
        "<li>A <b>summary page</b>: areas of the classes, pictures, and the scenes without a map with the reason.</li></ul>"
        "<p>Start it again with the same settings to resume after a cancel: scenes that have their map are skipped. "
        "<b>Dry run</b> (Advanced Parameters) only lists what would be mapped or refused, and how long it takes.</p>"
    )

    def __init__(self) -> None:
        super().__init__()
        self._layers: list[OutputLayer] = []

    def initAlgorithm(self, configuration: Mapping[str, Any] | None = None) -> None:
        super().initAlgorithm(configuration)
        self.addOutput(QgsProcessingOutputHtml("PAGE", tr("Summary of all scenes")))

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        values = super().processAlgorithm(parameters, context, feedback)
        many = len(self._result["maps"]) > self.MOST_LAYERS
        self._layers = [
            OutputLayer("OUTPUT", self.displayName(), path, _MAP)
            for path in self._result["mosaics" if many else "maps"]
        ]
        for layer in self._layers:
            name = Path(layer.destination).stem
            details = QgsProcessingContext.LayerDetails(name, context.project(), name)
            context.addLayerToLoadOnCompletion(layer.destination, details)
        return {**values, "PAGE": self._result["page"]}

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        add_results(context, feedback, self._layers, "")
        return {}

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        scenes = counted(result["done"], tr("scene"), tr("scenes"))
        lines = [tr("{} mapped, {} had their map.").format(scenes, result["skipped"])]
        if result["ready"]:
            lines = [tr("{} would be mapped.").format(counted(result["ready"], tr("scene"), tr("scenes")))]
        if result["estimate"] is not None:
            found = result["estimate"]
            size = found["bytes"]
            text = tr("Estimate: {:,.0f} s, {:,.1f} MB.") if size >= 1e6 else tr("Estimate: {:,.0f} s, {:,.0f} kB.")
            lines.append(text.format(found["seconds"], size / (1e6 if size >= 1e6 else 1e3)))
        return [*lines, *(class_lines(result["classes"]) if result["maps"] else ())]

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        # In the words in which the engine said it as it worked, so that it is said once.
        return [
            f"{scene['scene']} {scene['status']}: {scene['message']} {scene['hint']}".rstrip()
            for scene in result["scenes"]
            if scene["status"] in _WITHOUT_MAP
        ]

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return [tr("compare some of the maps with places you know: run Assess map.")] if result["maps"] else []
