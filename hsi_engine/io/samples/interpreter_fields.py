"""What further interpreters said of reference points, in fields they added to the layer."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from ...classes.class_names import one_line
from ...errors import LabelError
from .layout import GEOMETRY_COLUMN, POINTS


def read_interpreter_fields(
    path: Path, point_ids: npt.NDArray[np.int64], names: Sequence[str]
) -> Mapping[str, tuple[str | None, ...]]:
    """What some fields of the layer of points hold, by field, in the order of ``point_ids`` (points,); None if empty.

    Parameters
    ----------
    path : a file that :func:`~.sample_reader.read_reference_sample` reads.

    Raises
    ------
    LabelError : a field does not exist, or the file cannot be read.
    """
    if not names:
        return {}
    unchanging = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro{unchanging}", uri=True)) as database:
            cursor = database.execute("SELECT * FROM reference_points")
            columns = {str(column[0]): place for place, column in enumerate(cursor.description)}
            rows = {row[columns["point_id"]]: row for row in cursor}
    except (sqlite3.Error, KeyError) as error:
        raise LabelError(f"The reference points '{path}' cannot be read: {error}.", code="unreadable") from error
    lacking = [name for name in names if name not in columns]
    if lacking:
        there = ", ".join(name for name in columns if name not in (GEOMETRY_COLUMN, "fid"))
        raise LabelError(
            f"Layer {POINTS} of '{path}' has no field '{lacking[0]}'; its fields are: {there}.",
            code="field_missing",
            hint="Name the fields in which further interpreters wrote the class.",
        )
    return {name: tuple(_text(rows, number, columns[name]) for number in point_ids.tolist()) for name in names}


def _text(rows: Mapping[int, Sequence[object]], number: int, column: int) -> str | None:
    value = rows[number][column] if number in rows else None
    return None if value is None else one_line(str(value)) or None
