"""The engine's reports during a run, as QGIS shows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

from ..layers import COPYING_PERCENT

# QGIS writes each text into the log: often enough to see that a long job moves, and how long it still takes.
_SAY_AGAIN_S = 60.0


class FeedbackListener:
    """Passes the worker's messages to a :class:`QgsProcessingFeedback`; safe on any thread.

    The engine reports each epoch in a sentence of its log, "Epoch 12 of 40: loss 0.213, …"; the points of the curves
    come besides, for programs that draw them, and would only repeat it here.

    Parameters
    ----------
    words : how a sentence of the engine is said here; as it is if None.
    """

    def __init__(self, feedback: QgsProcessingFeedback, words: Callable[[str], str] | None = None) -> None:
        self._feedback = feedback
        self._words = words or str
        self._phase = ""
        self._said_at_s = 0.0
        self.written: dict[str, str] = {}
        self.said: set[str] = set()

    def progress(self, fraction: float, message: str) -> None:
        """Move the bar; name each phase, and show every minute how far it is."""
        done = min(max(fraction, 0.0), 1.0)
        self._feedback.setProgress(COPYING_PERCENT + (100 - COPYING_PERCENT) * done)
        phase = phase_of(message)
        if not phase:
            return
        is_new, now_s = phase != self._phase, time.monotonic()
        if is_new or now_s - self._said_at_s >= _SAY_AGAIN_S:
            self._phase, self._said_at_s = phase, now_s
            self._feedback.setProgressText(phase if is_new else message)

    def log(self, level: str, message: str) -> None:
        message = self._words(message)
        self.said.add(message)
        if level == "warning":
            self._feedback.pushWarning(message)
        else:
            self._feedback.pushInfo(message)

    def metric(self, name: str, value: Any, step: int) -> None:
        """Not shown: the log has it, see above."""

    def artifact(self, kind: str, path: str) -> None:
        """Kept for the end of the log, where what came out is listed."""
        self.written[path] = kind

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
