"""How an operation reports what it is doing, and learns that it should stop.

An operation gets one :class:`Reporter` and nothing else: it never prints. The command line shows the
messages in a terminal, the worker sends them as JSON lines, a script may ignore them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal, Protocol

from .errors import NOTHING_LEFT, Cancelled, HsiError
from .remaining_time import RemainingTime

Level = Literal["info", "warning"]


class Reporter(Protocol):
    """What an operation may report. All calls are cheap and may come from the job's thread only."""

    def progress(self, fraction: float, message: str = "") -> None:
        """The share of the job that is done, 0 to 1, and what is being done now."""

    def log(self, message: str, level: Level = "info") -> None:
        """One sentence for the user. Anything that was left out, guessed or corrected is a warning."""

    def metric(self, name: str, value: float, step: int) -> None:
        """One point of a curve, such as the loss of an epoch."""

    def artifact(self, kind: str, path: Path) -> None:
        """A file that is finished and stands under its final name."""

    def if_cancelled(self, message: str = NOTHING_LEFT) -> None:
        """The message of a cancel from now on, if the job has left something that outlasts it."""

    def check_cancelled(self) -> None:
        """Raise :class:`~hsi_engine.errors.Cancelled` when the user wants the job to stop."""


class SilentReporter:
    """Reports nothing; stops when its ``cancel`` event is set. Base of the other reporters.

    ``cancel_message`` is the message of a cancel now, also if the process is ended by force.
    """

    def __init__(self, cancel: threading.Event | None = None) -> None:
        self.cancel = cancel if cancel is not None else threading.Event()
        self.cancel_message = NOTHING_LEFT

    def progress(self, fraction: float, message: str = "") -> None: ...

    def log(self, message: str, level: Level = "info") -> None: ...

    def metric(self, name: str, value: float, step: int) -> None: ...

    def artifact(self, kind: str, path: Path) -> None: ...

    def if_cancelled(self, message: str = NOTHING_LEFT) -> None:
        self.cancel_message = message

    def check_cancelled(self) -> None:
        if self.cancel.is_set():
            raise Cancelled(self.cancel_message)


class PhaseReporter:
    """Maps the progress 0 to 1 of one phase onto its part of the whole job."""

    def __init__(self, parent: Reporter, start: float, end: float) -> None:
        self._parent = parent
        self._start = start
        self._end = end

    def progress(self, fraction: float, message: str = "") -> None:
        self._parent.progress(self._start + (self._end - self._start) * fraction, message)

    def log(self, message: str, level: Level = "info") -> None:
        self._parent.log(message, level)

    def metric(self, name: str, value: float, step: int) -> None:
        self._parent.metric(name, value, step)

    def artifact(self, kind: str, path: Path) -> None:
        self._parent.artifact(kind, path)

    def if_cancelled(self, message: str = NOTHING_LEFT) -> None:
        self._parent.if_cancelled(message)

    def check_cancelled(self) -> None:
        self._parent.check_cancelled()


class OnceReporter(PhaseReporter):
    """One phase of a job that repeats no message of an earlier phase.

    Parameters
    ----------
    said : the messages of the earlier phases.
    """

    def __init__(self, parent: Reporter, start: float, end: float, said: Collection[str] = ()) -> None:
        super().__init__(parent, start, end)
        self._earlier = frozenset(said)
        self.said: set[str] = set(said)
        """All messages so far."""

    def log(self, message: str, level: Level = "info") -> None:
        self.said.add(message)
        if message not in self._earlier:
            super().log(message, level)


class TimedReporter(PhaseReporter):
    """Adds to the progress of one loop how long it still takes, once that is known.

    Parameters
    ----------
    clock : seconds from any beginning.
    """

    def __init__(self, parent: Reporter, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent, 0.0, 1.0)
        self._remaining = RemainingTime(clock)

    def progress(self, fraction: float, message: str = "") -> None:
        super().progress(fraction, f"{message}{self._remaining.after(fraction)}")


def tell_what_is_kept(error: BaseException, kept: str, reporter: Reporter) -> None:
    """Let a user know, in addition to what went wrong, what the job leaves: ``kept``, one or two sentences.

    The message of a cancel says so already, after :meth:`Reporter.if_cancelled`.
    """
    if isinstance(error, Cancelled):
        return
    if isinstance(error, HsiError):
        error.hint = f"{error.hint} {kept}".lstrip()
    else:  # the entry point writes its message, which does not contain this
        reporter.log(kept, "warning")
