"""One job of the engine, run in a separate process: :func:`run_operation`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .endings import explain_end, explain_failed_start
from .failures import EngineCancelled, EngineDied, EngineFailure, EngineMissing
from .leftovers import remove_leftovers
from .messages import CANCEL, PROTOCOL_VERSION, Listener, Message, encode_request, field, relay
from .operations import load_operations
from .process import WorkerProcess
from .source import engine_source, engine_version

_POLL_S = 0.1
# A worker answers a cancel within half a second. With _POLL_S and the time the system needs to take back the memory of a
# killed one, a user waits for less than a second.
_CANCEL_S = 0.7
# A worker sends its hello within a second. A virus scanner that sees its files for the first time takes its time.
_START_S = 120.0
# After this time the user is told what is waited for.
_SLOW_START_S = 10.0
_LAST = ("result", "error", "cancelled")
# Of what a failure says: it is shown, and kept for the engine report.
_MOST_LETTERS = 5000


def run_operation(python: Path, operation: str, params: Mapping[str, Any], listener: Listener) -> dict[str, Any]:
    """Run ``operation`` in the engine and return its result, as ``hsi … --json`` prints it.

    Works in any thread and blocks it. After a cancel, a failure, or an exception of ``listener`` the worker has ended
    and left no temporary files.

    Parameters
    ----------
    python : the engine's Python.
    operation, params : what to run with which parameters. Relative paths count from this process's working folder.
    listener : receives the progress of the job, and is asked about ten times per second whether it is cancelled.

    Raises
    ------
    EngineMissing
        The engine cannot be started.
    EngineCancelled
        ``listener`` asked for it; at most a second ago.
    EngineDied
        The worker was killed or crashed.
    EngineFailure
        The engine reported an error, or is another version than this plugin needs.
    """
    if listener.is_cancelled():
        raise _not_begun()
    params = _absolute(operation, params)
    with WorkerProcess(python) as worker:
        return _Job(python, worker, listener).run(operation, params)


class _Job:
    """The conversation with a worker about one job."""

    def __init__(self, python: Path, worker: WorkerProcess, listener: Listener) -> None:
        self._python = python
        self._worker = worker
        self._listener = listener
        self._started = time.monotonic()
        self._prefix = ""  # of its temporary files; known once it has said hello
        self._cancel_sent: float | None = None
        self._is_slow = False

    def run(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._greet()
            self._worker.send(encode_request(operation, params))
            return self._outcome(self._listen())
        finally:
            self._worker.kill()
            if self._prefix:
                remove_leftovers(self._prefix, params)

    def _greet(self) -> None:
        """Wait for the worker's hello, and make sure that it is the engine of this plugin."""
        for message in self._messages():
            if message["type"] == "hello":
                self._check(message)
                self._prefix = field(message, "temporary_prefix", str)
                return
        exit_code = self._worker.wait(self._listener.is_cancelled)
        if self._listener.is_cancelled():
            raise _not_begun()
        raise explain_failed_start(self._python, exit_code, self._worker.printed)

    def _listen(self) -> Message:
        """Forward the messages of the worker until its last one."""
        for message in self._messages():
            if message["type"] in _LAST:
                return message
            relay(message, self._listener)
        exit_code = self._worker.wait(self._is_cancelled)
        if self._is_cancelled():
            raise _ended_by_force()
        raise explain_end(exit_code, self._worker.printed)

    def _outcome(self, last: Message) -> dict[str, Any]:
        found: dict[str, Any] = {} if last["type"] == "cancelled" else field(last, last["type"], dict)
        if self._cancel_sent is None:
            # Until it has let go of a GPU and printed its last lines. A cancel now changes nothing of what is done.
            self._worker.wait(self._listener.is_cancelled)
        if last["type"] == "result":
            return found
        if last["type"] == "error":
            raise self._failure(found)
        if self._cancel_sent is None:
            raise EngineDied(
                "Another program or the system stopped the engine; no output was written.",
                hint="Run the job again.",
                code="engine.ended",
                details=self._worker.printed,
            )
        raise EngineCancelled(field(last, "message", str)[:_MOST_LETTERS], code="cancelled")

    def _failure(self, error: dict[str, Any]) -> EngineFailure:
        code, message = field(error, "code", str)[:_MOST_LETTERS], field(error, "message", str)[:_MOST_LETTERS]
        if code == "engine.missing_library":
            return EngineMissing(
                f"'{self._python}' cannot run the engine. {message}",
                hint="Run 'Set up engine' to repair it, or choose another Python in the options of HSI Classifier.",
                code=code,
                details=self._worker.printed,
            )
        hint = (field(error, "hint", str, type(None)) or "")[:_MOST_LETTERS]
        return EngineFailure(message, hint=hint, code=code, details=self._worker.printed)

    def _messages(self) -> Iterator[Message]:
        """The worker's messages until it ends; between them the listener is asked whether to cancel."""
        while True:
            self._mind_cancel()
            message = self._worker.receive(_POLL_S)
            if message is not None:
                yield message
            elif self._worker.is_over:
                return

    def _is_cancelled(self) -> bool:
        return self._cancel_sent is not None or self._listener.is_cancelled()

    def _mind_cancel(self) -> None:
        now = time.monotonic()
        if self._cancel_sent is not None:
            if now > self._cancel_sent + _CANCEL_S:
                raise _ended_by_force()
        elif self._listener.is_cancelled():
            if not self._prefix:  # nothing was asked of it yet
                raise _not_begun()
            self._cancel_sent = now
            self._worker.send(CANCEL)
        elif not self._prefix and now > self._started + _START_S:
            raise EngineMissing(
                f"'{self._python}' was started, but the engine did not answer within {_START_S:g} s.",
                hint="Choose another Python in the options of HSI Classifier, or run 'Set up engine'.",
                code="engine.silent",
                details=self._worker.printed,
            )
        elif not self._prefix and not self._is_slow and now > self._started + _SLOW_START_S:
            self._is_slow = True
            self._listener.log(
                "info",
                f"The engine was started {_SLOW_START_S:g} s ago and has not answered yet. The first start on a slow disk, or one "
                f"that a virus scanner watches, takes longer; the job ends with a message after {_START_S:g} s, and can be cancelled.",
            )

    def _check(self, hello: Message) -> None:
        found = f"version {hello.get('version')}, protocol {hello.get('protocol')}"
        expected = f"version {engine_version()}, protocol {PROTOCOL_VERSION}"
        if found != expected:
            raise EngineFailure(
                f"The engine that '{self._python}' runs does not match this plugin: expected {expected}; found "
                f"{found}.",
                hint=f"Restart QGIS after an update of the plugin; if that does not help, remove hsi_engine from the "
                f"site-packages of this Python. The plugin includes its own in '{engine_source()}'.",
                code="engine.version",
            )


def _not_begun() -> EngineCancelled:
    return EngineCancelled("Cancelled before the engine started; nothing was written.", code="cancelled")


def _ended_by_force() -> EngineCancelled:
    return EngineCancelled("Cancelled; the engine was stopped in the middle of a step.", code="cancelled")


def _absolute(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """``params`` with absolute paths, since the worker's working folder is another."""
    known = load_operations().get(operation)
    paths = {p.name for p in known.parameters if p.type == "path"} if known else set()
    return {name: str(Path(v).absolute()) if name in paths and v else v for name, v in params.items()}
