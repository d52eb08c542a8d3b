"""The engine's reports during a run, as QGIS shows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

from ..layers import COPYING_PERCENT
from ..plain_text import plain, shortened, whole_letters
from ..translation import tr

# QGIS writes each text into the log: often enough to see that a long job moves, and how long it still takes.
_SAY_AGAIN_S = 60.0
# The bar need not move more often, or by less: each move is an event for the main thread.
_MOVE_AGAIN_S, _STEP = 0.05, 0.01
# What of an engine that does not stop talking reaches the log, which QGIS keeps in memory.
_MOST_LINES, _MOST_WARNINGS, _MOST_PHASES, _MOST_FILES = 5000, 1000, 1000, 10_000
_MOST_LETTERS, _PHASE_LETTERS = 5000, 200


class FeedbackListener:
    """Passes the worker's messages to a :class:`QgsProcessingFeedback`; safe on any thread.

    The engine reports each epoch in a sentence of its log, "Epoch 12 of 40: loss 0.213, …"; the points of the curves
    come besides, for programs that draw them, and would only repeat it here. An engine that floods the log is cut off there.

    Parameters
    ----------
    words : how a sentence of the engine is said here, or nothing if it is not; as it is if None.
    """

    def __init__(self, feedback: QgsProcessingFeedback, words: Callable[[str], str] | None = None) -> None:
        self._feedback = feedback
        self._words = words or str
        self._phase = ""
        self._said_at_s = self._moved_at_s = self._moved_to = 0.0
        self._room = {"info": _MOST_LINES, "warning": _MOST_WARNINGS, "phase": _MOST_PHASES}
        self.written: dict[str, str] = {}
        self.said: set[str] = set()

    def progress(self, fraction: float, message: str) -> None:
        """Move the bar; name each phase, and show every minute how far it is."""
        done, phase, now_s = min(max(0.0, fraction), 1.0), phase_of(message), time.monotonic()
        is_new = bool(phase) and phase != self._phase and self._room["phase"] > 0
        is_further = done >= self._moved_to + _STEP or (done == 1 and self._moved_to < 1)
        if is_new or is_further or now_s - self._moved_at_s >= _MOVE_AGAIN_S:
            self._moved_at_s, self._moved_to = now_s, max(done, self._moved_to)
            self._feedback.setProgress(COPYING_PERCENT + (100 - COPYING_PERCENT) * done)
        if phase and (is_new or now_s - self._said_at_s >= _SAY_AGAIN_S):
            self._phase, self._said_at_s = phase, now_s
            # Shown above the bar too, where markup would count.
            text = plain(phase if is_new else message, _PHASE_LETTERS)
            if self._has_room("phase"):
                self._feedback.setProgressText(whole_letters(text))

    def log(self, level: str, message: str) -> None:
        is_warning = level == "warning"
        text = whole_letters(self._words(shortened(message, _MOST_LETTERS)))
        if text and self._has_room("warning" if is_warning else "info"):
            self.said.add(text)
            (self._feedback.pushWarning if is_warning else self._feedback.pushInfo)(text)

    def _has_room(self, kind: str) -> bool:
        """Whether the log takes one more line of this kind; that it takes no more is said once."""
        self._room[kind] -= 1
        if self._room[kind] == 0:
            self._feedback.pushWarning(
                tr(
                    "The engine wrote unusually many lines. Further lines of this kind are not shown; the job continues."
                )
            )
        return self._room[kind] > 0

    def metric(self, name: str, value: Any, step: int) -> None:
        """Not shown: the log has it, see above."""

    def artifact(self, kind: str, path: str) -> None:
        """Kept for the end of the log, where what came out is listed."""
        if len(self.written) < _MOST_FILES and len(path) <= _MOST_LETTERS:
            self.written[path] = shortened(kind, _PHASE_LETTERS)

    def is_cancelled(self) -> bool:
        _let_events_through()
        cancelled: bool = self._feedback.isCanceled()
        return cancelled


def phase_of(message: str) -> str:
    """What is being done, without how far it is: "Classifying the scene" of "Classifying the scene: tile 3 of 12"."""
    return message.partition(":")[0].strip()


def _let_events_through() -> None:
    """On the main thread, where qgis_process and scripts run a job, an interrupt arrives as an event that has to be handled.

    Clicks and keys wait: nobody may start something else in the middle of the job.
    """
    application = QCoreApplication.instance()
    if application is not None and QThread.currentThread() == application.thread():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
