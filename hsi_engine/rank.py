"""One rank of a training in one process: ``python -m hsi_engine.rank NUMBER``, started by :mod:`.training.processes`.

The job comes as a line on stdin, whose end means that the training is over or cancelled: the process then ends at once.
Messages leave as JSON lines on stdout: of the first rank progress, log, metric and if_cancelled; of each at last finished
or error.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

from .entrypoints.streams import take_stdout, write_all
from .errors import Cancelled, HsiError
from .reporting import Level, SilentReporter

if TYPE_CHECKING:
    from .io.files.temporary_files import TemporaryFiles

_PROGRESS_INTERVAL_S = 0.05


class Voice(SilentReporter):
    """Sends the reports of the first rank as JSON messages. A cancel does not come through it: it ends the process."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._next_progress = 0.0

    def send(self, message_type: str, /, **content: Any) -> None:
        write_all(self._descriptor, json.dumps({"type": message_type, **content}) + "\n")

    def progress(self, fraction: float, message: str = "") -> None:
        now = time.monotonic()
        if now >= self._next_progress or fraction >= 1:
            self._next_progress = now + _PROGRESS_INTERVAL_S
            self.send("progress", fraction=fraction, message=message)

    def log(self, message: str, level: Level = "info") -> None:
        self.send("log", message=message, level=level)

    def metric(self, name: str, value: float, step: int) -> None:
        self.send("metric", name=name, value=float(value), step=step)

    def if_cancelled(self, message: str = "") -> None:
        self.send("if_cancelled", message=message)


def main(number: int) -> int:
    """Run the job on stdin as the rank of this number; returns the exit code."""
    # The process that started this one receives it too, and closes stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    voice = Voice(take_stdout())
    request = sys.stdin.buffer.readline()
    from .io.files.temporary_files import TemporaryFiles

    files = TemporaryFiles()
    threading.Thread(target=_end_with_stdin, args=(number, request, files), daemon=True).start()
    from .entrypoints.threads import share_cores
    from .failures import as_hsi_error, print_traceback
    from .io.files.isolation.network import let_no_host_past

    share_cores()
    let_no_host_past()
    try:
        from .runtime.ranks import leave_ranks
        from .training.distributed.rank_job import run_job

        with files.in_use():
            outcome = run_job(request.decode(), number, voice if number == 0 else SilentReporter())
        voice.send("finished", outcome=outcome)
        leave_ranks()
        return 0
    except BaseException as error:  # also a library's SystemExit: the parent waits for a last message
        if isinstance(error, HsiError):
            print_traceback(error)
        else:
            traceback.print_exception(error, file=sys.stderr)
        voice.send("error", error=as_hsi_error(error).to_dict())
        # Connections stay open until the parent ends all ranks: another one would take their end for the cause.
        threading.Event().wait()
        return 1


def _end_with_stdin(number: int, request: bytes, files: TemporaryFiles) -> None:
    """End the process, whatever it computes, once nobody waits for it."""
    while os.read(0, 4096):
        pass
    files.discard_all()
    if number == 0 and request:  # a parent that was killed has left it
        shutil.rmtree(json.loads(request)["folder"], ignore_errors=True)
    os._exit(Cancelled.exit_code)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
