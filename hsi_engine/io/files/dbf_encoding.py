"""In which encoding the text of a .dbf file is, if nothing states it.

A shapefile and the attribute table of an ESRI raster state it in a file .cpg, or by a byte of the .dbf. Where the .cpg
has been lost on the way, GDAL reads ISO-8859-1, and "Wälder" in UTF-8 becomes "WÃ¤lder".
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .sidecars import beside

_FIELD_BYTES = 32
_LANGUAGE_BYTE = 29
# None, and the code page of whatever Windows wrote the file.
_SAYS_NOTHING = (0x00, 0x57)
_END_OF_FIELDS = 0x0D


@dataclass(frozen=True, kw_only=True)
class DbfTexts:
    """How the text of a .dbf is read.

    Parameters
    ----------
    encoding : None: GDAL knows it.
    note : what was guessed, and what to do if the guess is wrong; empty if nothing was.
    readable : False where the guess is certainly wrong: most letters are none of Western Europe, and nothing says which.
    """

    encoding: str | None = None
    note: str = ""
    readable: bool = True


def dbf_texts(path: Path) -> DbfTexts:
    """The encoding of a .dbf: as stated (.cpg, a byte of the file, SHAPE_ENCODING), else UTF-8 or Windows-1252 by its bytes.

    Text with bytes beyond ASCII that is valid UTF-8 throughout is in UTF-8: other encodings hardly ever look like it.
    """
    if "SHAPE_ENCODING" in os.environ or beside(path, (path.with_suffix(".cpg").name,)) is not None:
        return DbfTexts()
    try:
        data = path.read_bytes()
        texts = b"\n".join(_texts(data))
    except (OSError, struct.error):
        return DbfTexts()
    if texts.isascii():
        return DbfTexts()
    cpg = path.with_suffix(".cpg").name
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        guess = texts.decode("cp1252", errors="replace")
    else:
        note = f"Text in {path.name} is read as UTF-8; there is no .cpg file that states the encoding."
        return DbfTexts(encoding="UTF-8", note=note)
    if data[_LANGUAGE_BYTE] not in _SAYS_NOTHING:
        return DbfTexts()
    example = next(word for word in guess.split() if not word.isascii())
    what = f"There is no {cpg} with the encoding of {path.name}"
    if _is_western(guess):
        note = f"{what}; it is read as Windows-1252, such as “{example}”. If that is wrong, write the encoding, such as CP1251, into a file {cpg}."
        return DbfTexts(encoding="CP1252", note=note)
    note = (
        f"{what}, and its text is not Western European: in Windows-1252 it would be “{example}”. Write the encoding, such as"
        f" CP1251 (Cyrillic), CP1253 (Greek) or GBK (Chinese), into a file {cpg} next to it."
    )
    return DbfTexts(encoding="CP1252", note=note, readable=False)


def _is_western(text: str) -> bool:
    """True if words look like those of Western Europe, where most letters are ASCII."""
    foreign = [word for word in text.split() if not word.isascii()]
    letters = "".join(foreign)
    return sum(not letter.isascii() for letter in letters) <= len(letters) / 2


def _texts(data: bytes) -> Iterator[bytes]:
    """Names of the fields, and all cells of type C."""
    records, start, length = struct.unpack_from("<IHH", data, 4)
    fields: list[tuple[int, int]] = []
    at, offset = _FIELD_BYTES, 1  # a record begins with its deletion mark
    while at + _FIELD_BYTES <= start and data[at] != _END_OF_FIELDS:
        yield data[at : at + 11].split(b"\0")[0]
        width = data[at + 16]
        if data[at + 11 : at + 12] == b"C":
            width += 256 * data[at + 17]  # the rest of a long length is where numbers have their decimals
            fields.append((offset, width))
        offset += width
        at += _FIELD_BYTES
    for record in range(records):
        begin = start + record * length
        for offset, width in fields:
            yield data[begin + offset : begin + offset + width].rstrip(b" \0")
