"""Legends as files for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.class_names import one_line, shown_in_cell
from ...classes.legend import Legend
from .style_files import qml

_SLD = "http://www.opengis.net/sld"


def legend_text(legend: Legend, suffix: str, name: str) -> str:
    """A legend as the text of a file.

    Parameters
    ----------
    suffix : what the file ends in, one of :data:`LEGEND_SUFFIXES`.
    name : what the map is called, for formats that name layers.
    """
    return _WRITERS[suffix.lower()](legend, name)


def _json(legend: Legend, name: str) -> str:
    return json.dumps(legend.to_json(), ensure_ascii=False, indent=2) + "\n"


def _csv(legend: Legend, name: str) -> str:
    text = io.StringIO()
    rows = [[c.value, shown_in_cell(one_line(c.name)), c.colour, *c.rgb] for c in legend]
    csv.writer(text, lineterminator="\n").writerows([["value", "name", "color", "red", "green", "blue"], *rows])
    return text.getvalue()


def _colour_file(legend: Legend, name: str) -> str:
    """Value, red, green, blue and name, as ESRI's programs and GRASS read it."""
    return "".join(f"{c.value} {' '.join(map(str, c.rgb))} {one_line(c.name)}\n" for c in legend)


def _sld(legend: Legend, name: str) -> str:
    """A Styled Layer Descriptor (OGC 02-070, version 1.0.0) of a raster, as map servers such as GeoServer read it."""
    root = ET.Element("StyledLayerDescriptor", {"version": "1.0.0", "xmlns": _SLD, "xmlns:sld": _SLD})
    layer = ET.SubElement(root, "NamedLayer")
    ET.SubElement(layer, "Name").text = name
    style = ET.SubElement(layer, "UserStyle")
    ET.SubElement(style, "Name").text = name
    rule = ET.SubElement(ET.SubElement(style, "FeatureTypeStyle"), "Rule")
    raster = ET.SubElement(rule, "RasterSymbolizer")
    ET.SubElement(raster, "Opacity").text = "1.0"
    colours = ET.SubElement(raster, "ColorMap", type="values")
    ET.SubElement(colours, "ColorMapEntry", color="#000000", quantity="0", opacity="0.0", label="no data")
    for c in legend:
        ET.SubElement(colours, "ColorMapEntry", color=c.colour, quantity=str(c.value), label=one_line(c.name))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _style(legend: Legend, name: str) -> str:
    return qml(legend)


_WRITERS: Mapping[str, Callable[[Legend, str], str]] = {
    ".sld": _sld,
    ".json": _json,
    ".csv": _csv,
    ".clr": _colour_file,
    ".qml": _style,
}
LEGEND_SUFFIXES = tuple(_WRITERS)


def write_legend(path: Path, legend: Legend, name: str) -> None:
    """Write the file whose ending says the format; OSError if that fails."""
    path.write_text(legend_text(legend, path.suffix, name), encoding="utf-8", newline="")
