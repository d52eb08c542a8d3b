"""Virtual rasters and layers (VRT), which name other sources: none of them may be off this machine, and a change of one is a
change of what the VRT says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..archives import start_of_file
from ..source_names import file_behind, raster_name
from .network import place_elsewhere

_ROOTS = (b"<VRTDataset", b"<OGRVRTDataSource", b"<OGRVRTLayer", b"<GDALTileIndexDataset")
_LARGEST = 64 << 20
# What may well hold web addresses and is never opened.
_WORDS = {"Metadata", "SRS", "LayerSRS", "Description", "CategoryNames", "GeoTransform"}


# Elements whose folders are read as a whole; in others, the name of a layer may be that of a folder next to the VRT.
_MAY_BE_FOLDERS = {"SrcDataSource", "SourceFilename", "SourceDataset"}
# What surrounds a name of a file: DRIVER:"file":layer, vrt://file?bands=1, 'file'.table in SQL.
_AROUND_NAMES = re.compile(r"[\"'|?,]|(?<=\w\w):(?!//)")
_NUMBER = re.compile(r"[-+.\deE\s]*")
_LONGEST_NAME = 4096


def reference_elsewhere(name: str) -> str | None:
    """The first source off this machine that a VRT names; None if there is none, or the file is no VRT.

    Parameters
    ----------
    name : as GDAL takes it; a VRT in an archive is looked at, too.
    """
    return next((text for _, text in _texts(name) if place_elsewhere(text) is not None), None)


def files_named_by(path: Path) -> tuple[Path, ...]:
    """Files and folders on disk that a VRT names, and those that the VRTs among them name; empty if ``path`` is no VRT.

    Every text in it that is the name of a file counts, seen from its folder or from the working folder.

    Raises
    ------
    OSError : a VRT cannot be read.
    """
    found: dict[Path, None] = {}
    pending = [path]
    while pending:
        source = pending.pop()
        behind = file_behind(source)
        names = dict.fromkeys((raster_name(source), str(behind)))  # vrt://outer.vrt?bands=1 and outer.vrt
        folder = (behind or source).absolute().parent
        for tag, text in dict.fromkeys(said for name in names for said in _texts(name)):
            for named in _named(text, folder):
                if named not in found and (named.is_file() or tag in _MAY_BE_FOLDERS):
                    found[named] = None
                    pending.append(named)
    return tuple(found)


def _named(text: str, folder: Path) -> Iterator[Path]:
    """What exists on disk of text that may be a name, as absolute paths."""
    for part in dict.fromkeys((text, *_AROUND_NAMES.split(text))):
        if len(part) > _LONGEST_NAME or _NUMBER.fullmatch(part):
            continue
        try:
            behind = [file_behind(place) for place in (folder / part, Path(part))]
        except (OSError, ValueError):  # what no file can be called
            continue
        yield from (file.resolve() for file in behind if file is not None)


def _texts(name: str) -> Iterator[tuple[str, str]]:
    """Pairs of element and text of all that a VRT says, but for what is never opened; nothing if it is no VRT."""
    from defusedxml.ElementTree import fromstring

    start = start_of_file(name, 4096)
    if start is None or not any(root in start[0] for root in _ROOTS):
        return
    whole = start_of_file(name, _LARGEST)
    if whole is None:
        return
    try:
        root = fromstring(whole[0])
    except Exception:  # GDAL says what is wrong with it, and reaches nothing either
        return
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag in _WORDS:
            continue
        pending += reversed(element)
        for text in (element.text, *element.attrib.values()):
            if text and text.strip():
                yield element.tag, text.strip()
