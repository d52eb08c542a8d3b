"""Whether files can be made in the folder of an output, under the names that it needs: by making some."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from ...errors import OutputError

# A path that is too long is one that does not exist, or an invalid one, for Windows.
_TOO_LONG = {errno.ENAMETOOLONG, *((errno.ENOENT, errno.EINVAL) if os.name == "nt" else ())}


def is_folder(path: Path) -> bool:
    """As ``path.is_dir()``, but False for a name that is too long, for which that raises."""
    return os.path.isdir(path)  # noqa: PTH112


def check_folder(target: Path) -> None:
    """Make sure that files can be written in the folder of an output.

    Raises
    ------
    OutputError : it is missing, or takes no files, or GDAL would write elsewhere.
    """
    folder = target.parent
    if target.is_absolute() and target.as_posix().startswith("/vsi"):
        raise OutputError(
            f"Output '{target}' has the name of a virtual file: GDAL takes names that begin with /vsi for memory, archives or web"
            " addresses, and no file on disk would appear.",
            code="virtual_file",
            hint="Choose a folder on a disk.",
        )
    if not is_folder(folder):
        nearest = next(p for p in folder.parents if os.path.lexists(p))
        raise OutputError(
            f"The folder of output '{target}' does not exist; the nearest one that does is '{nearest}'.",
            code="no_folder",
            hint="Create the folder, or correct the path.",
        )
    try:
        # Access bits do not tell: a network share or a read-only disk may refuse all the same.
        with tempfile.TemporaryFile(dir=folder, prefix=".tmp-"):
            pass
    except OSError as error:
        raise _not_writable(target, error) from error


def check_name(target: Path, longest: str) -> None:
    """Make sure that the name of an output leaves room for longer ones next to it.

    How long a name may be depends on the file system (255 bytes, 143 if names are encrypted), and not all report it.

    Parameters
    ----------
    longest : the longest name that a temporary file or a sidecar of the output may have; no file has it.

    Raises
    ------
    OutputError : a file of this name cannot be made.
    """
    file = target.with_name(longest)
    try:
        file.open("xb").close()
        file.unlink()
    except OSError as error:
        if error.errno not in _TOO_LONG:
            raise _not_writable(target, error) from error
        own, added = len(os.fsencode(target.name)), len(os.fsencode(longest)) - len(os.fsencode(target.name))
        raise OutputError(
            f"The name of output '{target}' is too long: it has {own} bytes, and files that belong next to it, also while they are"
            f" written, have names with up to {added} more, which this folder does not take.",
            code="name_too_long",
            hint=_shorter(target.parent, added),
        ) from error


def _shorter(folder: Path, added: int) -> str:
    """What to do about a name in a folder, to which other names add so many bytes."""
    if os.name == "nt":
        return "Choose a shorter name, or a folder with a shorter path."
    try:
        limit = os.pathconf(folder, "PC_NAME_MAX")
    except OSError:
        return "Choose a shorter name."
    return f"Choose a name of at most {limit - added} bytes, or a shorter one still if this is refused too."


def _not_writable(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"No file can be written in folder '{target.parent}' of output '{target.name}': {error.strerror}.",
        code="not_writable",
        hint="Choose a folder you can write to.",
    )
