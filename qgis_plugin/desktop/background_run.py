"""One run of an algorithm in the background, so that QGIS stays responsive."""

from __future__ import annotations

from typing import Any, Callable

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QThread, QTimer

# A thread refers to its context and feedback, which Python owns: they have to stay until it has ended.
_running: set[BackgroundRun] = set()

# If a preparation fails without a message, as with an unexpected error in Python.
_NO_REASON = "Traceback (most recent call last): no reason was given"
# A cancel is answered within a second.
_END_MS = 3000


class BackgroundRun:
    """Begins when it is made, without a word in the message bar: QGIS reports the end of each task of its task manager there.

    Parameters
    ----------
    algorithm, parameters : what is run, and its values; ``OUTPUT``, if there is one, is kept in :attr:`output`.
    ended : receives the outputs, or None if it failed or was cancelled, and what went wrong; on the main thread.
    """

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: dict[str, Any],
        ended: Callable[[BackgroundRun, dict[str, Any] | None, str], None],
    ) -> None:
        self.output = str(parameters.get("OUTPUT", ""))
        self._ended: Callable[[BackgroundRun, dict[str, Any] | None, str], None] | None = ended
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        self._feedback = _Feedback()
        self._algorithm = algorithm.create()
        self._thread = _Thread(self._algorithm, parameters, self._context, self._feedback)
        _running.add(self)
        self._is_prepared = self._algorithm.prepare(parameters, self._context, self._feedback)
        if not self._is_prepared:
            QTimer.singleShot(0, self._finished)
            return
        self._thread.finished.connect(self._finished)
        self._thread.start(QThread.Priority.LowPriority)

    def cancel(self) -> None:
        """Ask it to end; ``ended`` follows within a second."""
        self._feedback.cancel()

    def abandon(self, clean_up: Callable[[], None], *, wait: bool) -> None:
        """Cancel it without notice; ``wait`` until its thread is done with the algorithm, which is about to go.

        ``clean_up`` is called when nothing is being written: if the folder were deleted earlier, the engine would report an error.
        """
        self._ended = None
        if self not in _running or not self._is_prepared:
            clean_up()
            return
        self._ended = lambda *_: clean_up()
        self._feedback.cancel()
        if wait:
            self._thread.wait(_END_MS)
            self._tell(None)

    def _finished(self) -> None:
        _running.discard(self)
        self._tell(self._results())

    def _results(self) -> dict[str, Any] | None:
        results = self._thread.results
        if results is None or self._feedback.isCanceled():
            return None
        return self._algorithm.postProcess(self._context, self._feedback) or results

    def _tell(self, results: dict[str, Any] | None) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            is_over = results is not None or (self._is_prepared and self._feedback.isCanceled())
            ended(self, results, "" if is_over else self._feedback.problem or _NO_REASON)


class _Thread(QThread):
    """Runs a prepared algorithm; ``results`` stays None if it fails."""

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        super().__init__()
        self.results: dict[str, Any] | None = None
        self._arguments = (parameters, context, feedback)
        self._algorithm = algorithm

    def run(self) -> None:
        """Called by Qt on the new thread."""
        try:
            self.results = self._algorithm.runPrepared(*self._arguments)
        except QgsProcessingException as error:
            self._arguments[-1].reportError(str(error))


class _Feedback(QgsProcessingFeedback):
    """Keeps the last error; what else is said goes to nobody."""

    def __init__(self) -> None:
        super().__init__(False)
        self.problem = ""

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - name in QGIS
        self.problem = error
