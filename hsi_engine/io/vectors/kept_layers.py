"""Layers that somebody else has put into a GeoPackage are not overwritten by an output."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ...errors import OutputError
from ...phrases import listed
from .layer_styles import STYLE_TABLE

_SQLITE = b"SQLite format 3\0"
# Where the interpreter of points enters a class. A whole sample has its design with it, and is checked by what draws the next one.
_FILL_IN, _DESIGN = "reference", "design"
_NAMED = 5


def check_layers_are_kept(path: Path, own: Mapping[str, Iterable[str]]) -> None:
    """See that a GeoPackage that is to be replaced holds nothing but what such an output holds.

    Parameters
    ----------
    path : the output; it may be missing or be no database, and is replaced then.
    own : names of the tables of the output, and fields that each has. Styles may be there, too.

    Raises
    ------
    OutputError : it holds other layers or tables, one of these names with other fields, or points that somebody has labelled.
    """
    found = _tables(path)
    others = [name for name, fields in found.items() if name != STYLE_TABLE and not _is_own(name, fields, own)]
    if others:
        shown = listed([f"'{name}'" for name in others[:_NAMED]])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        raise OutputError(
            f"Output {path} exists and holds {shown}{more}, which this output would delete.",
            code="layers_lost",
            hint="Choose another name, or delete the file if nobody needs what it holds.",
        )
    for name, fields in found.items():
        if _FILL_IN in fields and _DESIGN not in found and (labelled := _labelled(path, name)):
            raise OutputError(
                f"Output {path} holds points, {labelled:,} of them labelled: new ones would delete the labels.",
                code="labels_lost",
                hint="Choose another name, or delete the file if nobody needs the labels.",
            )


def _is_own(name: str, fields: set[str], own: Mapping[str, Iterable[str]]) -> bool:
    return name in own and fields.issuperset(own[name])


def _tables(path: Path) -> dict[str, set[str]]:
    """Names of the layers and tables of a GeoPackage, and the fields of each; none if the file is not one."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                return {}
        with closing(_open(path)) as database:
            names = [str(name) for (name,) in database.execute("SELECT table_name FROM gpkg_contents ORDER BY 1")]
            return {
                name: {str(row[0]) for row in database.execute("SELECT name FROM pragma_table_info(?)", (name,))}
                for name in names
            }
    except (OSError, sqlite3.Error):
        return {}


def _labelled(path: Path, layer: str) -> int:
    """Points with a class; the name is one of ``own``."""
    query = f"SELECT count(*) FROM \"{layer}\" WHERE trim({_FILL_IN}) <> ''"  # noqa: S608  # nosec B608 - see above
    try:
        with closing(_open(path)) as database:
            (count,) = database.execute(query).fetchone()
    except sqlite3.Error:
        return 0
    return int(count)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
