"""The lines that a worker and its parent exchange; docs/protocol.md describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from .failures import EngineFailure

PROTOCOL_VERSION = 1
CANCEL = b'{"cancel": true}\n'

Message = dict[str, Any]


class Listener(Protocol):
    """Receives what a job reports while it runs, and decides whether it should stop. Called in the thread that runs the job."""

    def progress(self, fraction: float, message: str) -> None:
        """``fraction`` of the job, 0 to 1, is done."""

    def log(self, level: str, message: str) -> None:
        """``level`` is "info" or "warning"."""

    def metric(self, name: str, value: float | None, step: int) -> None:
        """A point of a curve, such as the loss of an epoch; None if the value is not finite."""

    def artifact(self, kind: str, path: str) -> None:
        """A file is finished under its final name; ``kind`` says what it is, such as "class_map"."""

    def is_cancelled(self) -> bool:
        """Asked about ten times a second."""


def encode_request(operation: str, params: Mapping[str, Any]) -> bytes:
    """The line that asks for a job."""
    request = {"protocol": PROTOCOL_VERSION, "operation": operation, "params": dict(params)}
    # Pure ASCII: a file name that is not UTF-8 survives as an escape.
    return json.dumps(request, default=_path_as_text).encode("ascii") + b"\n"


def decode(line: bytes) -> Message | None:
    """The message in ``line``; None if it holds none, such as what a start-up script of Python printed."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def relay(message: Message, listener: Listener) -> None:
    """Pass ``message`` to ``listener``; types that are not known are for newer readers and are left out.

    Raises
    ------
    EngineFailure
        A field is missing or of another type than in the protocol.
    """
    kind = message["type"]
    if kind == "progress":
        listener.progress(field(message, "fraction", int, float), field(message, "message", str))
    elif kind == "log":
        listener.log(field(message, "level", str), field(message, "message", str))
    elif kind == "metric":
        value = field(message, "value", int, float, type(None))
        listener.metric(field(message, "name", str), value, field(message, "step", int))
    elif kind == "artifact":
        listener.artifact(field(message, "kind", str), field(message, "path", str))


def field(message: Mapping[str, Any], name: str, *types: type) -> Any:
    """The value of a field.

    Raises
    ------
    EngineFailure
        It is missing, or of none of ``types``.
    """
    if name in message and isinstance(message[name], types):
        return message[name]
    found = repr(message[name])[:80] if name in message else "nothing"
    expected = " or ".join(sorted(kind.__name__ for kind in types))
    raise EngineFailure(
        f"The engine sent a message of type {message.get('type')!r} that does not follow the protocol: its field"
        f" {name!r} must be of type {expected}; found {found}.",
        hint="Plugin and engine do not match; reinstall the plugin.",
        code="engine.protocol",
    )


def line_too_long(limit: int, printed: str) -> EngineFailure:
    """A line of more than ``limit`` bytes came; ``printed`` are the last lines that came besides messages."""
    return EngineFailure(
        f"The engine sent a line of more than {limit // 2**20} MB, which is not a message. The job was ended; no output was "
        "finished by it.",
        hint="Run it again; if it happens again, reinstall the plugin and report it with the log of this job.",
        code="engine.protocol",
        details=printed,
    )


def _path_as_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a parameter of type {type(value).__name__} cannot be sent to the engine")
