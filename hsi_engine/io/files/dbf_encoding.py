"""In which encoding the texts of a .dbf file are, where nothing says so.

A shapefile and the attribute table of an ESRI raster state it in a file .cpg, or by a byte of the .dbf. Where the .cpg
has been lost on the way, GDAL reads ISO-8859-1, and "Wälder" in UTF-8 becomes "WÃ¤lder".
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from .sidecars import beside

_FIELD_BYTES = 32
_END_OF_FIELDS = 0x0D


def dbf_encoding(path: Path) -> str | None:
    """``"UTF-8"`` where the texts of a .dbf are that beyond doubt and no .cpg states an encoding; else None.

    Texts with bytes beyond ASCII that are valid UTF-8 throughout are in UTF-8: other encodings hardly ever look like it.
    A setting of GDAL (SHAPE_ENCODING) goes first.
    """
    if "SHAPE_ENCODING" in os.environ or states_encoding(path):
        return None
    try:
        texts = b"\n".join(_texts(path.read_bytes()))
        texts.decode("utf-8")
    except (OSError, struct.error, UnicodeDecodeError):
        return None
    return None if texts.isascii() else "UTF-8"


def states_encoding(path: Path) -> bool:
    """True where a .cpg lies beside a .dbf or .shp."""
    return beside(path, (path.with_suffix(".cpg").name,)) is not None


def has_foreign_letters(path: Path) -> bool:
    """True where texts of a .dbf hold bytes beyond ASCII, so that their encoding matters."""
    try:
        return not all(text.isascii() for text in _texts(path.read_bytes()))
    except (OSError, struct.error):
        return False


def _texts(data: bytes) -> Iterator[bytes]:
    """Names of the fields, and all cells of type C."""
    records, start, length = struct.unpack_from("<IHH", data, 4)
    fields: list[tuple[int, int]] = []
    at, offset = _FIELD_BYTES, 1  # a record begins with its deletion mark
    while at + _FIELD_BYTES <= start and data[at] != _END_OF_FIELDS:
        yield data[at : at + 11].split(b"\0")[0]
        width = data[at + 16]
        if data[at + 11 : at + 12] == b"C":
            width += 256 * data[at + 17]  # long texts keep the rest of their length where numbers keep their decimals
            fields.append((offset, width))
        offset += width
        at += _FIELD_BYTES
    for record in range(records):
        begin = start + record * length
        for offset, width in fields:
            yield data[begin + offset : begin + offset + width].rstrip(b" \0")
