"""The command ``hsi``, forked from a process that has imported the engine, in place of a new Python for each.

What it reads, writes and answers is the same; how the command starts, and what its streams may be, are tests of the command line.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from forked_entry_points import PRELOADED


class ForkedCommand:
    """As much of :class:`subprocess.Popen` as tests of the command use; its output is kept in files.

    Parameters
    ----------
    words : those after ``hsi``.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._told = Path(tempfile.mkdtemp(prefix="told"))
        self._streams = [self._told / name for name in ("stdout", "stderr")]
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._process = context.Process(target=_run, args=(list(words), self._streams, dict(os.environ), Path.cwd()))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """The exit code; that of a signal is negative; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; what it wrote to its standard output and its standard error. Once only."""
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired("hsi", timeout)
        out, err = (stream.read_text(encoding="utf-8") if stream.exists() else "" for stream in self._streams)
        shutil.rmtree(self._told)
        return out, err


def _run(words: list[str], streams: list[Path], environment: dict[str, str], folder: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, stream in enumerate(streams, start=1):
        with stream.open("w") as file:
            os.dup2(file.fileno(), number)
    from hsi_engine.cli.program import run_program

    code = run_program(words, None)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
