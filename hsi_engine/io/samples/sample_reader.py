"""Reading reference points back, labelled or not."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
from affine import Affine

from ...classes.class_names import one_line
from ...classes.legend import MAX_VALUE
from ...errors import LabelError
from ...foreign.json_text import parse_json
from ...foreign.text import shown
from ...phrases import counted
from ...pixels.grid import Grid
from .layout import DESIGN, FIELDS, FORMAT_VERSION, GEOMETRY_COLUMN, MAP_CLASSES, POINTS, STRATA
from .moved_points import moved_points
from .reference_sample import MapClass, ReferenceSample, SampleDesign, Stratum

_SQLITE = b"SQLite format 3\0"
_LISTED = 5


def is_reference_sample(path: Path) -> bool:
    """True if the file is one of reference points as ``sample_reference_points`` writes it, of whatever version."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                return False
        with closing(_open(path)) as database:
            return _tables(database).issuperset((POINTS, MAP_CLASSES, STRATA, DESIGN))
    except (OSError, sqlite3.Error):
        return False


def read_reference_sample(path: Path) -> ReferenceSample:
    """Read a file of reference points, also while it is open in QGIS.

    Raises
    ------
    LabelError : the file is missing, none of reference points or of a later version, or its points were copied or added to.
    """
    if not path.is_file():
        raise LabelError(f"There is no file '{path}' of reference points.", code="missing", hint="Check its name.")
    if not is_reference_sample(path):
        raise LabelError(
            f"'{path}' is not a file of reference points: it lacks the tables that say how the points were drawn.",
            code="not_a_sample",
            hint="Choose the GeoPackage that Sample reference points wrote; labels saved in another file have lost the design.",
        )
    try:
        with closing(_open(path)) as database:
            design = _design(database, path)
            strata = tuple(
                Stratum(name=name, pixels=pixels, candidates=candidates, area_m2=area, points=points)
                for name, pixels, candidates, area, points in database.execute(
                    "SELECT stratum, pixels, candidates, area_m2, points FROM strata ORDER BY id"
                )
            )
            drawn = database.execute(
                'SELECT point_id, map_value, map_class, "row", col, pixel_area_m2, stratum, inclusion_probability'
                " FROM map_classes ORDER BY point_id"
            ).fetchall()
            _check_rows(strata, drawn)
            said = _said(database, path, [row[0] for row in drawn])
            moved = moved_points(database, design.grid, {row[0]: (row[3], row[4]) for row in drawn})
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise LabelError(
            f"The reference points '{path}' cannot be read: {error}.",
            code="unreadable",
            hint="The file is damaged, or its tables were changed; take a copy made before.",
        ) from error
    return _sample(design, strata, drawn, said, moved)


def _sample(
    design: SampleDesign,
    strata: tuple[Stratum, ...],
    drawn: Sequence[Any],
    said: Mapping[int, Sequence[Any]],
    moved: Sequence[int],
) -> ReferenceSample:
    columns: list[tuple[Any, ...]] = list(zip(*drawn, strict=True)) if drawn else [()] * 8
    ids, values, names, rows, cols, areas, in_strata, probabilities = columns
    deleted = tuple(number for number in ids if number not in said)
    nothing = (None, None, None)
    texts = [tuple(map(_text, said.get(number, nothing))) for number in ids]
    return ReferenceSample(
        point_ids=np.array(ids, np.int64),
        rows=np.array(rows, np.int64),
        cols=np.array(cols, np.int64),
        strata=in_strata,
        inclusion_probability=np.array(probabilities, np.float64),
        map_values=np.array(values, np.uint16),
        map_classes=names,
        pixel_area_m2=_numbers(areas),
        reference=tuple(text[0] for text in texts),
        certainty=tuple(text[1] for text in texts),
        comment=tuple(text[2] for text in texts),
        all_strata=strata,
        design=design,
        deleted=deleted,
        notes=_notes(deleted, moved),
    )


def _notes(deleted: Sequence[int], moved: Sequence[int]) -> tuple[str, ...]:
    found = []
    if deleted:
        was, counts = ("was", "it counts") if len(deleted) == 1 else ("were", "they count")
        found.append(
            f"{counted(len(deleted), 'point')} {was} deleted from the layer ({_listed(deleted)}); {counts} as not labelled."
        )
    if moved:
        text = "was moved out of its pixel ({}); it counts where it was drawn."
        if len(moved) > 1:
            text = "were moved out of their pixels ({}); they count where they were drawn."
        found.append(f"{counted(len(moved), 'point')} {text.format(_listed(moved))}")
    return tuple(found)


def _check_rows(strata: Sequence[Stratum], drawn: Sequence[Any]) -> None:
    """Raise ValueError unless the tables of strata and drawn points hold numbers and names where these belong."""
    for stratum in strata:
        counts, area = (stratum.pixels, stratum.candidates, stratum.points), stratum.area_m2
        name: object = stratum.name  # SQLite holds anything in a column of text
        if not isinstance(name, str) or not all(map(_is_count, counts)) or not _is_amount(area):
            raise ValueError(f"the row of stratum {shown(stratum.name)!r} does not hold a name and numbers")
    names = {stratum.name for stratum in strata}
    for point, value, name, row, col, area, stratum, probability in drawn:
        numbers = _is_count(row) and _is_count(col) and _is_count(value) and value <= MAX_VALUE and _is_amount(area)
        if not (_is_count(point) and numbers and isinstance(name, str) and _is_share(probability)):
            raise ValueError(
                f"the row of point {shown(point)} in the table {MAP_CLASSES} does not hold what belongs there"
            )
        if stratum not in names:
            raise ValueError(f"point {shown(point)} is of the stratum {shown(stratum)!r}, which is not listed")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _is_amount(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value < math.inf)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value <= 1


def _numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _text(value: object) -> str | None:
    return None if value is None else one_line(str(value)) or None


def _open(path: Path) -> sqlite3.Connection:
    # What QGIS saved may still be in the file next to it (-wal), which SQLite reads unless told that nothing changes.
    unchanging = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro{unchanging}", uri=True)


def _tables(database: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _said(database: sqlite3.Connection, path: Path, drawn: Sequence[int]) -> dict[int, Sequence[Any]]:
    """What the interpreter said, by the number of the point: reference, certainty, comment."""
    cursor = database.execute("SELECT * FROM reference_points")
    columns = {str(column[0]): place for place, column in enumerate(cursor.description)}
    lacking = [name for name in ("point_id", "reference") if name not in columns]
    if lacking:
        raise LabelError(
            f"Layer {POINTS} of '{path}' has no field '{lacking[0]}'; found: {', '.join(sorted(columns.keys() - {GEOMETRY_COLUMN}))}.",
            code="field_missing",
            hint="Restore the field: point_id says which point was drawn, reference holds its class.",
        )
    rows = [[row[columns[name]] if name in columns else None for name in ("point_id", *FIELDS[3:])] for row in cursor]
    times = Counter(row[0] for row in rows)
    repeated = sorted(number for number, count in times.items() if number is not None and count > 1)
    if repeated:
        raise LabelError(
            f"Layer {POINTS} of '{path}' holds the {'point' if len(repeated) == 1 else 'points'} {_listed(repeated)}"
            " more than once.",
            code="duplicate_points",
            hint="Delete the copies: every point was drawn once.",
        )
    known = set(drawn)
    added = [row[0] for row in rows if row[0] not in known]
    if added:
        raise LabelError(
            f"Layer {POINTS} of '{path}' holds {counted(len(added), 'point')} that the sample does not"
            f" (point_id {_listed(['empty' if n is None else n for n in added])}).",
            code="unknown_points",
            hint="Delete points that were added by hand: it is not known how likely they were to be drawn.",
        )
    return {int(row[0]): row[1:] for row in rows if row[0] is not None}


def _listed(numbers: Sequence[object]) -> str:
    return ", ".join(map(str, numbers[:_LISTED])) + (", …" if len(numbers) > _LISTED else "")


def _design(database: sqlite3.Connection, path: Path) -> SampleDesign:
    found = dict(database.execute('SELECT "key", "value" FROM design').fetchall())
    version = int(found["format_version"])
    if version > FORMAT_VERSION:
        raise LabelError(
            f"The reference points '{path}' are of format {version}; this version reads up to {FORMAT_VERSION}.",
            code="newer_format",
            hint="Update the plugin or the package hsi-engine.",
        )
    shape = parse_json(found["shape"])
    return SampleDesign(
        design=cast(Any, found["design"]),
        strata_are=cast(Any, found["strata_are"]),
        allocation=cast(Any, found["allocation"]),
        seed=int(found["seed"]),
        pure_neighbourhood=bool(parse_json(found["pure_neighbourhood"])),
        minimum_distance_m=parse_json(found["minimum_distance_m"]),
        spacing_px=parse_json(found["spacing_px"]),
        map_name=found["map_name"],
        map_sha256=found["map_sha256"],
        strata_name=found["strata_name"],
        extent=found["extent"],
        mask=found["mask"],
        grid=Grid(
            crs=found["crs"] or None,
            transform=Affine(*parse_json(found["transform"])),
            shape=(int(shape[0]), int(shape[1])),
        ),
        classes=tuple(
            MapClass(value=c["value"], name=c["name"], colour=c["color"], pixels=c["pixels"], area_m2=c["area_m2"])
            for c in parse_json(found["classes"])
        ),
    )
