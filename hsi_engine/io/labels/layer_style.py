"""Names and colours of classes from the QGIS style of a vector layer: a .qml next to the file, or a style in a GeoPackage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from ...errors import LabelError
from ..files.sidecars import beside
from ..legends.legend_files import style_names_and_colours
from ..legends.qml_reader import QmlStyle, parse_qml, read_qml
from ..vectors.layers import VectorLayer

Named = tuple[dict[int, str], dict[int, str], list[str]]


def read_layer_style(
    source: VectorLayer, field: str, values: npt.NDArray[np.int64], value_of_text: dict[str, int], whose: str
) -> Named:
    """Names and colours by class value from the style of a layer, and notes; all empty where it has none.

    Parameters
    ----------
    field : that of the classes; ``values`` are those of its features.
    value_of_text : class value of each text, see :func:`~.legend_files.style_names_and_colours`.
    whose : of which classes the style is asked, for the note.
    """
    try:
        style, place, notes = _style_of(source)
    except LabelError as error:
        return {}, {}, [f"The style file of the labels was ignored. {error.message}"]
    if style is None:
        return {}, {}, notes
    if not style.is_of_field(field):
        shown = style.field if style.field is not None else "the values of a raster"
        return {}, {}, [*notes, f"The style {place} shows {shown}, not the field '{field}'; it is not used."]
    names, colours, said = style_names_and_colours(style, np.unique(values).tolist(), value_of_text)
    if names or colours:
        notes.append(f"Names and colours{whose} not in the fields come from {place}.")
    return names, colours, [*notes, *said]


def _style_of(source: VectorLayer) -> tuple[QmlStyle | None, str, list[str]]:
    file = beside(source.path, (source.path.with_suffix(".qml").name,))
    if file is not None:
        return read_qml(file), file.name, []
    if source.path.suffix.lower() != ".gpkg" or not source.path.is_file():
        return None, "", []
    styles = _stored_styles(source.path, source.name)
    default = [style for style in styles if style[2]] or (styles if len(styles) == 1 else [])
    if not default:
        named = ", ".join(f"“{name}”" for name, _, _ in styles[:5])
        note = f"{source.path.name} holds {len(styles)} styles of this layer ({named}), none of which is the default; none is used."
        return None, "", [note] if styles else []
    name, text, _ = default[0]
    place = f"the style “{name}” in {source.path.name}"
    return parse_qml(text, f"The style “{name}” in {source.path.name}"), place, []


def _stored_styles(path: Path, layer: str) -> list[tuple[str, str, bool]]:
    """Name and text of each style that QGIS keeps for a layer in a GeoPackage, newest first, and whether it is the default."""
    query = (
        "SELECT styleName, styleQML, useAsDefault FROM layer_styles WHERE f_table_name = ? AND styleQML != ''"
        " ORDER BY update_time DESC"
    )
    try:
        # Unchanging, so that SQLite leaves no files next to it.
        address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            rows = database.execute(query, (layer,)).fetchall()
    except sqlite3.Error:  # there is no such table
        return []
    return [(str(name), str(text), bool(default)) for name, text, default in rows]
