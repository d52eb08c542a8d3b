"""Opening HDF5 files, and saying why one cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ....errors import SceneError
from .outside import refuse_outside

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# A file may begin with a separate block, of 512 bytes (MATLAB) or a power of two above.
_BEGINNINGS = (0, 512, 1024, 2048, 4096)
# Chunks that are kept unpacked, of each array: windows with a margin come back to those of the window before.
_CHUNK_CACHE = {"rdcc_nbytes": 64 << 20, "rdcc_nslots": 10_007}
# What HDF5 says of a file that ends before the address that its first block states.
_TOO_SHORT = re.compile(r"truncated file: eof = (\d+).*stored_eof = (\d+)")
# What h5py raises for files that are damaged, and what follows from values that are not what they should be.
_READING_FAILS = (
    OSError,
    RuntimeError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
)


def is_hdf5(path: Path) -> bool:
    """Whether a path is a file in HDF5, by its first bytes."""
    try:
        with path.open("rb") as file:
            for beginning in _BEGINNINGS:
                file.seek(beginning)
                if file.read(len(_SIGNATURE)) == _SIGNATURE:
                    return True
    except (OSError, ValueError):  # a folder, no file at all, a name with a null
        return False
    return False


def has_h5py() -> bool:
    """Whether the library that reads HDF5 can be loaded."""
    try:
        import h5py  # noqa: F401 - loading it is the question
    except Exception:  # whatever a library raises that was installed badly
        return False
    return True


@contextmanager
def hdf5_file(path: Path, what: str) -> Iterator[Any]:
    """An HDF5 file, open for as long as it is described.

    Parameters
    ----------
    what : for messages: what the file is, such as ``an EMIT product``.

    Raises
    ------
    SceneError : h5py is missing, the file is truncated or damaged, or what is read of it in the meantime is not what it
        should be.
    """
    file = open_hdf5(path, what)
    try:
        with file:
            yield file
    except _READING_FAILS as error:
        raise damaged(path, what, str(error)) from error


def open_hdf5(path: Path, what: str) -> Any:
    """The same file for longer; to be closed. Raises SceneError, also if it refers to other files."""
    try:
        import h5py
    except Exception as error:  # whatever a library raises that was installed badly
        raise SceneError(
            f"{path} is {what}, which needs the package h5py, and h5py cannot be loaded ({error}).",
            code="library",
            hint="Reinstall the engine, or install h5py in its environment; hsi check examines it.",
        ) from error
    try:
        # No lock: the file is only read, and network drives refuse locks.
        file = h5py.File(path, "r", locking=False, **_CHUNK_CACHE)
    except _READING_FAILS as error:
        raise damaged(path, what, str(error)) from error
    try:
        with suppress(*_READING_FAILS):  # of a damaged file, which is noticed where that part is read
            refuse_outside(file, path)
    except SceneError:
        file.close()
        raise
    return file


def check_inside(path: Path) -> None:
    """Make sure that a file, if it is in HDF5, is whole and refers to no other file, before another library reads it.

    Raises
    ------
    SceneError : it is truncated, or refers to one.
    """
    if not is_hdf5(path) or not has_h5py():
        return
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file, suppress(*_READING_FAILS):
            refuse_outside(file, path)
    except _READING_FAILS as error:
        if _TOO_SHORT.search(str(error)):
            raise damaged(path, "an HDF5 or netCDF file", str(error)) from error


def opening_fault(path: Path) -> str | None:
    """Why a file that begins as HDF5 cannot be opened; None if it can, or if it is something else."""
    if not is_hdf5(path) or not has_h5py():
        return None
    import h5py

    try:
        with h5py.File(path, "r", locking=False):
            return None
    except _READING_FAILS as error:
        return _reason(str(error))


@contextmanager
def reading() -> Iterator[None]:
    """Whatever h5py raises where pixels cannot be read, as an :class:`OSError` with its reason."""
    try:
        yield
    except OSError:
        raise
    except _READING_FAILS as error:
        raise OSError(str(error) or type(error).__name__) from error


def damaged(path: Path, what: str, reason: str) -> SceneError:
    """The error for a file of which something cannot be read."""
    return SceneError(
        f"{path} is {what}, but truncated or damaged ({_reason(reason)}).",
        code="truncated",
        hint="Copy or download the file again.",
    )


def _reason(said: str) -> str:
    """What HDF5 or h5py said, for a person."""
    if (short := _TOO_SHORT.search(said)) is not None:
        return f"{int(short[2]):,} bytes are needed, {int(short[1]):,} are there"
    return " ".join(said.split()).strip("'\"").rstrip(".") or "its contents cannot be read"
