"""Algorithm: a scene in true colour, near infrared or short-wave infrared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
)

from ..forms.values import FormValues
from ..results import SceneColours, on_main_thread, show_scene
from ..runs.result_values import ResultValue, at
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


def _band(place: int) -> Any:
    """Reader of the number of a band; a scene in grey shows the same one three times."""
    return lambda result: result["channels"][min(place, len(result["channels"]) - 1)]["band"]


class ColourSceneAlgorithm(EngineAlgorithm):
    """A scene in; its layer in colour, and a style or a picture if they are asked for."""

    OPERATION = "colour_scene"
    TAGS = (
        tr("true colour"),
        tr("natural colour"),
        tr("false colour"),
        tr("near infrared"),
        tr("short-wave infrared"),
        tr("composite"),
        tr("quick look"),
        tr("stretch"),
        "RGB",
        "CIR",
        "SWIR",
    )
    HELP_PAGE = "seeing-a-scene"
    VISIBLE = ("SCENE", "COMPOSITE")
    RESULT_VALUES = (
        ResultValue("TITLE", tr("Composite that is shown"), at("title"), text=True),
        ResultValue("RED_BAND", tr("Number of the band shown in red"), _band(0)),
        ResultValue("GREEN_BAND", tr("Number of the band shown in green"), _band(1)),
        ResultValue("BLUE_BAND", tr("Number of the band shown in blue"), _band(2)),
    )
    HELP = tr(
        "<p>Finds the bands of a composite by their wavelengths, stretches each from its 2nd to its 98th percentile, and shows "
        "the layer of the scene that way.</p>"
        "<h3>Composites</h3>"
        "<ul><li><b>True colour</b> (650, 550, 470 nm): about what the eye sees.</li>"
        "<li><b>Near infrared</b> (860, 650, 550 nm): vegetation is red, water dark, built-up and bare ground cyan to "
        "grey.</li>"
        "<li><b>Short-wave infrared</b> (2200, 860, 650 nm): vegetation is green, bare and dry ground pink to brown; haze "
        "hardly shows.</li>"
        "<li><b>Automatic</b>: the first of these that the wavelengths allow; bands spread over the scene if there are no "
        "wavelengths.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>The layer gets a style named after the composite. The style it had stays: choose it again with a right click on "
        "the layer, <b>Styles</b>. A scene that is not in the project is added to it.</p>"
        "<p>If you ask for them: the style as a file, a picture, and an 8-bit GeoTIFF for programs that know nothing of "
        "wavelengths.</p>"
        "<p>To do the same without this form, right-click a raster layer and choose <b>HSI Classifier</b>.</p>"
    )

    def __init__(self) -> None:
        super().__init__()
        self._layer_id = ""
        self._layer_name = ""
        self._layer_source = ""

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        prepared = super().prepareAlgorithm(parameters, context, feedback)
        layer = FormValues(self, parameters, context).raster("SCENE")
        if layer is not None:
            self._layer_id, self._layer_name, self._layer_source = layer.id(), layer.name(), layer.source()
        return prepared

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """The layer gets its colours; a scene that is not in the project is loaded with them."""
        results = super().postProcessAlgorithm(context, feedback)
        if not self._result:
            return results
        colours = SceneColours.of_result(self._result)
        project, layer_id = context.project() or QgsProject.instance(), self._layer_id
        if layer_id in project.mapLayers():
            feedback.pushInfo(
                tr("Layer '{layer}' is shown in the style “{title}”.").format(
                    layer=self._layer_name, title=colours.title
                )
            )
            on_main_thread(lambda: _show_if_still_there(project, layer_id, colours))
            return results
        layer = QgsRasterLayer(self._layer_source, self._layer_name)
        if layer.isValid():
            show_scene(layer, colours)
            context.temporaryLayerStore().addMapLayer(layer)
            details = QgsProcessingContext.LayerDetails(self._layer_name, project, "")
            context.addLayerToLoadOnCompletion(layer.id(), details)
        else:
            feedback.pushWarning(
                tr(
                    "QGIS cannot open this scene, so no layer shows its colours. Choose a file for the colour image to see them."
                )
            )
        return results

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = [tr("Composite: {}").format(result["title"])]
        for channel in result["channels"]:
            place = "" if channel["wavelength_nm"] is None else f" ({channel['wavelength_nm']:.1f} nm)"
            lines.append(
                tr("{colour}: band {band}{place}, from {low:.6g} to {high:.6g}").format(
                    colour=channel["colour"].capitalize(),
                    band=channel["band"],
                    place=place,
                    low=channel["shown_low"],
                    high=channel["shown_high"],
                )
            )
        return lines


def _show_if_still_there(project: QgsProject, layer_id: str, colours: SceneColours) -> None:
    layer = project.mapLayer(layer_id)
    if isinstance(layer, QgsRasterLayer) and layer.isValid():
        show_scene(layer, colours)
