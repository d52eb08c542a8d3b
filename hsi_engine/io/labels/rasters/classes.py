"""What a raster states about its classes, whichever program wrote it: names and colours by value.

Read in this order, the later before the earlier: the colour table; category names (ENVI and IDRISI headers, VRT, .aux.xml); the legend of
a PCRaster map;
the attributes ``flag_values`` and ``flag_meanings`` of the CF conventions (netCDF); an attribute table, of the file (ERDAS,
.aux.xml) or of ESRI next to it (.vat.dbf); a tag CLASS_NAMES; a colour file next to it (.clr); a QGIS style next to it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

import rasterio.shutil
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from ....classes.class_names import is_named, one_line
from ....classes.legend import MAX_VALUE, NODATA_VALUE
from ....errors import LabelError
from ....foreign.text import ForeignTextError
from ....foreign.xml_text import parse_xml
from ...files.dbf_encoding import DbfTexts, dbf_texts
from ...files.sidecars import beside
from ...files.source_names import is_gdal_name
from ...legends.attribute_table import AttributeTable, Column
from ...legends.colour_file import read_colour_file
from ...legends.legend_files import style_names_and_colours
from ...legends.pam import attribute_table_element
from ...legends.qml_reader import read_qml
from ...rasters.band_tags import normal_keys
from ...rasters.envi_headers import envi_header_notes
from ...rasters.pcraster import pcraster_legend
from .envi_class_names import envi_class_names
from .flags import classes_of_flags
from .names_tag import classes_of_tag
from .raster_classes import RasterClasses


def read_raster_classes(dataset: Any, path: Path, occurring: Sequence[int]) -> RasterClasses:
    """Names and colours of the classes of an open raster.

    Parameters
    ----------
    dataset : as rasterio opened it; its first band holds the classes.
    path : its path, for the files next to it.
    occurring : the values in it, 0 too if it is there.
    """
    names: dict[int, str] = {}
    colours, notes = _colour_table(dataset, occurring)
    if dataset.driver == "ENVI" and not is_gdal_name(path):
        notes += envi_header_notes(path)
    band, decoded = _band_xml(dataset, path)
    notes += decoded
    for found, said in (
        classes_of_tag(dataset, path),
        _of_categories(dataset, band, path, decoded=bool(decoded)),
        _of_pcraster(dataset, path),
        classes_of_flags(dataset, path),
        _of_table(band, path, occurring),
        _of_colour_file(path),
        _of_style(path, occurring),
    ):
        names |= found.names
        colours |= found.colours
        notes += [*found.notes, *([said] if found.names or found.colours else [])]
    named = {value: name for value, name in names.items() if is_named(value, name)}
    return RasterClasses(names=named, colours=colours, notes=tuple(dict.fromkeys(notes)))


def colour_table(dataset: Any) -> dict[int, tuple[int, ...]]:
    """The colour table of the first band by value (red, green, blue, alpha); empty without one."""
    try:
        return dict(dataset.colormap(1))
    except ValueError:  # rasterio's way to say that there is none
        return {}


def _colour_table(dataset: Any, occurring: Sequence[int]) -> tuple[dict[int, str], list[str]]:
    table = colour_table(dataset)
    colours = {v: "#{:02x}{:02x}{:02x}".format(*table[v]) for v in occurring if v in table and v != NODATA_VALUE}
    if len(set(colours.values())) < len(colours):
        return {}, ["The colour table gives the same colour to several classes; it is not used."]
    return colours, []


def _of_categories(dataset: Any, band: ET.Element | None, path: Path, *, decoded: bool) -> tuple[RasterClasses, str]:
    """Category names, which count from value 0."""
    found = [] if band is None else [one_line(item.text or "") for item in band.iterfind("CategoryNames/Category")]
    categories: Sequence[str] = found
    notes: tuple[str, ...] = ()
    header = normal_keys(dataset.tags(ns="ENVI")) if dataset.driver == "ENVI" else {}
    if "class_names" in header or decoded:  # rasterio leaves out an entry that is not in UTF-8
        categories, notes = envi_class_names(header, found, path.name)
    names = {value: name for value, name in enumerate(categories) if name and value <= MAX_VALUE}
    return RasterClasses(names=names, notes=notes), f"Class names come from the category names of {path.name}."


def _of_table(band: ET.Element | None, path: Path, occurring: Sequence[int]) -> tuple[RasterClasses, str]:
    """The attribute table that GDAL reads, otherwise that of ESRI next to the file."""
    element = attribute_table_element(path)
    if element is None and band is not None:
        element = band.find("GDALRasterAttributeTable")
    found = {} if element is None else AttributeTable.of_xml(element).classes(occurring)
    place, notes = path.name, tuple[str, ...]()
    if not found:
        file = None if is_gdal_name(path) else beside(path, (f"{path.name}.vat.dbf", f"{path.stem}.vat.dbf"))
        texts = DbfTexts() if file is None else dbf_texts(file)
        notes = (texts.note,) if texts.note else ()
        if file is not None and not texts.readable:
            return RasterClasses(notes=(f"{texts.note} Until then its class names are not used.",)), ""
        if file is not None:
            found, place = _esri_table(file, texts.encoding).classes(occurring), file.name
    names = {value: name for value, (name, _) in found.items()}
    colours = {value: colour for value, (_, colour) in found.items() if colour and value != NODATA_VALUE}
    notes = notes if names else ()
    return RasterClasses(
        names=names, colours=colours, notes=notes
    ), f"Class names come from the attribute table of {place}."


def _of_pcraster(dataset: Any, path: Path) -> tuple[RasterClasses, str]:
    found = pcraster_legend(path) if dataset.driver == "PCRaster" and not is_gdal_name(path) else {}
    names = {value: one_line(name) for value, name in found.items() if 0 <= value <= MAX_VALUE and one_line(name)}
    return RasterClasses(names=names), f"Class names come from the legend of {path.name}."


def _of_colour_file(path: Path) -> tuple[RasterClasses, str]:
    file = None if is_gdal_name(path) else beside(path, (f"{path.stem}.clr", f"{path.name}.clr"))
    if file is None:
        return RasterClasses(), ""
    names, colours, notes = read_colour_file(file)
    kept = {value: colour for value, colour in colours.items() if 1 <= value <= MAX_VALUE}
    what = "Class names and colours come" if names else "Class colours come"
    named = {value: name for value, name in names.items() if 0 <= value <= MAX_VALUE}
    return RasterClasses(names=named, colours=kept, notes=notes), f"{what} from {file.name}."


def _of_style(path: Path, occurring: Sequence[int]) -> tuple[RasterClasses, str]:
    style = None if is_gdal_name(path) else beside(path, (path.with_suffix(".qml").name,))
    if style is None:
        other = (
            None if is_gdal_name(path) else beside(path, (path.with_suffix(".sld").name, path.with_suffix(".lyr").name))
        )
        note = (
            ""
            if other is None
            else f"The style {other.name} is not read; save it as a QGIS style (.qml) to use its classes."
        )
        return RasterClasses(notes=(note,) if note else ()), ""
    try:
        names, colours, notes = style_names_and_colours(read_qml(style), occurring)
    except LabelError as error:
        return RasterClasses(notes=(f"The style file of the labels was ignored. {error.message}",)), ""
    return RasterClasses(names=names, colours=colours, notes=notes), f"Class names and colours come from {style.name}."


def _band_xml(dataset: Any, path: Path) -> tuple[ET.Element | None, list[str]]:
    """The first band as GDAL describes it in a VRT: the only way that rasterio has to category names and tables."""
    notes: list[str] = []
    try:
        with MemoryFile(ext=".vrt") as memory:
            rasterio.shutil.copy(dataset, memory.name, driver="VRT")
            written = memory.read()
        try:
            text = written.decode("utf-8")
        except UnicodeDecodeError:  # GDAL hands on the bytes of a header as they are
            text = written.decode("cp1252", errors="replace")
            notes.append(f"Names in {path.name} are not in UTF-8; they are read as Windows-1252.")
        root = parse_xml(text)
    except (RasterioError, ForeignTextError):
        return None, notes
    return root.find("VRTRasterBand[@band='1']"), notes


def _esri_table(file: Path, encoding: str | None) -> AttributeTable:
    # Here and not above: few rasters have such a table, and pandas takes a third of a second to load.
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(file, read_geometry=False, encoding=encoding)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError):
        return AttributeTable(columns=())
    kinds = {"i": "0", "u": "0", "f": "1"}
    return AttributeTable(
        columns=tuple(
            Column(
                name=str(name),
                kind=kinds.get(frame[name].dtype.kind, "2"),
                usage="0",
                cells=tuple("" if cell is None or cell != cell else str(cell) for cell in frame[name]),
            )
            for name in frame.columns
        )
    )
