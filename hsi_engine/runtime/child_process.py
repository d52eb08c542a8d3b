"""A process of the engine that another one has started: JSON lines go in and come out, and the end of its input ends it."""

from __future__ import annotations

import json
import os
import queue
import subprocess  # nosec B404
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from ..errors import HsiError

END_S = 1.0
"""A process notices the end of its input at once; it is killed if it has not ended after this."""


class ChildProcess:
    """One process, as seen by the one that has started it.

    Parameters
    ----------
    command : what is run.
    threads : of torch in it.
    folder : its working folder; None: that of this process.
    errors : open file for what libraries print; None: standard error of this process.

    Attributes
    ----------
    is_ready : it takes work.
    prefix : what the names of its temporary files begin with; empty until it is ready.
    writes_to : the folder of these files; None as long as it has made none.

    Raises
    ------
    OSError : it cannot be started.
    """

    def __init__(self, command: Sequence[str], threads: int, *, folder: Path | None = None, errors: Any = None) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # nosec B603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=_environment(threads),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.is_ready = False
        self.prefix = ""
        self.writes_to: Path | None = None

    def tell(self, **content: Any) -> None:
        """Send a message."""
        with suppress(BrokenPipeError):  # it has ended; that is noticed when messages are read
            self._process.stdin.write(json.dumps(content).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it sends, until it ends."""
        for line in self._process.stdout or ():
            yield json.loads(line)

    def note_ready(self, message: dict[str, Any]) -> None:
        """It has said that it is ready."""
        self.is_ready, self.prefix = True, message["prefix"]

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def how_it_ended(self) -> str:
        """A verb with what follows it; waits for the end."""
        code = self._process.wait()
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def close_input(self) -> None:
        """Let it end at once, whatever it does, without waiting."""
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]

    def end(self, within_s: float = END_S) -> None:
        """End it, and remove what it was writing."""
        self.close_input()
        try:
            self._process.wait(max(0.0, within_s))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            with suppress(OSError):
                self._process.stdout.close()
        if self.writes_to is not None and self.prefix:
            for file in self.writes_to.glob(f"{self.prefix}*"):
                with suppress(OSError):
                    file.unlink()


ProcessT = TypeVar("ProcessT", bound=ChildProcess)


def read_into(inbox: queue.SimpleQueue[tuple[ProcessT, dict[str, Any] | None]], process: ProcessT) -> None:
    """Put each message of a process into ``inbox`` as it comes, with the process; at last None. Returns at once."""

    def read() -> None:
        for message in process.messages():
            inbox.put((process, message))
        inbox.put((process, None))

    threading.Thread(target=read, daemon=True).start()


def not_started(number: int, count: int, error: OSError) -> HsiError:
    """The error for a process, counted from 1, that the system does not start."""
    return HsiError(
        f"Process {number} of {count} cannot be started: {error}.", code="process_start", hint="Use fewer processes."
    )


def _environment(threads: int) -> dict[str, str]:
    """That of this process, with the cores shared out and this very engine found first."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": str(threads)}
