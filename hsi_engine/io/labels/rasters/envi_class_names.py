"""The class names of an ENVI header, whose number may differ from the number of classes that it states."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from ....classes.class_names import one_line


def envi_class_names(
    header: Mapping[str, str], categories: Sequence[str], place: str
) -> tuple[Sequence[str], tuple[str, ...]]:
    """The class names of an ENVI raster from value 0 on, and what was not used, in sentences.

    GDAL splits ``class names`` at every comma, also at one within a quoted name, which gives all later names to other
    classes. Quotes count if the names are then as many as the ``classes``; a list that does not fit is not used.

    Parameters
    ----------
    header : entries of the header, keys in lower case with underscores.
    categories : the names as GDAL reads them.
    place : name of the file, for the note.
    """
    text = header.get("class_names", ", ".join(categories)).strip().removeprefix("{").removesuffix("}")
    try:
        classes = int(header.get("classes", ""))
    except ValueError:
        return categories, ()
    listed = _without_end(text.split(","))
    if not listed or len(listed) == classes:
        return categories, ()
    quoted = _without_end(next(csv.reader([one_line(text)], skipinitialspace=True), []))
    if len(quoted) == classes:
        return quoted, ()
    note = (
        f"The ENVI header of {place} states {classes} classes but lists {len(listed)} class names; they are not used."
    )
    return (), (note,)


def _without_end(names: Sequence[str]) -> list[str]:
    """Names on one line each, without the empty ones after a last comma."""
    found = [one_line(name) for name in names]
    while found and not found[-1]:
        found.pop()
    return found
