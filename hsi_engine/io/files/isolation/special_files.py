"""Pipes, sockets and devices in the place of a file: opening one may wait for ever, reading one may never end."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
HINT = "Only files and folders are read. Remove it, or choose another file."


def special_kind(path: Path) -> str | None:
    """``a named pipe``, ``a socket`` or ``a device``, links followed; None for a file, a folder and what is not there."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return next((words for is_kind, words in _KINDS if is_kind(mode)), None)


def special_file_of(path: Path) -> tuple[Path, str] | None:
    """What is no file of those that are read with a source: the source itself, or one of the same name next to it.

    Styles, headers, statistics, masks and tables are found by their names. Of a folder, its content is looked at.

    Returns
    -------
    The path, and what it is; None if all are files.
    """
    kind = special_kind(path)
    if kind is not None:
        return path, kind
    candidates = _entries(path) if path.is_dir() else _beside(path)
    return next(((found, kind) for found in candidates if (kind := special_kind(found)) is not None), None)


def _beside(path: Path) -> Iterator[Path]:
    beginnings = {f"{path.stem}.".casefold(), f"{path.name}.".casefold()}
    return (file for file in _entries(path.parent) if file.name.casefold().startswith(tuple(beginnings)))


def _entries(folder: Path) -> Iterable[Path]:
    try:
        with os.scandir(folder) as entries:
            # The type that the folder itself records: no file has to be looked at, except where a link leads.
            odd = [
                e.name for e in entries if not e.is_file(follow_symlinks=False) and not e.is_dir(follow_symlinks=False)
            ]
    except (OSError, ValueError):
        return []
    return [folder / name for name in sorted(odd)]
