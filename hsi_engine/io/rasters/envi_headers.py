"""What is wrong with an ENVI header: faults that GDAL reads over or stumbles over, and a second header of the same file."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

from ...errors import SceneError
from ...foreign.numbers import whole_number
from ...foreign.text import shown
from ..files.sidecars import beside
from .envi_pairs import BYTES_OF_TYPE, data_file_of, header_entries, parse_header, read_header

_INTERLEAVES = ("bsq", "bil", "bip")
# What says where the numbers of a file lie: headers that differ in it describe different files.
_LAYOUT = ("samples", "lines", "bands", "header_offset", "data_type", "interleave", "byte_order", "file_compression")
_FRAMES = ("major_frame_offsets", "minor_frame_offsets")
_IS_NOTHING = frozenset("description sensor_type".split())
_MOST_CLASSES = 1 << 16
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def headers_of(data: Path) -> list[Path]:
    """The ENVI headers next to a data file that may describe it, the one that GDAL takes first.

    ``scene.hdr`` does not describe ``scene.dat`` if there is a ``scene.bsq`` that it fits better.
    """
    stem = data.name.removesuffix(".gz")
    found = [
        beside(data, (name,)) for name in dict.fromkeys((f"{data.name}.hdr", f"{stem}.hdr", f"{Path(stem).stem}.hdr"))
    ]
    return [header for header in dict.fromkeys(found) if header is not None and _may_describe(header, data)]


def check_envi_header(data: Path) -> None:
    """Refuse an ENVI file that GDAL has opened though its header is wrong, or another header of it says something else.

    Raises
    ------
    SceneError : the header leaves out or misstates where the numbers lie, or two headers contradict each other.
    """
    headers = headers_of(data)
    if not headers:
        return
    fault = _layout_fault(headers[0])
    if fault:
        raise SceneError(f"{data} cannot be read: {fault[0]}.", code="envi_header", hint=fault[1])
    for other in headers[1:]:
        differ = [key for key in _differences(read_header(headers[0]), read_header(other)) if key in _LAYOUT]
        if differ:
            first, second = (read_header(header).get(differ[0], "nothing") for header in (headers[0], other))
            raise SceneError(
                f"{data} has two ENVI headers that contradict each other: {headers[0].name} says {_as_written(differ[0])} ="
                f" {first}, {other.name} says {second}.",
                code="envi_two_headers",
                hint="Remove or rename the one that is wrong.",
            )


def check_envi_classes(data: Path) -> None:
    """Refuse an ENVI file before GDAL opens it that would take it for ever: it makes up a name for each class stated.

    Raises
    ------
    SceneError : a header states more classes than a raster of 16 bits has values.
    """
    for header in headers_of(data):
        stated = read_header(header).get("classes", "")
        if (number := whole_number(stated.strip("{} \t"))) is None:
            too_many = len(stated) > len(str(_MOST_CLASSES))
        else:
            too_many = number > _MOST_CLASSES
        if too_many:
            raise SceneError(
                f"{data} cannot be read: its header {header.name} says classes = {shown(stated)}; at most {_MOST_CLASSES:,} are possible.",
                code="envi_header",
                hint=f"Correct the header {header.name}, or remove the line.",
            )


def envi_header_notes(data: Path) -> tuple[str, ...]:
    """What was decided about the header of an ENVI file that can be read: which one is used, and what it leaves open."""
    headers = headers_of(data)
    if not headers:
        return ()
    used, entries = headers[0], read_header(headers[0])
    notes = []
    for other in headers[1:]:
        differ = [key for key in _differences(entries, read_header(other)) if key not in _IS_NOTHING]
        listed = ", ".join(map(_as_written, differ[:5])) + (", …" if len(differ) > 5 else "")
        what = f"{other.name} differs in {listed}" if differ else f"{other.name} says the same"
        notes.append(f"{data.name} has two ENVI headers. {used.name} is used; {what}.")
    twice = [key for key, values in header_entries(used.read_bytes()).items() if len(set(values)) > 1]
    notes += [
        f"The header {used.name} states {_as_written(key)!r} more than once; the last entry is used." for key in twice
    ]
    if "interleave" not in entries and entries.get("bands", "1").strip() != "1":
        notes.append(f"The header {used.name} does not state the interleave; bsq is assumed.")
    if "byte_order" not in entries and BYTES_OF_TYPE.get(entries.get("data_type", "").strip(), 1) > 1:
        notes.append(f"The header {used.name} does not state the byte order; 0 (little-endian) is assumed.")
    return tuple(notes)


def explain_envi(data: Path) -> tuple[str, str] | None:
    """Why GDAL does not open an ENVI file, and what to do; None if its headers do not tell."""
    for name in (f"{data.name}.hdr", f"{data.name.removesuffix('.gz')}.hdr", f"{data.stem}.hdr"):
        header = beside(data, (name,))
        if header is not None and (found := _text_fault(header) or _layout_fault(header)) is not None:
            return found
    return None


def is_spectral_library(data: Path) -> bool:
    """True for the data file of an ENVI spectral library."""
    header = beside(data, (f"{data.name}.hdr", f"{data.stem}.hdr"))
    return header is not None and "spectral library" in read_header(header).get("file_type", "").lower()


def _text_fault(header: Path) -> tuple[str, str] | None:
    """The beginning of a header, by which GDAL knows it."""
    with header.open("rb") as file:
        start = file.read(256)
    again = f"Save {header.name} again as plain text that begins with the line ENVI"
    if start.startswith(codecs.BOM_UTF8):
        return f"its header {header.name} begins with a byte order mark, which GDAL does not accept", (
            f"{again}: in an editor as UTF-8 without BOM."
        )
    if start.startswith(_UTF16):
        return f"its header {header.name} is in UTF-16, which GDAL does not read", f"{again}, in UTF-8 without BOM."
    if start.startswith(b"ENVI"):
        return None
    if start.lstrip().startswith(b"ENVI"):
        return f"its header {header.name} begins with spaces or an empty line", f"{again}, without anything in front."
    if start.lstrip()[:4].upper() == b"ENVI":
        return f"its header {header.name} does not begin with ENVI in capital letters", f"{again}."
    return None


def _layout_fault(header: Path) -> tuple[str, str] | None:
    """An entry of the layout that is missing, wrong or contradicted; ``data type`` is one of them: GDAL assumes bytes."""
    with header.open("rb") as file:
        content = file.read(16 << 20)
    entries, name = parse_header(content), header.name
    if not entries:
        return None
    correct = f"Correct the header {name}."
    for key in ("samples", "lines", "bands", "data_type"):
        if key not in entries:
            return (
                f"its header {name} does not state {_as_written(key)!r}",
                f"Add it to {name}, or copy the header again.",
            )
    for key in ("samples", "lines", "bands"):
        if not _is_count(entries[key]):
            return (
                f"its header {name} says {_as_written(key)} = {shown(entries[key])}; a whole number above 0 is expected",
                correct,
            )
    allowed = {"data_type": tuple(BYTES_OF_TYPE), "interleave": _INTERLEAVES, "byte_order": ("0", "1")}
    for key, values in allowed.items():
        if key in entries and entries[key].strip().lower() not in values:
            return (
                f"its header {name} says {_as_written(key)} = {shown(entries[key])}; expected is {', '.join(values)}",
                correct,
            )
    offset = entries.get("header_offset", "0").strip()
    if (number := whole_number(offset)) is None or number < 0:
        return (
            f"its header {name} states {shown(offset)!r} as header offset; a whole number of bytes is expected",
            correct,
        )
    shifted = next((key for key in _FRAMES if entries.get(key, "").strip("{} 0,\t\r\n")), None)
    if shifted is not None:
        return f"its header {name} states {_as_written(shifted)}, which are not supported", (
            "Write the image again without bytes between its lines or bands, for example with ENVI or GDAL."
        )
    listed = header_entries(content)
    twice = next((key for key in _LAYOUT if len({value.strip().lower() for value in listed.get(key, ())}) > 1), None)
    if twice is not None:
        return f"its header {name} states {_as_written(twice)!r} twice: {' and '.join(listed[twice])}", correct
    return None


def _may_describe(header: Path, data: Path) -> bool:
    entries = read_header(header)
    if not entries or header.name.lower() == f"{data.name}.hdr".lower():
        return bool(entries)
    try:
        return data_file_of(header).samefile(data)
    except SceneError:
        return True


def _differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The keys whose values are not the same but for spaces and case."""
    return [key for key in dict.fromkeys((*one, *other)) if _plain(one.get(key, "")) != _plain(other.get(key, ""))]


def _plain(value: str) -> str:
    return "".join(value.lower().split())


def _as_written(key: str) -> str:
    return key.replace("_", " ")


def _is_count(text: str) -> bool:
    return (whole_number(text.strip().removesuffix(".0")) or 0) > 0
