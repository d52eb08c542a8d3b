"""Legends from files a user gives, and legends made of what is known about the classes that occur."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import LabelError
from ..legend import MAX_VALUE, Legend
from .qml_legend import QmlStyle, read_qml

LEGEND_SUPPLIES_ALL = "Class names and colours come from the given legend."


def read_legend(path: str | Path) -> Legend:
    """Read a legend from JSON or from a QGIS style.

    Parameters
    ----------
    path : ``.json``: a list of ``{"value": 1, "name": "water", "color": "#0000ff"}``, or an object with such a list
        under ``classes``. ``.qml``: style of a paletted raster or a categorised vector layer; categories that are
        texts get the numbers 1 to n in sorted order, as text fields do.

    Raises
    ------
    LabelError : missing, neither of the two, damaged, or without classes.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".json", ".qml"):
        raise LabelError(
            f"A legend is a .json or .qml file; found {path.name}.",
            code="legend_format",
            hint="Save the style of a layer from QGIS as QML, or write a JSON list of value, name and color.",
        )
    if not path.is_file():
        raise LabelError(f"The legend {path} does not exist.", code="legend_missing", hint="Check its name and folder.")
    legend = _from_json(path) if suffix == ".json" else _from_qml(path)
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

    Returns
    -------
    The legend, and a note on classes that a given legend does not hold.
    """
    occurring = sorted(int(value) for value in values)
    from_given = {c.value: c for c in given} if given is not None else {}
    missing = [value for value in occurring if value not in from_given]
    notes: tuple[str, ...] = ()
    if given is not None and missing:
        listed = ", ".join(map(str, missing))
        notes = (
            f"The given legend lacks class values {listed}; their names and colours come from the labels, as far as"
            " these have any.",
        )
    all_names = {v: from_given[v].name if v in from_given else names.get(v, str(v)) for v in occurring}
    all_colours = {v: from_given[v].colour if v in from_given else colours.get(v, "") for v in occurring}
    return Legend.of(all_names, {v: c for v, c in all_colours.items() if c}), notes


def style_names_and_colours(
    style: QmlStyle, value_of_text: dict[str, int] | None = None
) -> tuple[dict[int, str], dict[int, str]]:
    """Names and colours of a style by class value.

    Parameters
    ----------
    value_of_text : class value of each text, where the style's categories are texts.
    """
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    for entry in style.entries:
        value = (value_of_text or {}).get(entry.value, _whole(entry.value))
        if value is None or not 1 <= value <= MAX_VALUE:
            continue
        names[value] = entry.label
        if entry.colour:
            colours[value] = entry.colour
    return names, colours


def _from_json(path: Path) -> Legend:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise LabelError(
            f"The legend {path} cannot be read as JSON: {error}.",
            code="legend_format",
            hint='For example: [{"value": 1, "name": "water", "color": "#0072b2"}].',
        ) from error
    return Legend.from_json(data["classes"] if isinstance(data, dict) and "classes" in data else data)


def _from_qml(path: Path) -> Legend:
    style = read_qml(path)
    texts = sorted(entry.value for entry in style.entries if _whole(entry.value) is None)
    value_of_text = {text: number for number, text in enumerate(texts, 1)} if len(texts) == len(style.entries) else {}
    names, colours = style_names_and_colours(style, value_of_text)
    return Legend.of(names, colours)


def _whole(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
