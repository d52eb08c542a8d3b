"""A worker in a process of its own, as the program that started it sees it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hsi_engine

ROOT = Path(hsi_engine.__file__).parents[1]
Message = dict[str, Any]


class Worker:
    """What a parent has of its worker: the process and the pipes to it."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

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


@contextlib.contextmanager
def started(*command: str) -> Iterator[Worker]:
    """``python`` with the words of ``command``; killed where it still runs at the end of the block."""
    worker = Worker(list(command))
    with worker.process:
        yield worker
        worker.process.kill()
