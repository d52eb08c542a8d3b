"""A lock on a folder, so that two runs do not write into it at the same time.

The operating system holds the lock and takes it back when the process ends, however that happens: a killed run leaves
an empty file, and nothing that would keep the next run out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ...errors import OutputError

_WHOLE, _PART = ".whole.lock", ".part-{}.lock"
# Other parts look for a whole run for a moment only, and are not to be taken for one.
_LOOK_S = 5.0


@contextlib.contextmanager
def locked_folder(folder: Path, part: str | None = None) -> Iterator[None]:
    """Keep other runs out of ``folder`` while the block runs.

    Parameters
    ----------
    part : name of the part of the work, if several parts may run at the same time; None for a run over all of it.

    Raises
    ------
    OutputError : another run has the folder, or the lock cannot be made.
    """
    with contextlib.ExitStack() as stack:
        try:
            if part is None:
                stack.enter_context(_held(folder / _WHOLE, folder))
                for other in sorted(folder.glob(_PART.format("*"))):
                    with _held(other, folder):  # nobody has it
                        pass
            else:
                stack.enter_context(_held(folder / _PART.format(part), folder))
                with _held(folder / _WHOLE, folder, timeout_s=_LOOK_S):
                    pass
        except OSError as error:
            raise OutputError(
                f"The folder '{folder}' cannot be locked: {error.strerror or error}.",
                code="not_writable",
                hint="Choose a folder you can write to, on a disk that knows locks.",
            ) from error
        yield


@contextlib.contextmanager
def _held(file: Path, folder: Path, timeout_s: float = 0.0) -> Iterator[None]:
    lock = FileLock(file, timeout=timeout_s)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"Another run is writing into the folder '{folder}' ({file.name} is held).",
            code="locked",
            hint="Wait until it has ended, or choose another folder.",
        ) from error
    try:
        yield
    finally:
        lock.release()
