"""The numbers of the classes that suggested points offer: those of the model they were made with."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ...classes.class_names import name_key
from ...classes.legend import MAX_VALUE
from ...foreign.json_text import parse_json
from .interpreted_points import are_suggested_points


def numbers_of_suggested(path: Path, fields: Sequence[str], names: Sequence[str]) -> dict[str, int] | None:
    """Value of each class name of a layer of suggested points; None if the layer is not one, or its file does not say.

    A class that the interpreter added gets the next number after the largest of the model.
    """
    if not are_suggested_points(fields) or not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as database:
            (text,) = database.execute("SELECT value FROM suggestion_design WHERE key = 'classes'").fetchone()
        known = {name_key(str(c["name"])): int(c["value"]) for c in parse_json(text)}
    except (sqlite3.Error, TypeError, ValueError, KeyError):
        return None  # a copy without the tables: names are numbered as in any other layer
    last = max(known.values(), default=0)
    added = [name for name in names if name_key(name) not in known]
    if last + len(added) > MAX_VALUE:
        return None
    return {name: known.get(name_key(name), last + 1 + (added.index(name) if name in added else 0)) for name in names}
