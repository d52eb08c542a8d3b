"""The messages of an operation, shown to a person on stderr."""

from __future__ import annotations

import re
import threading
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ..entrypoints.streams import discard
from ..reporting import Level, SilentReporter
from .option_words import OptionWords

_STEP = 0.1
# What changes from one message of a stage to the next: numbers, and the words of the time that is left.
_CHANGING = re.compile(r", [^,]+ left$|\d(?:[\d.,]*\d)?")


class TerminalReporter(SilentReporter):
    """A progress bar in a terminal; plain lines if stderr is a file or a pipe.

    Parameters
    ----------
    quiet : show warnings only.
    cancel : the event that asks the job to stop.
    words : how messages name the parameters.
    """

    def __init__(
        self, *, quiet: bool = False, cancel: threading.Event | None = None, words: OptionWords | None = None
    ) -> None:
        super().__init__(cancel)
        self._words = words or OptionWords()
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._bar = _progress_bar(self._console) if self._console.is_terminal and not quiet else None
        self._task: Any = None
        self._shown = ("", -1.0)
        self.said: set[str] = set()
        """All messages that were shown, in their own words."""

    def progress(self, fraction: float, message: str = "") -> None:
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task(message, total=1.0)
                self._bar.start()
            self._bar.update(self._task, completed=fraction, description=message)
        elif not self._quiet:
            self._progress_line(fraction, message)

    def log(self, message: str, level: Level = "info") -> None:
        if level != "warning" and self._quiet:
            return
        self.said.add(message)
        message = self._words.text(message)
        if level == "warning":
            self._print(f"warning: {message}", style="yellow")
        else:
            self._print(message)

    def close(self) -> None:
        """Take the bar away and give the cursor back; may be called from any thread, and twice."""
        if self._bar is not None and self._task is not None:
            self._bar.stop()
            self._task = None

    def _progress_line(self, fraction: float, message: str) -> None:
        # "Training the network: epoch 3 of 40, batch 2 of 33" is the same stage as "…: epoch 2 of 40, batch 1 of 33".
        stage = _CHANGING.sub("", message)
        last_stage, last_fraction = self._shown
        if stage == last_stage and fraction < min(last_fraction + _STEP, 1.0):
            return
        if (stage, fraction) != self._shown:
            self._shown = (stage, fraction)
            self._print(f"{fraction:4.0%} {message}")

    def _print(self, text: str, style: str | None = None) -> None:
        try:
            self._console.print(text, style=style, markup=False)
        except OSError:
            discard(2)  # a log on a full disk is no reason to lose the job


def _progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
