"""A worker in a process of its own, as the program that started it sees it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hsi_engine
from forking_engine import ForkedWorker, ForkingEngine

ROOT = Path(hsi_engine.__file__).parents[1]
Message = dict[str, Any]


class Worker:
    """What a parent has of its worker: the process and the pipes to it."""

    def __init__(self, process: subprocess.Popen[bytes] | ForkedWorker) -> None:
        self.process = process

    def send(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def request(self, operation: str, **params: Any) -> None:
        self.send(json.dumps({"protocol": 1, "operation": operation, "params": params}))

    def read(self) -> Iterator[Message]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def wait_for(self, kind: str, text: str = "") -> Message:
        """The next message of this type whose ``message`` begins with ``text``."""
        before = []
        for message in self.read():
            if message["type"] == kind and message.get("message", "").startswith(text):
                return message
            before.append(message)
        raise AssertionError(f"the worker never sent {kind} {text!r}; last was {before[-1:]}")

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> int:
        return self.process.wait(timeout=60)


def environment() -> dict[str, str]:
    """In which Python finds the engine, wherever it runs."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def started(*command: str) -> Iterator[Worker]:
    """``python`` with the words of ``command``; killed where it still runs at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with process:
        yield Worker(process)
        process.kill()


@contextlib.contextmanager
def forking() -> Iterator[ForkingEngine]:
    """A process that has imported the engine, for :func:`forked`."""
    engine = ForkingEngine(Path(sys.executable), environment(), ROOT)
    yield engine
    engine.close()


@contextlib.contextmanager
def forked(engine: ForkingEngine) -> Iterator[Worker]:
    """A worker without its imports; killed where it still runs at the end of the block."""
    process = engine.start(environment())
    with process.stdin, process.stdout, process.stderr:
        yield Worker(process)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
