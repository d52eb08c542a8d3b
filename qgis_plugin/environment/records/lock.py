"""One set-up at a time in one folder, also with several QGIS windows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...paths import exists
from ..errors import SetUpError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def only_set_up(lock: Path) -> Iterator[None]:
    """Hold the lock; the system lets go of it when the process ends, however it ends.

    Raises
    ------
    SetUpError : another set-up holds it
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _take(descriptor)
        except OSError:
            raise SetUpError(
                f"Another set-up of the engine is running in {lock.parent}.",
                "Wait until it has finished, or cancel it, and look at the state of the engine again.",
            ) from None
        yield
    finally:
        os.close(descriptor)


def is_held(lock: Path) -> bool:
    """Whether a set-up is running at the moment."""
    if not exists(lock):
        return False
    try:
        with only_set_up(lock):
            return False
    except (SetUpError, OSError):
        return True
