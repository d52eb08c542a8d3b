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
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from .clean_environment import worker_environment
from .failures import EngineMissing
from .messages import Message, decode
from .source import engine_source
from .tail import Tail

_MAX_LINE = 64 * 1024 * 1024  # bytes; a result has a few kilobytes; more is not a message
_DRAIN_S = 1.0  # what was written by a process that has ended is read within this time
_END_S = 5.0  # time for a worker that has said its last word to let go of a GPU


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
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._printed = Tail()
        self._reader = _serve("stdout", self._process.stdout, self._read_messages)
        self._readers = [self._reader, _serve("stderr", self._process.stderr, self._read_stderr)]
        _serve("stdin", self._process.stdin, self._write_lines)

    def send(self, line: bytes) -> None:
        """Write a line to the worker; one that has ended does not get it."""
        self._lines.put(line)

    def receive(self, timeout: float) -> Message | None:
        """The next message, or None if none came within ``timeout`` seconds."""
        try:
            return self._messages.get(timeout=timeout)
        except queue.Empty:
            return None

    @property
    def is_over(self) -> bool:
        """Whether no further message can come."""
        if self._process.poll() is not None:
            # A child of the worker may still hold the pipe; it sends nothing that matters.
            self._reader.join(_DRAIN_S)
        elif self._reader.is_alive():
            return False
        return self._messages.empty()

    @property
    def printed(self) -> str:
        """The last lines that the worker and its libraries printed besides messages."""
        return self._printed.text()

    def wait(self) -> int | None:
        """The exit code of a worker that has sent its last message; None if it had to be killed."""
        self._lines.put(None)
        exit_code = None
        with contextlib.suppress(subprocess.TimeoutExpired):  # what hangs at its end is killed
            exit_code = self._process.wait(_END_S)
        self.kill()
        return exit_code

    def kill(self) -> None:
        """End the worker and its children at once; if it has ended, only read what it printed."""
        self._lines.put(None)
        if self._process.poll() is None:
            _kill_group(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the kernel, as on a lost network disk
                self._process.wait(_DRAIN_S)
        # On Windows the worker itself is a child of the environment's python.exe: the end of its output shows its end.
        for reader in self._readers:
            reader.join(_DRAIN_S)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read_messages(self, stream: IO[bytes]) -> None:
        while line := stream.readline(_MAX_LINE):
            message = decode(line)
            if message is None:
                self._printed.add(line)
            else:
                self._messages.put(message)

    def _read_stderr(self, stream: IO[bytes]) -> None:
        while piece := os.read(stream.fileno(), 65536):
            self._printed.add(piece)

    def _write_lines(self, stream: IO[bytes]) -> None:
        while (line := self._lines.get()) is not None:
            stream.write(line)
            stream.flush()


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


def _console_python(python: Path) -> Path:
    """``python.exe`` for ``pythonw.exe``, which has no standard streams."""
    console = python.with_name("python.exe")
    return console if python.name.lower() == "pythonw.exe" and console.exists() else python
