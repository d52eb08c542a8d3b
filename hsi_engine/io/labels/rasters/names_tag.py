"""Names of classes in a tag CLASS_NAMES, which programs write into GeoTIFF for want of a standard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ....classes.class_names import one_line
from ....classes.legend import MAX_VALUE
from ....foreign.json_text import parse_json
from ....foreign.numbers import whole_number
from ....foreign.text import ForeignTextError
from .raster_classes import RasterClasses

_TAGS = ("CLASS_NAMES", "CLASS_LABELS")
_PAIR = re.compile(r"\s*(\d+)\s*[=:]\s*(.*\S)\s*", re.DOTALL)
_SHOWN = 60


def classes_of_tag(dataset: Any, path: Path) -> tuple[RasterClasses, str]:
    """The names of a tag of the file or its first band that gives one to each value, and where they come from.

    Understood are ``1=water; 2=forest``, the same with colons, commas or line breaks, and a JSON object. A list without values
    leaves open whether it begins with 0, 1 or the lowest value, and is not used, which a note says.
    """
    tags = {key.upper(): text for key, text in {**dataset.tags(), **dataset.tags(1)}.items()}
    name = next((name for name in _TAGS if tags.get(name, "").strip()), None)
    if name is None or dataset.driver == "ENVI":  # whose names are read with its header
        return RasterClasses(), ""
    names = _by_value(tags[name])
    if names is None:
        text = one_line(tags[name])
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        note = (
            f"The tag {name} of {path.name} (“{shown}”) does not say which value each name belongs to; it is not used."
            " Write it as 1=water; 2=forest, or choose a legend."
        )
        return RasterClasses(notes=(note,)), ""
    return RasterClasses(names=names), f"Class names come from the tag {name} of {path.name}."


def _by_value(text: str) -> dict[int, str] | None:
    """Names by value; None if the text does not state them."""
    try:
        read = parse_json(text)
    except ForeignTextError:
        pairs = _pairs(text)
    else:
        pairs = {str(key): name for key, name in read.items()} if isinstance(read, dict) else None
    names = {whole_number(key): one_line(str(name)) for key, name in (pairs or {}).items()}
    if not names or None in names:
        return None
    return {value: name for value, name in names.items() if value is not None and name and 0 <= value <= MAX_VALUE}


def _pairs(text: str) -> dict[str, str] | None:
    inside = text.strip().removeprefix("{").removesuffix("}")
    for separator in (";", "\n", "|", ","):
        parts = [part for part in inside.split(separator) if part.strip()]
        found = [_PAIR.fullmatch(part) for part in parts]
        # Of a separator that does not occur, the only part would hold all others in its name.
        if found and all(found) and not any(_PAIR.search(m.group(2)) for m in found if m):
            return {m.group(1): m.group(2).strip("'\"") for m in found if m}
    return None
