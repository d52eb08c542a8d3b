"""Runs programs of other Pythons: line by line, with cancel, and ended when QGIS ends."""

from __future__ import annotations

import contextlib
import queue
import subprocess  # nosec B404 - runs Pythons and installers, never a shell
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import SetUpCancelled
from ..programs import program
from ..programs.supervise import end_process_tree

_TICK_S = 0.1  # how long a cancel may stay unseen
_KILL_S = 0.5  # how long an ended process may take to be gone


class ProgramTimeout(Exception):
    """A program did not finish in the time it was given."""


def run_program(
    supervisor: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    is_cancelled: Callable[[], bool],
    on_line: Callable[[str], None],
    on_tick: Callable[[], None] | None = None,
    timeout_s: float | None = None,
    folder: Path | None = None,
) -> int:
    """Run a command to its end and return its exit status.

    Parameters
    ----------
    supervisor : a Python, 3.7 or newer, that watches the command and ends it when QGIS is gone
    on_line : gets each line of its output, standard error among it
    on_tick : called about ten times a second
    folder : working folder of the command; tools look for settings of a project there

    Raises
    ------
    SetUpCancelled : the user stopped; the command and all its children are ended
    ProgramTimeout : it took longer than `timeout_s`; ended likewise
    OSError : the supervisor cannot be started
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    process = _start([str(supervisor), "-I", program("supervise"), *command], environment, folder)
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    finished = False
    try:
        while True:
            if is_cancelled():
                raise SetUpCancelled
            if deadline is not None and time.monotonic() > deadline:
                raise ProgramTimeout
            if on_tick is not None:
                on_tick()
            try:
                line = lines.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if line is None:
                break
            on_line(line)
        status = process.wait()
        finished = True
        return status
    finally:
        _close(process, finished)


def _start(command: list[str], environment: Mapping[str, str], folder: Path | None) -> subprocess.Popen[str]:
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW
    else:
        # A separate group, so that one signal ends installer, compilers and all.
        options["start_new_session"] = True
    return subprocess.Popen(  # nosec B603 - a list built by the plugin, no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=dict(environment),
        cwd=folder,
        **options,
    )


def _read(stream: IO[str] | None, lines: queue.Queue[str | None]) -> None:
    if stream is not None:
        for line in stream:
            text = line.strip()
            if text:
                lines.put(text)
        stream.close()
    lines.put(None)


def _close(process: subprocess.Popen[str], finished: bool) -> None:
    if not finished and process.poll() is None:
        # It may have ended in this moment, or hang in a call of the system that a signal cannot cut short.
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            end_process_tree(process.pid)
            process.wait(_KILL_S)
    if process.stdin is not None:
        process.stdin.close()
