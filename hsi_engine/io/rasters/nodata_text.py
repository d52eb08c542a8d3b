"""Nodata values that a file writes as a word, such as ``none`` or ``NA``: GDAL takes all of them for 0."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml
from .band_tags import is_number

_GDAL_NODATA = 42113
_NAMES = frozenset({"nan", "-nan", "inf", "+inf", "-inf", "infinity", "-infinity"})
_MOST_DIRECTORIES_BYTES = 1 << 16


def nodata_words(dataset: Any) -> dict[int, str]:
    """The words by 0-based band that GDAL took for a nodata value of 0; of an open rasterio dataset on disk."""
    zeros = [band for band, value in enumerate(dataset.nodatavals) if value == 0]
    path = Path(dataset.name)
    if not zeros or not path.is_file():
        return {}
    texts: dict[int, str] = {}
    if dataset.driver == "VRT":
        texts = _of_vrt(path)
    elif dataset.driver == "GTiff":
        found = _of_geotiff(path)
        texts = {} if found is None else dict.fromkeys(zeros, found)
    elif dataset.driver == "AAIGrid":
        match = re.search(r"nodata_value\s+(\S+)", path.read_bytes()[:1000].decode("latin-1"), re.IGNORECASE)
        texts = {0: match[1]} if match else {}
    return {band: text for band, text in texts.items() if band in zeros and text and not _is_value(text)}


def _is_value(text: str) -> bool:
    return is_number(text) or text.lower() in _NAMES


def _of_vrt(path: Path) -> dict[int, str]:
    try:
        root = parse_xml(path.read_bytes())
    except (OSError, ForeignTextError):
        return {}
    bands = root.findall("VRTRasterBand")
    return {number: (band.findtext("NoDataValue") or "").strip() for number, band in enumerate(bands)}


def _of_geotiff(path: Path) -> str | None:
    """GDAL's tag of the first directory of a TIFF or BigTIFF."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
            order = "<" if start[:2] == b"II" else ">"
            big = struct.unpack_from(f"{order}H", start, 2)[0] == 43
            file.seek(
                struct.unpack_from(f"{order}Q", start, 8)[0] if big else struct.unpack_from(f"{order}I", start, 4)[0]
            )
            content = file.read(_MOST_DIRECTORIES_BYTES)
            count, begin, size = (
                (*struct.unpack_from(f"{order}Q", content), 8, 20)
                if big
                else (*struct.unpack_from(f"{order}H", content), 2, 12)
            )
            for at in range(begin, begin + count * size, size):
                tag, _ = struct.unpack_from(f"{order}HH", content, at)
                if tag == _GDAL_NODATA:
                    (length,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", content, at + 4)
                    inside = at + (12 if big else 8)
                    if length <= (8 if big else 4):
                        return _text(content[inside : inside + length])
                    file.seek(struct.unpack_from(f"{order}{'Q' if big else 'I'}", content, inside)[0])
                    return _text(file.read(length))
    except (OSError, struct.error):
        return None
    return None


def _text(content: bytes) -> str:
    return content.split(b"\0")[0].decode("latin-1").strip()
