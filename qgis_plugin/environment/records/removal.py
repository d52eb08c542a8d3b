"""Removes the environment, or the remains of one."""

from __future__ import annotations

import shutil
from pathlib import Path

from ...paths import exists
from ..errors import SetUpError
from .location import Location
from .lock import only_set_up

_LEAVING = "removing"
# What was installed from, see install/locked_install.py and pythons/locked.py.
_LISTS = ("locked.txt", "torch.txt", "pip.txt", "uv.txt")


def remove_environment(location: Location) -> None:
    """Remove the environment with all that belongs to it; the log of the last set-up and failures stay.

    Raises
    ------
    SetUpError : files are in use or may not be removed; or a set-up is running
    """
    if not exists(location.folder):
        return
    with only_set_up(location.lock):
        discard_environment(location)
        lists = (location.folder / name for name in _LISTS)
        for path in (location.record, location.marker, location.requirements, *lists):
            path.unlink(missing_ok=True)
        for folder in (location.cache, location.folder / "bytecode"):
            shutil.rmtree(folder, ignore_errors=True)


def discard_environment(location: Location) -> None:
    """Remove the folder of the environment, by whoever holds the lock.

    It is renamed first: either all of it is gone, or, if files are in use, nothing.

    Raises
    ------
    SetUpError : files are in use or may not be removed
    """
    location.record.unlink(missing_ok=True)
    try:
        if exists(location.environment):
            location.environment.rename(_free_name(location))
    except OSError as error:
        raise SetUpError(
            f"The engine's environment is in use and cannot be removed: {location.environment} ({error.strerror}).",
            "Close other QGIS windows and jobs of the engine, then try again.",
        ) from error
    for folder in location.folder.glob(f"{location.environment.name}.{_LEAVING}-*"):
        # What cannot be removed now is removed by the next set-up.
        shutil.rmtree(folder, ignore_errors=True)


def _free_name(location: Location) -> Path:
    number = 1
    while True:
        path = location.environment.with_name(f"{location.environment.name}.{_LEAVING}-{number}")
        if not exists(path):
            return path
        number += 1
