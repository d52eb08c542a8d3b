"""Colour files (.clr) next to a raster, as ESRI programs, GRASS and QGIS write them: a value, its colour, perhaps a name."""

from __future__ import annotations

import re
from pathlib import Path

from ...classes.class_names import one_line
from .class_values import whole_numbers
from .colour_text import parse_colour

_BY_COMMAS = re.compile(r"[^\s,]+\s*,")
_BETWEEN = re.compile(r"\s*INTERPOLATION\s*:\s*(?!EXACT)\w+\s*", re.IGNORECASE)


def read_colour_file(path: Path) -> tuple[dict[int, str], dict[int, str], tuple[str, ...]]:
    """Names and colours (``#rrggbb``) by whole value, and a note on what is not read.

    ``2 0 0 255 water``, or ``2,0,0,255,255,water`` with opacity before the name, as QGIS exports a colour map. Colours between
    which others lie are not those of classes.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        return {}, {}, (f"The colour file {path.name} was ignored: {error.strerror}.",)
    if any(_BETWEEN.fullmatch(line) for line in lines):
        return (
            {},
            {},
            (f"The colour file {path.name} was ignored: its colours are those of ranges, not of single values.",),
        )
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    unread = 0
    for line in lines:
        text = line.strip()
        if not text or text.startswith(("#", "//")) or text.upper().startswith("INTERPOLATION"):
            continue
        separated = _BY_COMMAS.match(text) is not None  # and not by a name, as in: 5 0 158 115 meadow, wet
        parts = text.split(",", 5) if separated else text.split(None, 4)
        number = whole_numbers([parts[0].strip()])
        colour = parse_colour(",".join(part.strip() for part in parts[1:4])) if len(parts) >= 4 else None
        if number is None or colour is None:
            unread += 1
            continue
        value = number[parts[0].strip()]
        colours[value] = colour
        name = one_line("".join(parts[5:6] if separated else parts[4:5]))
        if name:
            names[value] = name
    note = f"Lines of {path.name} that cannot be read and were ignored: {unread}."
    return names, colours, (note,) if unread else ()
