"""What is asked about paths that a user, a project, a setting or a variable names.

``Path.exists`` and its like raise for a file in a folder that one may not enter, for a name that is longer than the system
allows, and for one that no file can have; which of them, depends on the version of Python. A form or a dock must not end by that.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

# What QGIS adds to the name of a file in the source of a layer. A name may hold a | itself.
_ADDED = re.compile(
    r"\|(?:option:|credential:|(?:layername|layerid|subset|geometrytype|uniquegeometrytype|authcfg)=)", re.I
)
# Of the text of a VRT or a GeoJSON that is the source of a layer itself.
_TEXT_BEGINS, _TEXT_LETTERS = ("<", "{"), 40
# Of a path at which there is nothing, as the end of a sentence.
ABSENT = "it does not exist"


def file_name(source: str) -> str:
    """What GDAL opens for a layer of QGIS, from its source: a path, or a name that GDAL resolves."""
    return _ADDED.split(source, maxsplit=1)[0]


def is_text(name: str) -> bool:
    """Whether the name is not that of a file, but the text of a VRT or a GeoJSON itself."""
    return name.lstrip().startswith(_TEXT_BEGINS)


def shown_name(name: str) -> str:
    """What a message shows of what GDAL opens: not all of it if it is the text of a VRT or a GeoJSON."""
    line = " ".join(name.split())
    return f"{line[:_TEXT_LETTERS]}…" if is_text(name) and len(line) > _TEXT_LETTERS else name


def exists(path: str | Path) -> bool:
    """Whether there is something at ``path``; False as well if that cannot be told."""
    return os.path.exists(path)  # noqa: PTH110 - never raises, unlike Path.exists


def is_file(path: str | Path) -> bool:
    """Whether ``path`` is a file; False as well if that cannot be told."""
    return os.path.isfile(path)  # noqa: PTH113 - never raises, unlike Path.is_file


def is_folder(path: str | Path) -> bool:
    """Whether ``path`` is a folder; False as well if that cannot be told."""
    return os.path.isdir(path)  # noqa: PTH112 - never raises, unlike Path.is_dir


def comparable(path: str | Path) -> str:
    """``path`` without links and relative parts, so that two names of one file are equal."""
    try:
        return os.path.normcase(os.path.realpath(path))
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, or links in a circle
        return os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - never raises


def expanded(text: str) -> Path:
    """The path that ``text`` means; ``~`` is the home folder, and the name of a user that is not known stays as it is."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - never raises, unlike Path.expanduser


def why_missing(path: str | Path) -> str:
    """Why nothing can be read at ``path``, as "it does not exist"; empty if there is something."""
    try:
        os.stat(path)  # noqa: PTH116 - the same for text and paths
    except ValueError:
        return "no file can have this name"
    except PermissionError:
        return "you do not have permission to enter its folder"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "its name is longer than the system allows"
        is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
        return ABSENT if is_absent else f"it cannot be read ({error.strerror or error})"
    return ""


def why_no_file(path: str | Path) -> str:
    """Why ``path`` is not a file that can be read, as "it is a folder"; empty if it is one."""
    problem = why_missing(path)
    if problem or is_file(path):
        return problem
    return "it is a folder" if is_folder(path) else "it is not a file"
