"""GDAL's persistent auxiliary metadata (PAM) of a class map: names and colours next to the raster.

``map.tif.aux.xml`` holds category names and a thematic raster attribute table. rasterio has no call for
either, hence the XML here. GDAL, QGIS from 3.40 on and most other programs read it; here it is read with whatever else
names the classes of a raster, see :mod:`hsi_engine.io.labels.rasters.classes`.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

from ...classes.class_names import one_line
from ...classes.legend import Legend
from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml

# Field types and usages of GDALRasterAttributeTable (gdal.h: GDALRATFieldType, GDALRATFieldUsage).
_INTEGER, _STRING = "0", "2"
_USAGE_NAME, _USAGE_VALUE, _USAGE_RED, _USAGE_GREEN, _USAGE_BLUE = "2", "5", "6", "7", "8"
_COLUMNS = (
    ("Value", _INTEGER, _USAGE_VALUE),
    ("Class", _STRING, _USAGE_NAME),
    ("Red", _INTEGER, _USAGE_RED),
    ("Green", _INTEGER, _USAGE_GREEN),
    ("Blue", _INTEGER, _USAGE_BLUE),
)


def pam_path(raster: str | Path) -> Path:
    """The name GDAL expects next to ``raster``."""
    raster = Path(raster)
    return raster.with_name(raster.name + ".aux.xml")


def pam_xml(legend: Legend, *, kept: tuple[ET.Element, ...] = ()) -> str:
    """GDAL's auxiliary metadata for band 1: category names and a thematic attribute table.

    Category names count from value 0, whose name stays empty, as do the values between classes; they are
    left out of uint16 maps, where they could be 65,536. ``kept`` are further elements of the dataset.
    """
    root = ET.Element("PAMDataset")
    root.extend(kept)
    band = ET.SubElement(root, "PAMRasterBand", band="1")
    ET.SubElement(band, "Description").text = "class"
    if len(legend) and legend.dtype.itemsize == 1:
        names = {c.value: c.name for c in legend}
        categories = ET.SubElement(band, "CategoryNames")
        for value in range(max(names) + 1):
            ET.SubElement(categories, "Category").text = one_line(names.get(value, ""))
    table = ET.SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    for index, (name, kind, usage) in enumerate(_COLUMNS):
        column = ET.SubElement(table, "FieldDefn", index=str(index))
        ET.SubElement(column, "Name").text = name
        ET.SubElement(column, "Type").text = kind
        ET.SubElement(column, "Usage").text = usage
    for index, item in enumerate(legend):
        row = ET.SubElement(table, "Row", index=str(index))
        for cell in (str(item.value), one_line(item.name), *map(str, item.rgb)):
            ET.SubElement(row, "F").text = cell
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def attribute_table_element(raster: Path) -> ET.Element | None:
    """The attribute table of band 1 in the ``.aux.xml`` of a raster as it stands there; None if there is none.

    GDAL itself cuts colours to whole numbers when it reads one, those from 0 to 1 of some programs to 0.
    """
    root = _parse(pam_path(raster))
    return None if root is None else root.find("PAMRasterBand[@band='1']/GDALRasterAttributeTable")


def _parse(pam: Path) -> ET.Element | None:
    try:
        return parse_xml(pam.read_bytes())
    except (OSError, ForeignTextError):
        return None


def dataset_elements(pam: Path) -> tuple[ET.Element, ...]:
    """What an ``.aux.xml`` states about the dataset as a whole, not about a band; empty without such a file."""
    root = _parse(pam)
    return () if root is None else tuple(element for element in root if element.tag != "PAMRasterBand")
