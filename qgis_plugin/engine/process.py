"""The worker as a process: started, written to, read from, and ended for certain.

Pipes are read and written in separate threads, so that whoever runs the job never waits for the worker and can be
cancelled at any time.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess  # nosec B404 # runs the engine's own Python, never a shell
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from ..paths import exists
from .clean_environment import worker_environment
from .failures import EngineMissing
from .messages import Message, decode, line_too_long
from .source import engine_source
from .tail import Tail

_MAX_LINE = 16 * 1024 * 1024  # bytes; a result has a few kilobytes; more is not a message
_MOST_WAITING = 16 * 1024 * 1024  # bytes of messages that nobody has taken yet
_MESSAGE_COSTS = 1024  # bytes that a short message needs as an object
_DRAIN_S = 1.0  # what was written by a process that has ended is read within this time
_END_S = 5.0  # time for a worker that has said its last word to let go of a GPU
_POLL_S = 0.1
_CHILDREN_S = 1.0  # time for the children of a worker that has ended to clean up


class WorkerProcess:
    """A worker that was started; leaving the ``with`` block ends it.

    Parameters
    ----------
    python : the engine's Python.

    Raises
    ------
    EngineMissing
        There is no such program, or the system does not run it.
    """

    def __init__(self, python: Path) -> None:
        self._process = _start(_console_python(python.absolute()))
        self._messages = _Inbox()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._printed = Tail()
        self._has_children: bool | None = None  # not known before the worker has ended
        self._reader = _serve("stdout", self._process.stdout, self._read_messages)
        self._threads = [
            self._reader,
            _serve("stderr", self._process.stderr, self._read_stderr),
            _serve("stdin", self._process.stdin, self._write_lines),
        ]

    def send(self, line: bytes) -> None:
        """Write a line to the worker; one that has ended does not get it."""
        self._lines.put(line)

    def receive(self, timeout: float) -> Message | None:
        """The next message, or None if none came within ``timeout`` seconds.

        Raises
        ------
        EngineFailure
            The worker sent a line that is longer than any message.
        """
        message = self._messages.take(timeout)
        if message is _TOO_LONG:
            raise line_too_long(_MAX_LINE, self.printed)
        return message

    @property
    def is_over(self) -> bool:
        """Whether no further message can come."""
        if self._has_ended():
            # A child of the worker may still hold the pipe; it sends nothing that matters.
            self._reader.join(_DRAIN_S)
        elif self._reader.is_alive():
            return False
        return self._messages.is_empty

    @property
    def printed(self) -> str:
        """The last lines that the worker and its libraries printed besides messages."""
        return self._printed.text()

    def wait(self, stop: Callable[[], bool]) -> int | None:
        """The exit code of a worker that has sent its last message; None if it had to be killed.

        Parameters
        ----------
        stop : asked about ten times per second whether to kill it now.
        """
        self._lines.put(None)
        self._messages.close()
        exit_code, end = None, time.monotonic() + _END_S
        while exit_code is None and time.monotonic() < end and not stop():
            with contextlib.suppress(subprocess.TimeoutExpired):  # what hangs at its end is killed
                exit_code = self._process.wait(_POLL_S)
        self.kill()
        return exit_code

    def kill(self) -> None:
        """End the worker and its children at once; if it has ended, end its children and read what it printed."""
        self._lines.put(None)
        self._messages.close()
        if not self._has_ended():
            self._has_children = False
            _kill_group(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the kernel, as on a lost network disk
                self._process.wait(_DRAIN_S)
        elif self._has_children:
            self._has_children = False
            _end_children(self._process)
        # On Windows the worker itself is a child of the environment's python.exe: the end of its output shows its end.
        for thread in self._threads:
            thread.join(_DRAIN_S)

    def _has_ended(self) -> bool:
        if self._process.poll() is None:
            return False
        if self._has_children is None:
            # Asked in this moment: a group without members gives its number to others.
            self._has_children = _group_exists(self._process)
        return True

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read_messages(self, stream: IO[bytes]) -> None:
        while line := stream.readline(_MAX_LINE + 1):
            if len(line) > _MAX_LINE:
                self._messages.put(_TOO_LONG, 0)
                return
            message = decode(line)
            if message is None:
                self._printed.add(line)
            else:
                self._messages.put(message, len(line))

    def _read_stderr(self, stream: IO[bytes]) -> None:
        while piece := os.read(stream.fileno(), 65536):
            self._printed.add(piece)

    def _write_lines(self, stream: IO[bytes]) -> None:
        while (line := self._lines.get()) is not None:
            stream.write(line)
            stream.flush()


# In the place of a line that is no message, whatever it holds.
_TOO_LONG: Message = {}


class _Inbox:
    """Messages that nobody has taken yet: who puts more than there is room for waits, and the worker with it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Message, int]] = deque()
        self._size = 0
        self._closed = False

    def put(self, message: Message, size: int) -> None:
        """Add a message that came in a line of ``size`` bytes, as soon as there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size < _MOST_WAITING)
            if not self._closed:
                self._waiting.append((message, size + _MESSAGE_COSTS))
                self._size += size + _MESSAGE_COSTS
                self._changed.notify_all()

    def take(self, timeout: float) -> Message | None:
        """The oldest message, or None if none came within ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), timeout):
                return None
            message, size = self._waiting.popleft()
            self._size -= size
            self._changed.notify_all()
            return message

    def close(self) -> None:
        """Keep nothing from now on, so that a worker that talks on is read and can end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take."""
        return not self._waiting


def _serve(name: str, pipe: IO[bytes] | None, work: Callable[[IO[bytes]], None]) -> threading.Thread:
    """A thread that works on ``pipe`` and closes it; only that thread may, since others would wait for it."""
    stream = cast("IO[bytes]", pipe)  # None only if no pipe was asked for

    def serve() -> None:
        # The worker may end at any time. Its exit code and last message say more than a broken pipe.
        with contextlib.suppress(OSError), stream:
            work(stream)

    thread = threading.Thread(target=serve, name=f"hsi-{name}", daemon=True)
    thread.start()
    return thread


def _start(python: Path) -> subprocess.Popen[bytes]:
    command = [str(python), "-m", "hsi_engine.worker"]
    try:
        return subprocess.Popen(  # nosec B603 # a list of fixed words after the Python that the user set up
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
            # Python looks for modules in the working folder first; a json.py next to the user's project must not be found.
            cwd=engine_source(),
            **_apart(),
        )
    except FileNotFoundError:
        problem = "it does not exist"
    except PermissionError:
        problem = "it is not a program, or you do not have permission to run it"
    except OSError as error:
        problem = error.strerror or str(error)
    except ValueError:
        problem = "no file can have this name"
    raise EngineMissing(
        f"The engine's Python '{python}' cannot be started: {problem}.",
        hint="Run 'Set up engine', or choose another Python in the options of HSI Classifier.",
        code="engine.missing",
    )


def _apart() -> dict[str, Any]:
    """A separate group, so that Ctrl-C in the terminal of QGIS reaches QGIS alone, which then cancels the job."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        # The environment's python.exe holds the worker in a job object that ends with it.
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):  # it ended in this moment
            os.killpg(process.pid, signal.SIGKILL)


def _group_exists(process: subprocess.Popen[bytes]) -> bool:
    """Whether a worker that has ended left children in its group."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the system's word for a group of none but the dead, on macOS
        return False
    return True


def _end_children(process: subprocess.Popen[bytes]) -> None:
    """End the children of a worker that has ended, after a moment in which they may clean up, as Python's own do."""
    end = time.monotonic() + _CHILDREN_S
    while _group_exists(process):
        if time.monotonic() > end:
            _kill_group(process)
            return
        time.sleep(0.02)


def _console_python(python: Path) -> Path:
    """``python.exe`` for ``pythonw.exe``, which has no standard streams."""
    console = python.with_name("python.exe")
    return console if python.name.lower() == "pythonw.exe" and exists(console) else python
