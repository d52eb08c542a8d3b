"""Algorithm: map a scene with a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..runs.wording import class_lines
from ..translation import counted, tr
from .kinds.engine_algorithm import EngineAlgorithm


class ClassifySceneAlgorithm(EngineAlgorithm):
    """A scene and a model file in; a class map with names and colours out."""

    OPERATION = "classify_scene"
    TAGS = (tr("hyperspectral"), tr("class map"), tr("land cover"), tr("prediction"))
    HELP_PAGE = "another-scene"
    CHECKED_SCENES = ("scene",)
    REPORT_TITLE = tr("Map report")
    HIDDEN = frozenset({"PROCESSES"})
    RESULT_VALUES = (
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("UNCLASSIFIED_PIXELS", tr("Pixels below the minimum confidence"), at("unclassified_pixels")),
        ResultValue("NODATA_PIXELS", tr("Pixels without data"), at("nodata_pixels")),
        ResultValue("MODEL_ID", tr("Model ID"), at("model_id"), text=True),
    )
    HELP = tr(
        "<p>Gives every pixel of a hyperspectral scene the class that a trained model finds most likely, and adds the "
        "map to the project with the class names and colours used in training.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>A scene</b> of the sensor and the processing level (radiance or reflectance) the model was "
        "trained on. Its bands are matched to those of the model by wavelength if both have wavelengths, otherwise by "
        "number; a scene that does not match is refused. Size, CRS and location may differ.</li>"
        "<li><b>A model file</b> (.hsimodel), made by <i>Train classifier</i> or <i>Train and classify</i>. It "
        "contains everything needed: bands, method and legend.</li></ul>"
        "<h3>What comes out</h3>"
        "<ul><li><b>Class map</b>: GeoTIFF on the grid of the scene, or of a part of it. 0 is “no data or not "
        "classified”.</li>"
        "<li><b>Confidence</b>: the highest class probability of each pixel, 0 to 1. It ranks pixels by how sure the "
        "method is; in another scene it is not the chance that the map is right.</li>"
        "<li><b>Map faded by confidence</b>: the map in its colours, the more transparent the less sure the method is.</li>"
        "<li><b>Probabilities</b>: one band per class.</li>"
        "<li><b>Map before smoothing</b>: the classes before the map is smoothed.</li>"
        "<li><b>Area of applicability</b> and <b>Dissimilarity</b>: where the scene is like the training pixels, as far as "
        "spectra tell, and how unlike them it is.</li>"
        "<li><b>Set size</b> and <b>Prediction sets</b>: how many classes a pixel may have, and which, such that the right one "
        "is among them for the stated <b>Coverage</b>.</li>"
        "<li><b>Report</b> (HTML), if you ask for it: the map next to the scene, the area of each class, and what is known of "
        "the accuracy of the model.</li></ul>"
        "<p><b>Extent</b> and <b>Mask</b> (Advanced Parameters) map only part of the scene, in a fraction of the "
        "time. The pixels are the same as in a map of the whole scene. Outside a mask the map has no data.</p>"
        "<p><b>Second raster</b> (Advanced Parameters): a model that was trained with one needs it. If it was trained with "
        "modality dropout, it also maps from the scene alone, or with <b>Map from the second raster alone</b> from the "
        "second raster, which is then chosen as scene.</p>"
        "<h3>How to read it</h3>"
        "<p>A model knows only the classes it was trained on: any other land cover gets the nearest of these, often "
        "with low confidence. <b>Minimum confidence</b> leaves such pixels unclassified. Only a comparison with "
        "reference data of this scene shows how good the map is: use <i>Assess map</i>.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = class_lines(result["classes"])
        if result["unclassified_pixels"]:
            unclassified = counted(result["unclassified_pixels"], tr("pixel is"), tr("pixels are"))
            lines.append(tr("{} unclassified because of low confidence.").format(unclassified))
        if result["smoothed_pixels"] is not None:
            lines.append(tr("Smoothing changed the class of {}.").format(_pixels(result["smoothed_pixels"])))
        if result["nodata_pixels"]:
            lines.append(tr("No data: {}.").format(_pixels(result["nodata_pixels"])))
        if result["outside_pixels"]:
            lines.append(tr("Outside the mask: {}.").format(_pixels(result["outside_pixels"])))
        return lines

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        return [tr("compare the map with places you know: run Assess map.")]


def _pixels(count: int) -> str:
    return counted(count, tr("pixel"), tr("pixels"))
