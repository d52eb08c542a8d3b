"""Algorithm: a class map for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at, count
from ...runs.wording import class_lines
from ...translation import tr
from ..kinds.engine_algorithm import EngineAlgorithm


class ExportMapAlgorithm(EngineAlgorithm):
    """A class map in; a cloud optimized GeoTIFF, polygons and a legend file out, as they are asked for."""

    OPERATION = "export_map"
    TAGS = (
        "COG",
        "GeoPackage",
        "SLD",
        tr("polygonize"),
        tr("vectorize"),
        tr("raster to vector"),
        tr("minimum mapping unit"),
        tr("legend"),
    )
    HELP_PAGE = "exporting-a-map"
    RESULT_VALUES = (
        ResultValue("CLASSES", tr("Number of classes"), count("classes")),
        ResultValue("POLYGON_COUNT", tr("Number of polygons"), at("polygon_count")),
    )
    HELP = tr(
        "<p>Writes a class map, from this plugin or any other program, in formats for other programs.</p>"
        "<h3>What comes out</h3>"
        "<ul><li><b>Cloud optimized GeoTIFF</b>: the map with overviews, quick to draw over a network. Colours and class names "
        "are in the file.</li>"
        "<li><b>Polygons</b>: a GeoPackage with one feature for each area of a class (pixels that touch by edges or corners), "
        "along the edges of the pixels. Fields: class value, class name, colour, pixels, square metres and hectares. It opens in "
        "QGIS with the colours of the map.</li>"
        "<li><b>Legend file</b>: the ending of the name says which. <i>.sld</i> for GeoServer and other map servers, "
        "<i>.clr</i> for programs of ESRI and GRASS, <i>.json</i> and <i>.csv</i> for scripts and tables, <i>.qml</i> for "
        "QGIS.</li></ul>"
        "<h3>Minimum mapping unit</h3>"
        "<p>Smaller areas take the class with which they share the longest border, as in <i>Clean and measure map</i>. It applies "
        "to the polygons only; the GeoTIFF stays as the map.</p>"
        "<h3>How to read it</h3>"
        "<p>Areas are planar in a projected CRS and ellipsoidal in a geographic one. A map without a CRS has no areas: the two "
        "fields stay empty.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        lines = class_lines(result["classes"])
        if result["polygon_count"] is not None:
            lines.append(tr("Polygons: {:,}").format(result["polygon_count"]))
        if result["merged_areas"] is not None:
            left = tr("{:,} remain, as they touch no other class").format(result["small_areas_left"])
            lines.append(
                tr("{:,} small areas joined a neighbour; {}.").format(
                    result["merged_areas"], left if result["small_areas_left"] else tr("none remain")
                )
            )
        return lines

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["notes"])
