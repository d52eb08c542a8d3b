"""Several class maps as one: a virtual raster (.vrt) of GDAL that names them, with their colours and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

import numpy as np
from affine import Affine

from ...classes.class_names import one_line
from ...classes.legend import NODATA_VALUE, Legend
from ...pixels.grid import Grid
from ..legends.style_files import write_class_map_style

_TYPES = {"uint8": "Byte", "uint16": "UInt16"}
_LARGEST_PX = 2**31 - 1
# Sizes of pixels that differ by less are one size.
_SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class MosaicPart:
    """One map of a mosaic: its name relative to the mosaic, and where its pixels lie."""

    name: str
    grid: Grid


def fits_mosaic(grid: Grid) -> bool:
    """Whether a map can be a part of a mosaic: it has a CRS, and its rows run from west to east, the first one northmost."""
    t = grid.transform
    return grid.crs is not None and grid.is_georeferenced and not (t.b or t.d) and t.a > 0 and t.e < 0


def mosaic_grid(parts: Sequence[MosaicPart]) -> Grid | None:
    """The grid that covers all parts with their smallest pixels; None if no raster can be that large.

    All parts lie in one CRS and :func:`fits_mosaic`.
    """
    corners = [(p.grid.transform @ (0, 0), p.grid.transform @ p.grid.shape[::-1]) for p in parts]
    west, north = min(c[0][0] for c in corners), max(c[0][1] for c in corners)
    east, south = max(c[1][0] for c in corners), min(c[1][1] for c in corners)
    width = min(p.grid.pixel_size[0] for p in parts)
    height = min(p.grid.pixel_size[1] for p in parts)
    cols, rows = (max(1, int(np.ceil(edge - 1e-6))) for edge in ((east - west) / width, (north - south) / height))
    if max(cols, rows) > _LARGEST_PX:
        return None
    return Grid(crs=parts[0].grid.crs, transform=Affine(width, 0.0, west, 0.0, -height, north), shape=(rows, cols))


def write_mosaic(path: Path, parts: Sequence[MosaicPart], grid: Grid, legend: Legend) -> tuple[Path, Path]:
    """Write a mosaic of class maps, and names and style next to it; the paths of these two.

    Where maps overlap, the later one lies on top; its pixels without data show those below. Maps with larger pixels are shown by
    nearest neighbour.

    Parameters
    ----------
    path : the ``.vrt`` to be written, in the folder that the names of ``parts`` are relative to.
    grid : of :func:`mosaic_grid`.

    Raises
    ------
    OutputError : the style cannot be written.
    OSError : the mosaic cannot be written.
    """
    rows, cols = grid.shape
    root = ET.Element("VRTDataset", rasterXSize=str(cols), rasterYSize=str(rows))
    ET.SubElement(root, "SRS", dataAxisToSRSAxisMapping="1,2").text = grid.crs
    ET.SubElement(root, "GeoTransform").text = ", ".join(repr(float(n)) for n in grid.transform.to_gdal())
    kind = _TYPES[legend.dtype.name]
    band = ET.SubElement(root, "VRTRasterBand", dataType=kind, band="1")
    ET.SubElement(band, "Description").text = "class"
    ET.SubElement(band, "NoDataValue").text = str(NODATA_VALUE)
    if kind == "Byte":
        _add_palette(band, legend)
    for part in parts:
        _add_source(band, part, grid, kind)
    ET.indent(root)
    path.write_text(ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    return write_class_map_style(path, legend)


def _add_palette(band: ET.Element, legend: Legend) -> None:
    ET.SubElement(band, "ColorInterp").text = "Palette"
    known = {item.value: item for item in legend}
    table = ET.SubElement(band, "ColorTable")
    names = ET.SubElement(band, "CategoryNames")
    for value in range(max(known, default=0) + 1):
        rgb = known[value].rgb if value in known else (0, 0, 0)
        colour = {f"c{i}": str(n) for i, n in enumerate((*rgb, 255 if value in known else 0), start=1)}
        ET.SubElement(table, "Entry", colour)
        ET.SubElement(names, "Category").text = one_line(known[value].name) if value in known else ""


def _add_source(band: ET.Element, part: MosaicPart, grid: Grid, kind: str) -> None:
    rows, cols = part.grid.shape
    left, top = ~grid.transform @ (part.grid.transform @ (0, 0))
    right, bottom = ~grid.transform @ (part.grid.transform @ (cols, rows))
    source = ET.SubElement(band, "ComplexSource")
    ET.SubElement(source, "SourceFilename", relativeToVRT="1").text = part.name
    ET.SubElement(source, "SourceBand").text = "1"
    ET.SubElement(source, "SourceProperties", RasterXSize=str(cols), RasterYSize=str(rows), DataType=kind)
    ET.SubElement(source, "SrcRect", xOff="0", yOff="0", xSize=str(cols), ySize=str(rows))
    place = {"xOff": left, "yOff": top, "xSize": right - left, "ySize": bottom - top}
    ET.SubElement(source, "DstRect", {name: _number(value) for name, value in place.items()})
    ET.SubElement(source, "NODATA").text = str(NODATA_VALUE)


def _number(value: float) -> str:
    """Places that are whole up to rounding are written as whole numbers."""
    whole = round(value)
    return str(whole) if abs(value - whole) < _SAME * max(1.0, abs(value)) else repr(value)
