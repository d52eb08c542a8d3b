"""Room and permission for the environment, looked at before anything is downloaded."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...paths import exists
from ..errors import SetUpError

_GIGABYTE = 10**9


@dataclass(frozen=True)
class Room:
    """Bytes that an installation takes: downloads and environment together."""

    needed: int
    expected: int


# Measured, with a margin: an environment of the CPU build takes 1.1 to 1.3 GB, one of a GPU build 6 to 8 GB.
_ROOM = {
    "cpu": Room(needed=int(2.5 * _GIGABYTE), expected=int(1.2 * _GIGABYTE)),
    "gpu": Room(needed=14 * _GIGABYTE, expected=7 * _GIGABYTE),
}


def room_for(build: str) -> Room:
    """What a build of PyTorch, "cpu" or "gpu", takes with all other packages."""
    return _ROOM[build]


def check_folder(folder: Path) -> None:
    """Make the folder and write into it once.

    Raises
    ------
    SetUpError : it cannot be made, or nothing can be written there
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SetUpError(
            f"The engine's folder cannot be written: {folder} ({error.strerror or error}).",
            "Get permission to write there, or set another folder in the variable HSI_ENGINE_HOME "
            "(QGIS: Settings > Options > System > Environment) and start QGIS again.",
        ) from error


def check_room(folder: Path, needed: int) -> None:
    """Whether the disk of a folder that exists has `needed` bytes left.

    Raises
    ------
    SetUpError : it has not
    """
    free = free_bytes(folder)
    if free < needed:
        raise SetUpError(
            f"The disk is too full for the engine: {gigabytes(needed)} are needed in {folder}, "
            f"{gigabytes(free)} are free.",
            f"Free {gigabytes(needed - free)} or more there, or name a folder on another disk in the variable "
            "HSI_ENGINE_HOME, and run 'Set up engine' again.",
        )


def free_bytes(folder: Path) -> int:
    """Of the disk of the folder, or of the next folder above that exists."""
    existing = next(path for path in (folder, *folder.parents) if exists(path))
    return shutil.disk_usage(existing).free


def gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.1f} GB"
