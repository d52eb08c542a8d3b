"""One job in one process, for a parent that talks JSON lines: ``python -m hsi_engine.worker``.

The request comes as a line on stdin, which stays open: ``{"cancel": true}`` may follow, and its end means
that the parent is gone. Messages leave as lines on stdout: hello, progress, log, metric, artifact, and at
last exactly one of result, error, cancelled. ``docs/protocol.md`` describes them.
"""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .entrypoints.limits import MOST_LETTERS
from .entrypoints.streams import open_closed_streams, take_stdout, write_all
from .errors import Cancelled, HsiError
from .reporting import Level, SilentReporter

if TYPE_CHECKING:
    from .entrypoints.cancellation import CancelSwitch
    from .operations.catalogue import Catalogue

_PROGRESS_INTERVAL_S = 0.05
# Of a line; parse_request refuses what has more letters than this.
_MOST_BYTES = 4 * MOST_LETTERS
# After the end of stdin, for the last message of a job that had ended by then. What nobody reads is not waited for.
_UNREAD_S = 30.0


class Channel:
    """The way out: one JSON object a line, from any thread, and nothing after the last message."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._closed = False

    def send(self, message_type: str, /, *, last: bool = False, **content: Any) -> None:
        """Send one message. A parent that no longer reads is noticed by the end of stdin, not here."""
        line = json.dumps({"type": message_type, **content}, ensure_ascii=False, allow_nan=False)
        with self._lock:
            if self._closed:
                return
            self._closed = last
            try:
                write_all(self._descriptor, line + "\n")
            except OSError:
                self._closed = True


class WorkerReporter(SilentReporter):
    """Sends the reports of an operation as JSON messages."""

    def __init__(self, channel: Channel, cancel: threading.Event) -> None:
        super().__init__(cancel)
        self._channel = channel
        self._last_message = ""
        self._next_progress = 0.0

    def progress(self, fraction: float, message: str = "") -> None:
        # A loop may report every batch; a reader needs a new phase at once and the rest now and then.
        now = time.monotonic()
        if message == self._last_message and now < self._next_progress and fraction < 1:
            return
        self._last_message, self._next_progress = message, now + _PROGRESS_INTERVAL_S
        self._channel.send("progress", fraction=round(min(max(fraction, 0.0), 1.0), 4), message=message)

    def log(self, message: str, level: Level = "info") -> None:
        self._channel.send("log", level=level, message=message)

    def metric(self, name: str, value: float, step: int) -> None:
        number = float(value)
        self._channel.send("metric", name=name, value=number if math.isfinite(number) else None, step=int(step))

    def artifact(self, kind: str, path: Path) -> None:
        self._channel.send("artifact", kind=kind, path=str(path))


def main(catalogue: Catalogue | None = None) -> int:
    """Run the one job that is asked for on stdin and return the exit code.

    Parameters
    ----------
    catalogue : the operations on offer; those of the engine if None.
    """
    from .entrypoints.compiled_modules import keep_whole_modules

    keep_whole_modules()
    open_closed_streams()
    channel = Channel(take_stdout())
    control = _take_stdin()
    # Here, not above: what these print while they are imported must not reach the parent.
    from . import __version__
    from .entrypoints.cancellation import CancelSwitch, say, signals_to
    from .entrypoints.ending import end_quickly
    from .entrypoints.request import PROTOCOL_VERSION
    from .entrypoints.threads import share_cores
    from .io.files.isolation.network import let_no_host_past

    end_quickly()
    share_cores()
    let_no_host_past()
    switch = CancelSwitch(lambda: channel.send("cancelled", last=True, message=reporter.cancel_message))
    channel.send(
        "hello",
        protocol=PROTOCOL_VERSION,
        version=__version__,
        pid=os.getpid(),
        temporary_prefix=switch.files.prefix,
    )
    reporter = WorkerReporter(channel, switch.event)
    inbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(control, inbox, switch, channel), daemon=True).start()
    with signals_to(switch.request), switch.files.in_use():
        line = inbox.get()
        if line is None:
            switch.settle()
            return 0
        try:
            result = _run(line, catalogue, reporter)
        except Cancelled as cancelled:
            switch.settle()
            message = cancelled.message
            say(lambda: channel.send("cancelled", last=True, message=message))
            return cancelled.exit_code
        except BaseException as error:  # also a library's SystemExit: the parent waits for a last message
            switch.settle()
            return _fail(channel, error)
        switch.settle()
        channel.send("result", last=True, result=result)
        return 0


def _run(line: str, catalogue: Catalogue | None, reporter: WorkerReporter) -> dict[str, Any]:
    from .entrypoints.request import parse_request
    from .operations.catalogue import CATALOGUE
    from .operations.definition.function import call

    request = parse_request(line)
    operation = (CATALOGUE if catalogue is None else catalogue)[request.operation]
    result: dict[str, Any] = call(operation, request.params, reporter).to_json()
    return result


def _fail(channel: Channel, error: BaseException) -> int:
    from .failures import as_hsi_error, print_traceback

    if isinstance(error, HsiError):
        print_traceback(error)
    else:
        traceback.print_exception(error, file=sys.stderr)
    known = as_hsi_error(error)
    channel.send("error", last=True, error=known.to_dict())
    return known.exit_code


def _take_stdin() -> int:
    """A private descriptor of standard input; a child process must not read what is meant for the worker."""
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return private


def _listen(descriptor: int, inbox: queue.SimpleQueue[str | None], switch: CancelSwitch, channel: Channel) -> None:
    """Read lines until the end of input: the request, then cancel. Runs in the control thread."""
    requested = False
    for line in _lines(descriptor):
        text = line.decode("utf-8", "replace").strip()
        if not text:
            continue
        if not requested:
            requested = True
            inbox.put(text)
        elif _is_cancel(text):
            threading.Thread(target=switch.request, daemon=True).start()
        else:
            channel.send("log", level="warning", message=f"A line that is not a cancel was ignored: {text[:80]}")
    if requested:
        switch.request(silent=True)
        # The job had ended before, and the process ends as soon as its last message is read, if that ever happens.
        time.sleep(_UNREAD_S)
        os._exit(Cancelled.exit_code)
    else:
        inbox.put(None)


def _lines(descriptor: int) -> Iterator[bytes]:
    """The lines of the input until its end, without their ends; of a line that is too long for a request, its beginning."""
    parts, size = list[bytes](), 0
    while piece := os.read(descriptor, 65536):
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield b"".join([*parts, end])
            parts, size = [], 0
        if size <= _MOST_BYTES:
            parts.append(rest)
            size += len(rest)


def _is_cancel(text: str) -> bool:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text == "cancel"
    return data == "cancel" or (isinstance(data, dict) and data.get("cancel") is True)


if __name__ == "__main__":
    sys.exit(main())
