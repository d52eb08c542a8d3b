"""GDAL's persistent auxiliary metadata (PAM) of a class map: names and colours beside the raster.

``map.tif.aux.xml`` holds category names and a thematic raster attribute table. rasterio has no call for
either, hence the XML here. GDAL, QGIS from 3.40 on and most other programs read it.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - see where it parses

from ..legend import MAX_VALUE, Legend

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
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def pam_path(raster: str | Path) -> Path:
    """The name GDAL expects beside ``raster``."""
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


def read_pam_classes(raster: str | Path) -> dict[int, tuple[str, str | None]]:
    """Names and colours (``#rrggbb`` or None) by value from the ``.aux.xml`` of a raster; empty without one.

    The attribute table comes first; category names serve where there is none. Values that cannot be those
    of a class (0, negative, beyond 65535) are left out.
    """
    root = _parse(pam_path(raster))
    band = root.find("PAMRasterBand[@band='1']") if root is not None else None
    if band is None:
        return {}
    found = _classes_of_table(band.find("GDALRasterAttributeTable"))
    if not found:
        names = [element.text or "" for element in band.iterfind("CategoryNames/Category")]
        found = {value: (name, None) for value, name in enumerate(names) if name}
    return {value: entry for value, entry in found.items() if 1 <= value <= MAX_VALUE}


def one_line(name: str) -> str:
    """The name on one line, without the characters that XML 1.0 does not allow."""
    return " ".join(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", name).split())


def _parse(pam: Path) -> ET.Element | None:
    try:
        return ET.fromstring(pam.read_bytes())  # noqa: S314  # nosec B314 - expat itself limits entity expansion since 2.4
    except (OSError, ET.ParseError):
        return None


def dataset_elements(pam: Path) -> tuple[ET.Element, ...]:
    """What an ``.aux.xml`` says about the dataset as a whole, not about a band; empty without such a file."""
    root = _parse(pam)
    return () if root is None else tuple(element for element in root if element.tag != "PAMRasterBand")


def _classes_of_table(table: ET.Element | None) -> dict[int, tuple[str, str | None]]:
    if table is None:
        return {}
    usages = [element.findtext("Usage") for element in table.iterfind("FieldDefn")]
    if _USAGE_VALUE not in usages or _USAGE_NAME not in usages:
        return {}
    found: dict[int, tuple[str, str | None]] = {}
    for row in table.iterfind("Row"):
        cells = [element.text or "" for element in row.iterfind("F")]
        by_usage = dict(zip(usages, cells, strict=False))
        try:
            value = int(float(by_usage[_USAGE_VALUE]))
        except (KeyError, ValueError):
            continue
        found[value] = (by_usage.get(_USAGE_NAME) or str(value), _colour(by_usage))
    return found


def _colour(by_usage: dict[str | None, str]) -> str | None:
    try:
        rgb = [int(float(by_usage[usage])) for usage in (_USAGE_RED, _USAGE_GREEN, _USAGE_BLUE)]
    except (KeyError, ValueError):
        return None
    return "#{:02x}{:02x}{:02x}".format(*rgb) if all(0 <= channel <= 255 for channel in rgb) else None
