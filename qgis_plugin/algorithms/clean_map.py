"""Algorithm: take specks out of a class map, and measure its classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..runs.wording import area_lines
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


class CleanMapAlgorithm(EngineAlgorithm):
    """A class map in; the map without specks and a table of areas out."""

    OPERATION = "clean_map"
    TAGS = (
        tr("sieve"),
        tr("majority filter"),
        tr("minimum mapping unit"),
        tr("area"),
        tr("hectares"),
        tr("generalise"),
        tr("salt and pepper"),
    )
    HELP_PAGE = "cleaning-a-map"
    RESULT_VALUES = (
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("PIXELS", tr("Pixels with a class"), at("pixels")),
        ResultValue("CHANGED_PIXELS", tr("Pixels that changed class"), at("changed_pixels")),
        ResultValue("NODATA_PIXELS", tr("Pixels without a class"), at("nodata_pixels")),
    )
    HELP = tr(
        "<p>Removes single pixels and small areas from a class map, from this plugin or any other program, and "
        "measures the area of each class before and after.</p>"
        "<h3>What to prepare</h3>"
        "<ul><li><b>Class map</b>: a raster of whole numbers in one band. 0 and nodata mean no class.</li>"
        "<li><b>Majority window</b>: each pixel takes the most frequent class in the window around it. In a tie it "
        "keeps its class if that is among the most frequent, otherwise it takes the smallest value. 3 or 5 is enough "
        "for most maps; larger windows round off corners and remove narrow shapes.</li>"
        "<li><b>Minimum area</b>: smaller areas of one class (pixels that touch by edges or corners) take the class "
        "with which they share the longest border, the smallest areas first. All other pixels stay unchanged. If you "
        "set both, the majority filter is applied first.</li>"
        "<li>To measure areas only, leave both empty and skip the output.</li></ul>"
        "<h3>What comes out</h3>"
        "<p>A <b>cleaned map</b> with the names and colours of the map and, if you ask for it, a <b>table of "
        "areas</b> (CSV): pixels, hectares and share of each class before and after. Pixels without a class stay "
        "without one and have no vote.</p>"
        "<h3>How to read it</h3>"
        "<ul><li>Areas are planar in a projected CRS and ellipsoidal in a geographic one. A map without a CRS has no "
        "areas: set the minimum area in pixels.</li>"
        "<li>The area in a map is not the area on the ground: classes that are confused with others come out too "
        "large or too small. <i>Assess map</i> shows which.</li>"
        "<li>A clean map is not necessarily an accurate one. Assess the cleaned map, not the original.</li></ul>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = area_lines(result["classes"])
        if result["output"] is not None:
            lines.append(tr("{:,} of {:,} pixels changed class.").format(result["changed_pixels"], result["pixels"]))
        if result["merged_areas"] is not None:
            left = tr("{:,} remain, as they touch no other class").format(result["small_areas_left"])
            lines.append(
                tr("{:,} small areas joined a neighbour; {}.").format(
                    result["merged_areas"], left if result["small_areas_left"] else tr("none remain")
                )
            )
        return lines
