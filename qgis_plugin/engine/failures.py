"""What can go wrong with a job of the engine, as messages for people."""

from __future__ import annotations


class EngineFailure(Exception):
    """A job did not give a result. ``str()`` of it is what the user should read.

    Parameters
    ----------
    message : what is wrong, where, expected and found.
    hint : what to do about it; may be empty.
    code : the error in short for programs, such as "scene.unreadable"; those of the engine are in docs/protocol.md.
    details : the last lines that the worker and its libraries printed, for the log; may be empty.
    """

    def __init__(self, message: str, *, hint: str = "", code: str = "engine.failed", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class EngineCancelled(EngineFailure):
    """The job was cancelled by the user."""


class EngineDied(EngineFailure):
    """The worker ended in the middle of a job without saying why."""


class EngineMissing(EngineFailure):
    """The engine cannot be started: its Python is gone, is none, or does not answer."""
