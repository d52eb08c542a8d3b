"""Legends from files a user gives, and legends made of what is known about the classes that occur."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from ...classes.class_names import means_no_class, name_key, one_line, repeated_names
from ...classes.legend import MAX_VALUE, NODATA_VALUE, Legend
from ...errors import LabelError
from ...foreign.json_text import parse_json
from ...foreign.text import ForeignTextError
from .class_values import whole_numbers
from .colour_file import read_colour_file
from .qml_reader import QmlStyle, read_qml

LEGEND_SUPPLIES_ALL = "Class names and colours come from the given legend."
LEGEND_SUPPLIES_NAMES = "Class names come from the given legend, which has no colours for some or all of the classes."


def read_legend(path: str | Path) -> Legend:
    """Read a legend from JSON or from a QGIS style.

    Parameters
    ----------
    path : ``.clr``: lines of a value, its colour and its name. ``.json``: a list of ``{"value": 1, "name": "water", "color": "#0000ff"}``, or an object with such a list
        under ``classes``. ``.qml``: style of a raster with a colour for each value or of a categorised vector
        layer; categories that are text get the numbers 1 to n in sorted order, as text fields do. A category that
        merges several values makes one class of them.

    Raises
    ------
    LabelError : missing, neither of the two, damaged, or without classes.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise LabelError(
            f"A legend is a .json, .qml or .clr file; found {path.name}.",
            code="legend_format",
            hint="Save the style of a layer from QGIS as QML, or write a JSON list of value, name and color.",
        )
    if not path.is_file():
        raise LabelError(f"The legend {path} does not exist.", code="legend_missing", hint="Check its name and folder.")
    legend = _READERS[suffix](path)
    if not len(legend):
        raise LabelError(f"The legend {path} holds no class.", code="legend_empty", hint="List at least one class.")
    return legend


def compose_legend(
    values: Iterable[int],
    *,
    given: Legend | None,
    names: dict[int, str],
    colours: dict[int, str],
) -> tuple[Legend, tuple[str, ...]]:
    """The legend of the classes that occur: as given, else from names and colours by value, else from the palette.

    A class that is given without a colour gets that of ``colours``.

    Returns
    -------
    The legend, and notes on classes that a given legend does not hold and on classes of the same name.
    """
    occurring = sorted(int(value) for value in values)
    from_given = {c.value: c for c in given} if given is not None else {}
    given_colours = {c.value: c.colour for c in given if c.value not in given.uncoloured} if given is not None else {}
    missing = [value for value in occurring if value not in from_given]
    notes: tuple[str, ...] = ()
    if given is not None and missing:
        listed = ", ".join(map(str, missing))
        notes = (
            f"The given legend lacks class values {listed}; their names and colours come from the labels, if these "
            f"have any.",
        )
    all_names = {v: from_given[v].name if v in from_given else names.get(v, str(v)) for v in occurring}
    all_colours = {v: given_colours.get(v) or colours.get(v, "") for v in occurring}
    same = repeated_names(all_names.items())
    notes += tuple(f"Classes {_listed(values)} have the same name, “{name}”." for name, values in same.items())
    tidy = {value: one_line(name) or str(value) for value, name in all_names.items()}
    return Legend.of(tidy, {v: c for v, c in all_colours.items() if c}), notes


def require_values(legend: Legend, place: str) -> None:
    """Raise :class:`LabelError` if a legend only numbers names, as the labels in ``place`` are numbers."""
    if legend.numbered:
        raise LabelError(
            f"{place} holds numbers, but the given legend is a style of names ({', '.join(legend.names[:5])}); it "
            f"does not"
            " say which number is which class.",
            code="legend_of_texts",
            hint="Choose the field that this style belongs to, or a legend with class values (JSON, or the style of a "
            "numeric field).",
        )


def _listed(values: list[int]) -> str:
    return f"{', '.join(map(str, values[:-1]))} and {values[-1]}"


def style_names_and_colours(
    style: QmlStyle, occurring: Iterable[int], value_of_text: dict[str, int] | None = None
) -> tuple[dict[int, str], dict[int, str], tuple[str, ...]]:
    """Names and colours of a style by class value, that of 0 among the names; and notes on what it merges or says else.

    Parameters
    ----------
    occurring : class values in the file, of which a range of the style names those in it.
    value_of_text : class value of each text by its :func:`~hsi_engine.classes.class_names.name_key`, if the style's
        categories are text.
    """
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    merged: list[str] = []
    left = sorted(set(occurring))
    for entry in style.entries:
        values = [(value_of_text or {}).get(name_key(text), _whole(text)) for text in entry.values]
        used = [value for value in values if value is not None and NODATA_VALUE <= value <= MAX_VALUE]
        written = entry.values
        if entry.bounds is not None:
            used = [value for value in left if entry.bounds[0] <= value <= entry.bounds[1]]
            left = [value for value in left if value not in used]
            used = [value for value in used if value != NODATA_VALUE] or used  # 0 is most often no class
            written = tuple(map(str, used))
        if len(written) > 1:
            merged += [f"{', '.join(written)} into “{entry.label}”"] if used else []
            continue
        for value in used:
            names.setdefault(value, entry.label)
            if entry.colour and value != NODATA_VALUE:
                colours.setdefault(value, entry.colour)
    merges = (
        f"The style merges {'; '.join(merged)}: they stay separate classes here. Give the style as the legend to "
        f"merge them.",
    )
    return names, colours, (*(merges if merged else ()), *style.notes)


def _from_json(path: Path) -> Legend:
    try:
        data = parse_json(path.read_bytes())
    except (OSError, ForeignTextError) as error:
        raise LabelError(
            f"The legend {path} cannot be read: {error}.",
            code="legend_format",
            hint='For example: [{"value": 1, "name": "water", "color": "#0072b2"}].',
        ) from error
    entries = data["classes"] if isinstance(data, dict) and "classes" in data else data
    if isinstance(entries, dict) and whole_numbers(entries) and all(isinstance(name, str) for name in entries.values()):
        entries = [{"value": int(value), "name": name} for value, name in entries.items()]  # {"1": "water"}
    if isinstance(entries, list):
        entries = [entry for entry in entries if not _is_no_class(entry)]
    return Legend.from_json(entries)


def _is_no_class(entry: Any) -> bool:
    """True for the entry of what is of no class, such as 0 "Unclassified", which other programs list among the classes."""
    zero = isinstance(entry, dict) and entry.get("value") == NODATA_VALUE
    return zero and bool(entry.get("name")) and means_no_class(str(entry["name"]))


def _from_qml(path: Path) -> Legend:
    """The classes of a style. If one category is text, all are, as in a field."""
    style = read_qml(path)
    entries = list(style.entries)
    wide = next(
        (entry for entry in entries if entry.bounds and not entry.values and math.isfinite(sum(entry.bounds))), None
    )
    if wide is not None and wide.bounds is not None:
        raise LabelError(
            f"{path} gives ranges of numbers, such as {wide.bounds[0]:g} to {wide.bounds[1]:g} for “{wide.label}”; a legend gives"
            " single class values.",
            code="legend_of_ranges",
            hint="In QGIS choose 'Categorized', then save the style again. Next to labels of its name, the style can stay as it is.",
        )
    numbers = {text: _whole(text) for entry in entries for text in entry.values}
    # A raster has no text: what is not a class value, such as the last bound of a discrete style, is left aside.
    are_values = style.field is None or all(number is not None and number <= MAX_VALUE for number in numbers.values())
    if are_values:
        members = [[number for text in entry.values if _is_value(number := numbers[text])] for entry in entries]
        found = [(entry, values) for entry, values in zip(entries, members, strict=True) if values]
        texts: list[tuple[str, int]] = [(str(value), values[0]) for _, values in found for value in values[1:]]
        kept = [(entry, values[0]) for entry, values in found]
    else:
        kept = [(entry, number) for number, entry in enumerate(sorted(entries, key=lambda entry: min(entry.values)), 1)]
        texts = [(text, number) for entry, number in kept for text in entry.values]
    colours = {value: entry.colour for entry, value in kept if entry.colour}
    legend = Legend.of({value: entry.label for entry, value in kept}, colours)
    without = frozenset(value for _, value in kept) - colours.keys()
    return replace(legend, aliases=tuple(texts), numbered=not are_values, uncoloured=without)


def _is_value(number: int | None) -> TypeGuard[int]:
    return number is not None and 1 <= number <= MAX_VALUE


def _whole(text: str) -> int | None:
    found = whole_numbers([text])
    return None if found is None else found[text]


def _from_colour_file(path: Path) -> Legend:
    names, colours, notes = read_colour_file(path)
    if notes:
        raise LabelError(
            f"The legend {path} cannot be used. {notes[0]}",
            code="legend_format",
            hint="Each line is a value, red, green, blue and a name, such as: 1 0 114 178 water.",
        )
    values = {value for value in colours if _is_value(value)}
    return Legend.of({v: names.get(v, str(v)) for v in values}, {v: colours[v] for v in values})


_READERS: dict[str, Callable[[Path], Legend]] = {".json": _from_json, ".qml": _from_qml, ".clr": _from_colour_file}
