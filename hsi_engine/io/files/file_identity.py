"""What shows that an input is the same as before, without reading its content.

A scene of gigabytes takes longer to hash than to preview. So a file is known by where it lies, its size and the time of its
last change. Who copies a file gets another identity, which costs one more training and is never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .source_names import file_behind

Identity = tuple[tuple[str, int, int], ...]
"""Path, bytes and time of the last change in nanoseconds of each file."""

# GIS programs write statistics for display there, whenever they like.
_VOLATILE = ".aux.xml"


def identity_of_files(files: Iterable[Path]) -> Identity:
    """The identity of files, whatever their order; one that does not exist counts as empty."""
    return tuple(sorted(_of(Path(file)) for file in files))


def identity_of_source(path: Path) -> Identity | None:
    """The identity of what a name is read from, with all that lies next to it under the same name: tables, journals of
    databases, styles. None if there is no file, such as for a web address.
    """
    file = file_behind(path)
    if file is None:
        return None
    if file.is_dir():
        return identity_of_files(part for part in file.rglob("*") if part.is_file())
    beside = (
        other for other in file.parent.iterdir() if other.name.startswith(f"{file.stem}.") or _is_part(other, file)
    )
    return identity_of_files(other for other in beside if other.is_file())


def lasting(files: Iterable[str]) -> list[Path]:
    """The files without those that change though what they say of the pixels does not."""
    return [Path(file) for file in files if not file.lower().endswith(_VOLATILE)]


def _is_part(other: Path, file: Path) -> bool:
    return other.name == file.name or other.name.startswith((f"{file.name}.", f"{file.name}-"))


def _of(file: Path) -> tuple[str, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file.absolute()), 0, 0
    return str(file.absolute()), found.st_size, found.st_mtime_ns
