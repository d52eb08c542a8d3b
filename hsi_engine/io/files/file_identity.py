"""What shows that an input is the same as before, without reading its content.

A scene of gigabytes takes longer to hash than to preview. So a file is known by where it lies, its size, the time of its
last change, and what tells it from another file that was put in its place with the same size and time: when the system last
changed its entry, and its number. Who copies a file gets another identity, which costs one more training and is never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .isolation.references import files_named_by
from .source_names import file_behind

Identity = tuple[tuple[str, int, int, int, int], ...]
"""Path, bytes, time of the last change and of the last change of its entry in nanoseconds, and number of each file."""

# GIS programs write statistics and overviews for display there, whenever they like.
_VOLATILE = (".aux.xml", ".ovr")
# What says how the numbers of a raster lie in its file, and which of them count.
_HEADERS = (".hdr", ".msk")


def identity_of_files(files: Iterable[Path]) -> Identity:
    """The identity of files, whatever their order; one that does not exist counts as empty."""
    return tuple(sorted(_of(Path(file)) for file in files))


def identity_of_source(path: Path) -> Identity | None:
    """The identity of what a name is read from, with all that lies next to it under the same name: tables, journals of
    databases, styles. Of a VRT, with the same of all that it names. None if there is no file, such as for a web address.

    Raises
    ------
    OSError : a folder or a VRT cannot be read.
    """
    file = file_behind(path)
    if file is None:
        return None
    parts: dict[Path, None] = {}
    for source in (file, *files_named_by(path)):
        parts.update(dict.fromkeys(_inside(source) if source.is_dir() else _beside(source)))
    return identity_of_files(parts)


def lasting(names: Iterable[str]) -> list[Path]:
    """The files behind the names of a raster's files, and behind what the VRTs among them name, without those that change though
    what they say of the pixels does not. A name without a file comes back as a path.

    Raises
    ------
    OSError : a folder or a VRT cannot be read.
    """
    found: dict[Path, None] = {}
    for name in names:
        file = file_behind(Path(name)) or Path(name)
        found.update(dict.fromkeys(_inside(file) if file.is_dir() else (file,)))
        for named in files_named_by(Path(name)):
            headers = (other for other in _beside(named) if other.suffix.lower() in _HEADERS)
            found.update(dict.fromkeys(_inside(named) if named.is_dir() else (named, *headers)))
    return [file for file in found if not file.name.lower().endswith(_VOLATILE)]


def _inside(folder: Path) -> list[Path]:
    return [part for part in folder.rglob("*") if part.is_file()]


def _beside(file: Path) -> list[Path]:
    return [
        other
        for other in file.parent.iterdir()
        if (other.name.startswith(f"{file.stem}.") or _is_part(other, file)) and other.is_file()
    ]


def _is_part(other: Path, file: Path) -> bool:
    return other.name == file.name or other.name.startswith((f"{file.name}.", f"{file.name}-"))


def _of(file: Path) -> tuple[str, int, int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file.absolute()), 0, 0, 0, 0
    return str(file.absolute()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
