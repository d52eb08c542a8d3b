"""The style of polygons of classes in QGIS."""

from __future__ import annotations

from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.class_names import one_line
from ...classes.legend import Legend
from .style_files import document

_FILL = {"style": "solid", "outline_style": "no"}


def class_polygons_qml(legend: Legend, field: str) -> str:
    """A style that paints polygons by the class values in ``field``, in the order of the legend, without outlines."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories", labelsEnabled="0")
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=field, symbollevels="0")
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for number, item in enumerate(legend):
        ET.SubElement(
            categories,
            "category",
            symbol=str(number),
            value=str(item.value),
            label=one_line(item.name),
            render="true",
            type="integer",
        )
        symbol = ET.SubElement(symbols, "symbol", type="fill", name=str(number), alpha="1", clip_to_extent="1")
        layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0"})
        options = ET.SubElement(layer, "Option", type="Map")
        for key, value in ({"color": ",".join(map(str, (*item.rgb, 255)))} | _FILL).items():
            ET.SubElement(options, "Option", name=key, value=value, type="QString")
    ET.SubElement(root, "layerGeometryType").text = "2"
    return document(root)
