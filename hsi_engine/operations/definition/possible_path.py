"""Paths among the parameters, looked at before a job begins: what no library that opens files could make anything of."""

from __future__ import annotations

from pathlib import Path

from ...foreign.text import shown
from ...io.files.source_names import SourcePath, without_file_address
from .kinds import Kind

# What GDAL and QGIS keep next to a file, under its name and this ending.
_LONGEST_BESIDE = ".aux.xml"


def possible_path(path: Path, kind: Kind) -> Path:
    """``path`` with ``~`` replaced by the home folder, which a shell does not do in ``--scene=~/scene.tif``, and with the
    double slashes of a name that GDAL resolves.

    Raises
    ------
    ValueError : no file can have this name, links lead round in a circle, looking it up is not permitted, or the names of files
        that belong next to it would be too long.
    """
    try:
        path = SourcePath(without_file_address(path)).expanduser()
    except RuntimeError:  # there is no user of that name: the ~ is part of the name of a file
        path = path.absolute()
    if kind.is_file and not path.name:
        raise ValueError(f"{str(path)!r} is a folder; the path of a file is expected.")
    beside = [path.with_name(f"{path.name}{_LONGEST_BESIDE}")] if kind.is_file_of("in") else []
    for place in (path, *beside):
        try:
            str(place).encode()
            place.lstat()
            place.stat()  # raises what keeps it from being opened, too
        except (FileNotFoundError, NotADirectoryError):
            pass  # it may be about to be written; inputs are looked for when they are opened
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else _reason(error)
            raise ValueError(f"{shown(path)!r} cannot be used as a path: {reason}.") from error
    return path


def _reason(error: ValueError) -> str:
    """Why Python cannot hand a name to the system, as a clause."""
    if isinstance(error, UnicodeError):
        return "it is not in UTF-8, and the libraries that open files take no other name; rename the file or its folder"
    return str(error)
