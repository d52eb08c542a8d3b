"""Every error the engine raises on purpose.

An error has a stable ``code`` (for programs), a message that says what is wrong, where, what was
expected and what was found, and a ``hint`` that says what to do. Its family decides the exit code of
the command line, so a script can tell a bad scene from a bad model without reading words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

NOTHING_LEFT = "Cancelled; no output was written."


class HsiError(Exception):
    """Base of all errors of the engine.

    Parameters
    ----------
    message : what is wrong, where, expected and found.
    code : stable dotted identifier, ``family.problem``.
    hint : what the user can do about it; may be empty.
    """

    family: ClassVar[str] = "engine"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = f"{self.family}.{code}" if code else self.family
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def to_dict(self) -> dict[str, object]:
        """The error as a plain dictionary, as the worker and ``hsi --json`` send it."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class ParameterError(HsiError, ValueError):
    """A parameter has a value that is not allowed."""

    family = "parameter"
    exit_code = 2


class SceneError(HsiError):
    """The scene cannot be read or holds nothing that can be used."""

    family = "scene"
    exit_code = 3


class LabelError(HsiError):
    """Labels, legends or splits cannot be read or cannot be used with the scene."""

    family = "labels"
    exit_code = 4


class BundleError(HsiError):
    """A model file is not one, is damaged, or is newer than this engine."""

    family = "model"
    exit_code = 5


class MismatchError(HsiError):
    """Two inputs do not belong together: model and scene, map and reference."""

    family = "mismatch"
    exit_code = 6


class OutputError(HsiError):
    """An output cannot be written under the name that was asked for."""

    family = "output"
    exit_code = 7


class DeviceError(HsiError):
    """The computing device that was asked for is unknown, missing or out of memory."""

    family = "device"
    exit_code = 8


class TrainingError(HsiError):
    """Training cannot start, diverged, or cannot be resumed."""

    family = "training"
    exit_code = 9


class Cancelled(HsiError):
    """The user cancelled the job; the message says what it leaves, which is nothing as a rule."""

    family = "cancelled"
    exit_code = 130

    def __init__(self, message: str = NOTHING_LEFT) -> None:
        super().__init__(message)


def error_from_dict(data: Mapping[str, Any]) -> HsiError:
    """The error whose :meth:`HsiError.to_dict` another process has sent."""
    family, _, problem = str(data["code"]).partition(".")
    kinds = {kind.family: kind for kind in HsiError.__subclasses__() if kind is not Cancelled}
    return kinds.get(family, HsiError)(str(data["message"]), code=problem, hint=str(data["hint"]))
