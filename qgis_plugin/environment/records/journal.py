"""Forwards the messages of a set-up, and keeps them."""

from __future__ import annotations

from pathlib import Path

from ...engine.messages import Listener
from ..install.pip_settings import without_credentials


class Journal:
    """A listener that also keeps a file, takes passwords out of messages, and never goes back in progress.

    Parameters
    ----------
    listener : gets everything
    file : holds the lines of this set-up only
    """

    def __init__(self, listener: Listener, file: Path) -> None:
        self._listener = listener
        self._file = file
        self._fraction = 0.0
        self._low, self._high = 0.0, 1.0
        self._file.write_text("", encoding="utf-8")

    def step(self, low: float, high: float, title: str) -> None:
        """Begin a step that takes the progress from `low` to `high`."""
        self._low, self._high = low, high
        self._keep("step", title)
        self.progress(0.0, title)

    def progress(self, fraction: float, message: str) -> None:
        """How far this step is, 0 to 1."""
        reached = self._low + (self._high - self._low) * min(max(fraction, 0.0), 1.0)
        self._fraction = max(self._fraction, reached)
        self._listener.progress(self._fraction, message)

    def log(self, level: str, message: str) -> None:
        text = without_credentials(message)
        self._keep(level, text)
        self._listener.log(level, text)

    def metric(self, name: str, value: float | None, step: int) -> None:
        self._listener.metric(name, value, step)

    def artifact(self, kind: str, path: str) -> None:
        self._listener.artifact(kind, path)

    def is_cancelled(self) -> bool:
        return self._listener.is_cancelled()

    def _keep(self, kind: str, text: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{kind}: {text}\n")
