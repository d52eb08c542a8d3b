"""GeoPackages and other SQLite files: views and computed columns are queries that a stranger wrote, and may never end.

They are run here first, under limits, before GDAL runs them without any.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..archives import DAMAGED, start_of_file

_MAGIC = b"SQLite format 3\0"
# A view of a million rows takes about half of this.
_MOST_STEPS = 100_000_000
_MOST_SECONDS = 10.0
_STEPS_PER_CALL = 10_000
_MOST_BYTES = 1 << 30
_LONGEST_VALUE = 64 << 20
_LARGEST_PACKED = 1 << 30
_OWN_TABLES = re.compile(r"(gpkg_|rtree_|sqlite_|layer_styles$|spatial_ref_sys$|geometry_columns$)", re.IGNORECASE)
_MODULE = re.compile(r"\busing\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_HARMLESS_MODULES = {"rtree", "fts3", "fts4", "fts5"}


class _Found(Exception):
    pass


def database_fault(name: str) -> str | None:
    """Why a file must not be opened, to follow "its …"; None for one that may be, and for files of other formats.

    Parameters
    ----------
    name : as GDAL takes it; a file in an archive is looked at, too.
    """
    with _on_disk(name) as file:
        if isinstance(file, str):
            return file
        if file is None:
            return None
        try:
            _examine(file)
        except _Found as found:
            return str(found)
        except (sqlite3.Error, OSError):  # damaged; GDAL says what is wrong
            return None
        except ValueError:  # of text that is none, in the list of tables or in what SQLite says of it
            return "list of tables is damaged"
    return None


@contextlib.contextmanager
def _on_disk(name: str) -> Iterator[Path | str | None]:
    """The database as a file, unpacked if it is in an archive; None for other files, text if it is too large for that."""
    path = Path(name)
    start = start_of_file(name, len(_MAGIC)) if not name.startswith("/vsigzip/") else _unzipped(name, len(_MAGIC))
    if start is None or start[0] != _MAGIC:
        yield None
        return
    if path.is_file():
        yield path
        return
    if start[1] > _LARGEST_PACKED:
        yield f"database of {start[1]:,} bytes is compressed, and is not unpacked to be examined"
        return
    whole = start_of_file(name, start[1]) if not name.startswith("/vsigzip/") else _unzipped(name, _LARGEST_PACKED)
    with tempfile.TemporaryDirectory(prefix="hsi-") as folder:
        copy = Path(folder) / "database.gpkg"
        copy.write_bytes(whole[0] if whole else b"")
        yield copy


def _unzipped(name: str, most: int) -> tuple[bytes, int] | None:
    path = Path(name.removeprefix("/vsigzip/"))
    if not path.is_file():
        return None
    try:
        with gzip.open(path) as file:
            return file.read(most), path.stat().st_size
    except DAMAGED:
        return None


def _examine(file: Path) -> None:
    with contextlib.closing(_opened(file)) as database:
        entries = database.execute("SELECT type, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master").fetchall()
        for kind, name, sql in entries:
            if name is None:
                raise _Found("list of tables is damaged")
            if kind == "table":
                _check_module(name, sql or "")
            if kind == "view" and _OWN_TABLES.match(name):
                raise _Found(f"table {name} is a view, which a GeoPackage does not have there")
        if hasattr(database, "setlimit"):  # Python 3.11
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        watch = _Watch()
        database.set_progress_handler(watch, _STEPS_PER_CALL)
        for kind, name, _ in entries:
            if kind == "view" or (kind == "table" and _is_computed(database, name)):
                _run(database, name, "view" if kind == "view" else "table with computed columns", watch)


def _opened(file: Path) -> sqlite3.Connection:
    address = f"{file.absolute().as_uri()}?mode=ro"
    database = sqlite3.connect(address, uri=True)
    try:
        database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError:  # of a folder that takes no files, with a journal: as GDAL opens it
        database.close()
        database = sqlite3.connect(f"{address}&immutable=1", uri=True)
    return database


def _check_module(name: str, sql: str) -> None:
    if not sql.lstrip().upper().startswith("CREATE VIRTUAL"):
        return
    module = _MODULE.search(sql)
    if module is None or module[1].lower() not in _HARMLESS_MODULES:
        raise _Found(
            f"table {name} is a virtual one ({module[1] if module else 'of no module'}), which may read anything"
        )


def _is_computed(database: sqlite3.Connection, name: str) -> bool:
    return any(row[6] in (2, 3) for row in database.execute(f"PRAGMA table_xinfo({_quoted(name)})"))


class _Watch:
    """Ends a query at the limit of steps or of time."""

    def __init__(self) -> None:
        self._steps, self._end = 0, time.monotonic() + _MOST_SECONDS

    def __call__(self) -> bool:
        self._steps += _STEPS_PER_CALL
        return self.is_over()

    def is_over(self) -> bool:
        return self._steps > _MOST_STEPS or time.monotonic() > self._end


def _run(database: sqlite3.Connection, name: str, what: str, watch: _Watch) -> None:
    try:
        columns = [row[1] for row in database.execute(f"PRAGMA table_xinfo({_quoted(name)})")]
        sizes = " + ".join(f"coalesce(length(CAST({_quoted(column)} AS BLOB)), 0)" for column in columns) or "0"
        total = 0
        query = f"SELECT {sizes} FROM {_quoted(name)}"  # noqa: S608  # nosec B608 - quoted names
        for (size,) in database.execute(query):
            total += size
            if total > _MOST_BYTES:
                raise _Found(f"{what} {name} gives more than {_MOST_BYTES >> 20:,} MB")
    except (sqlite3.Error, MemoryError) as error:
        if watch.is_over():
            raise _Found(
                f"{what} {name} does not end within {_MOST_STEPS // 1_000_000} million steps or {_MOST_SECONDS:g} s"
            ) from error
        raise _Found(f"{what} {name} cannot be run under limits ({str(error) or 'out of memory'})") from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
