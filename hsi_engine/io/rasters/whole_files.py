"""Noticing files that end too early, of which GDAL reads the rest as zeros.

GDAL is set to read raw files line by line (see :func:`.open_raster.gdal_settings`): then it reports lines that are not
there, except in ENVI files and raw bands of a VRT. Here, most cut files are found before any of them is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterioWindow

from ...foreign.numbers import whole_number
from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml
from ..files.archives import start_of_file
from ..files.source_names import is_gdal_name
from .envi_pairs import parse_header, stated_bytes
from .pcraster import read_pcraster_header

# Of these, the last pixel is read at once: all of them store numbers one after the other.
_RAW_DRIVERS = frozenset(
    "BYN CPG EHdr EIR ERS FAST GenBin GTX ISCE ISIS2 ISIS3 KRO LAN MFF MFF2 NDF NTv2 PAux PDS PDS4 PNM ROI_PAC"
    " RRASTER SNODAS VICAR".split()
)
_PNG_END = b"IEND\xaeB`\x82"
_TAIL_BYTES = 4096
_PCIDSK_BLOCK = 512
# GDAL's names of data types, in small letters.
_ITEM_BYTES = {"int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8}


def missing_end(dataset: Any, path: Path) -> str | None:
    """Where an open rasterio dataset ends too early, as text; None if it seems to be whole."""
    local = not is_gdal_name(path)
    if dataset.driver == "GTiff":
        return _in_geotiff(dataset, path.stat().st_size) if local else None
    if dataset.driver in _RAW_DRIVERS:
        return _in_raw_file(dataset)
    if dataset.driver == "VRT":
        return next(chain(_in_raw_bands(path, *dataset.shape), _in_envi_files(dataset.files)), None)
    if dataset.driver == "ENVI":  # one on disk is examined by the reader of its pixels
        return None if local else next(_in_envi_files(dataset.files), None)
    return _in_packed_file(dataset.driver, path) if local else None


def _in_geotiff(dataset: Any, size: int) -> str | None:
    """Blocks are written in rising order nearly always, so the last ones find most cut files at once.

    The rest shows when the missing block is read.
    """
    height, width = dataset.block_shapes[0]
    name = f"{(dataset.width - 1) // width}_{(dataset.height - 1) // height}"
    bands = (1,) if dataset.profile.get("interleave") == "pixel" else dataset.indexes
    for band in bands:
        offset = dataset.get_tag_item(f"BLOCK_OFFSET_{name}", "TIFF", bidx=band)
        length = dataset.get_tag_item(f"BLOCK_SIZE_{name}", "TIFF", bidx=band)
        if offset and length and int(offset) + int(length) > size:
            return f"the last block of band {band} ends at byte {int(offset) + int(length)} of {size}"
    return None


def _in_raw_file(dataset: Any) -> str | None:
    last = RasterioWindow(dataset.width - 1, dataset.height - 1, 1, 1)
    try:
        for band in {1, dataset.count}:
            dataset.read(band, window=last)
    except RasterioError as error:
        return f"its last row cannot be read: {str(error.__cause__ or error).rstrip('.')}"
    return None


def _in_raw_bands(path: Path, rows: int, cols: int) -> Iterator[str]:
    """Bands of a VRT that are a part of a raw file, whose layout the VRT states."""
    try:
        root = parse_xml(path.read_bytes())
    except (OSError, ForeignTextError):
        return
    for band in root.iterfind("VRTRasterBand[@subClass='VRTRawRasterBand']"):
        name = band.find("SourceFilename")
        if name is None or not name.text:
            continue
        relative = name.get("relativeToVRT", name.get("relativetoVRT", "1")) == "1"
        file = path.parent / name.text if relative else Path(name.text)
        item = _ITEM_BYTES.get((band.get("dataType") or "Byte").lower(), 1)
        pixel = _offset(band, "PixelOffset", item)
        line = _offset(band, "LineOffset", pixel * cols)
        end = _offset(band, "ImageOffset", 0) + max(0, line) * (rows - 1) + max(0, pixel) * (cols - 1) + item
        if file.is_file() and file.stat().st_size < end:
            yield f"band {band.get('band')} needs {end} bytes of {file.name}, which holds {file.stat().st_size}"


def _offset(band: ET.Element, name: str, usual: int) -> int:
    text = (band.findtext(name) or "").strip()
    found = whole_number(text)
    return usual if found is None else found


def _in_envi_files(files: Sequence[str]) -> Iterator[str]:
    """ENVI files that a VRT or GDAL itself reads, in an archive too."""
    for name in files:
        if name.lower().endswith((".hdr", ".vrt", ".xml", ".tif", ".tiff", ".gz")):
            continue
        headers = (f"{name}.hdr", f"{name.removesuffix(Path(name).suffix)}.hdr")  # in the order of GDAL
        header = next((header for header in headers if start_of_file(header, 0)), None)
        found, whole = None if header is None else start_of_file(header), start_of_file(name, 0)
        needed = None if found is None else stated_bytes(parse_header(found[0]))
        if needed is not None and whole is not None and whole[1] < needed:
            yield f"the header of {Path(name).name} promises {needed} bytes; it holds {whole[1]}"


def _in_packed_file(driver: str, path: Path) -> str | None:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(32)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    needed = 0
    if driver == "PNG" and _PNG_END not in tail:
        return "the end mark of a PNG file is missing"
    if driver == "PCIDSK" and start[16:32].strip().isdigit():
        needed = int(start[16:32]) * _PCIDSK_BLOCK
    if driver == "PCRaster" and (header := read_pcraster_header(path)) is not None:
        needed = header.expected_bytes
    return f"{needed} bytes are needed, {size} are there" if size < needed else None
