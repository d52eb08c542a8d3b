"""What the header of a PCRaster map says and GDAL does not hand on: how cells are stored, and the legend.

Layout: main header of 64 bytes, raster header up to byte 256, the cells, and after them blocks of ten attributes, of
which one may be a legend of 64-byte entries (a number and 60 characters). See GDAL's ``frmts/pcraster/libcsf``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from ...errors import SceneError

_MAGIC = b"RUU CROSS SYSTEM MAP FORMAT"
_HEADER_BYTES = 256
_SIGNED_BYTE = 0x04
# Bytes of one cell by cell representation (csftypes.h).
_CELL_BYTES = {0x00: 1, _SIGNED_BYTE: 1, 0x11: 2, 0x15: 2, 0x22: 4, 0x26: 4, 0x5A: 4, 0xDB: 8}
_ATTRIBUTES, _ATTRIBUTE_BYTES, _ENTRY_BYTES = 10, 10, 64
_LEGEND_V1, _LEGEND_V2 = 1, 6
_MOST_BLOCKS = 1000


@dataclass(frozen=True, kw_only=True)
class PcrasterHeader:
    """The header: ``>`` or ``<`` for the order of bytes, cell representation, rows, columns, where attributes begin."""

    order: str
    cell: int
    rows: int
    cols: int
    attributes: int

    @property
    def expected_bytes(self) -> int:
        """Header and cells; 0 if the cell representation is not known."""
        size = _CELL_BYTES.get(self.cell)
        return 0 if size is None else _HEADER_BYTES + size * self.rows * self.cols


def read_pcraster_header(path: Path) -> PcrasterHeader | None:
    """The header of a PCRaster map; None if the file is not one."""
    try:
        with path.open("rb") as file:
            start = file.read(_HEADER_BYTES)
    except OSError:
        return None
    if len(start) < _HEADER_BYTES or not start.startswith(_MAGIC):
        return None
    order = "<" if start[46:50] == b"\1\0\0\0" else ">"
    (attributes,) = struct.unpack_from(f"{order}I", start, 40)
    (cell,) = struct.unpack_from(f"{order}H", start, 66)
    rows, cols = struct.unpack_from(f"{order}II", start, 100)
    return PcrasterHeader(order=order, cell=cell, rows=rows, cols=cols, attributes=attributes)


def check_cells(path: Path) -> None:
    """Refuse a map of signed bytes: GDAL reads them as unsigned ones, and knows no missing value of them.

    Raises
    ------
    SceneError : it is one.
    """
    header = read_pcraster_header(path)
    if header is not None and header.cell == _SIGNED_BYTE:
        raise SceneError(
            f"{path} is a PCRaster map of signed bytes (CR_INT1), which GDAL reads as other numbers, missing values as 128.",
            code="cell_type",
            hint="Convert it in PCRaster, for example to a nominal map of 4 bytes per cell: pcrcalc new.map = nominal(old.map).",
        )


def pcraster_legend(path: Path) -> dict[int, str]:
    """Names by class value from the legend of a PCRaster map; empty without a legend."""
    header = read_pcraster_header(path)
    if header is None or not header.attributes:
        return {}
    try:
        found = _legend_place(path.read_bytes(), header)
    except (OSError, struct.error):
        return {}
    if found is None:
        return {}
    first, content = found
    entries = [content[at : at + _ENTRY_BYTES] for at in range(first * _ENTRY_BYTES, len(content), _ENTRY_BYTES)]
    whole = [entry for entry in entries if len(entry) == _ENTRY_BYTES]
    return {
        struct.unpack_from(f"{header.order}i", entry)[0]: entry[4:].split(b"\0")[0].decode("cp1252", errors="replace")
        for entry in whole
    }


def _legend_place(data: bytes, header: PcrasterHeader) -> tuple[int, bytes] | None:
    """Number of the first entry that is a class, and the entries: the first of version 2 is the title."""
    block = header.attributes
    for _ in range(_MOST_BLOCKS):  # a damaged file may lead in circles
        for number in range(_ATTRIBUTES):
            kind, at, size = struct.unpack_from(f"{header.order}HII", data, block + number * _ATTRIBUTE_BYTES)
            if kind in (_LEGEND_V1, _LEGEND_V2):
                return int(kind == _LEGEND_V2), data[at : at + size]
        (block,) = struct.unpack_from(f"{header.order}I", data, block + _ATTRIBUTES * _ATTRIBUTE_BYTES)
        if not block:
            return None
    return None
