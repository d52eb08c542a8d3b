"""Hidden names for files that are being written, each owned by the job that writes it.

Several jobs may run in one process, each in a thread: what one of them removes when it is cancelled is its own. An entry point that
may have to end a job by force makes its :class:`TemporaryFiles` and runs it within :meth:`TemporaryFiles.in_use`; without
one, every set of outputs owns its names alone.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import secrets
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

# Files GDAL looks for next to a raster. One that belonged to the raster before describes other pixels:
# statistics in .aux.xml, pyramids in .ovr, a mask in .msk.
COMPANIONS = (".aux.xml", ".ovr", ".msk")

_PREFIX = re.compile(r"(\.tmp-[0-9a-f]{8}-\d+-(old-)?)+")


class TemporaryFiles:
    """The hidden files of one job.

    Attributes
    ----------
    prefix : what their names begin with, so that a parent that has to kill the process can tidy up after it.
    lock : held while files get their final names.
    """

    def __init__(self) -> None:
        self.prefix = _random_prefix()
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._paths: set[Path] = set()

    def new_prefix(self) -> str:
        """The beginning of names that no other file has."""
        return f"{self.prefix}{next(self._numbers)}-"

    def add(self, path: Path) -> None:
        """``path`` belongs to this job from now on."""
        self._paths.add(path)

    def discard(self, path: Path) -> None:
        """Remove a file, if it is there, and what GDAL wrote next to it."""
        # On Windows a file that is still open cannot be removed; it stays under its hidden name.
        for file in (path, *(Path(f"{path}{companion}") for companion in COMPANIONS)):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
        self._paths.discard(path)

    def discard_all(self) -> None:
        """Remove every file of this job now, for the moment before its process ends by force.

        A job that continues afterwards fails when it finishes. Renames that are under way in another thread are waited for, so
        that outputs are complete or absent.
        """
        with self.lock:
            for path in tuple(self._paths):
                self.discard(path)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Own what this thread stages in the block."""
        token = _of_job.set(self)
        try:
            yield
        finally:
            _of_job.reset(token)


_of_job: ContextVar[TemporaryFiles] = ContextVar("temporary files of the job")


def files_of_job() -> TemporaryFiles:
    """Those of the job that this thread runs; new ones outside of any."""
    found = _of_job.get(None)
    return TemporaryFiles() if found is None else found


@contextlib.contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A hidden name next to ``path`` for intermediate data; what was written there is removed at the end."""
    files = files_of_job()
    temporary = path.with_name(files.new_prefix() + target_of(path).name)
    files.add(temporary)
    try:
        yield temporary
    finally:
        files.discard(temporary)


def target_of(path: Path) -> Path:
    """The output that a hidden name stands for, for messages; any other path as it is."""
    return path.with_name(_PREFIX.sub("", path.name, count=1)) if _PREFIX.match(path.name) else path


def longest_prefix() -> str:
    """As long as the beginning of a hidden name can be; no file has it."""
    return f"{_random_prefix()}000000-old-"


def _random_prefix() -> str:
    return f".tmp-{secrets.token_hex(4)}-"
