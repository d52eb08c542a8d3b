"""One run of an algorithm in the background, so that QGIS stays responsive."""

from __future__ import annotations

from typing import Any, Callable

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QTimer

# A task refers to its context and feedback, which Python owns: they have to stay until it has ended.
_running: set[BackgroundRun] = set()

# If a preparation fails without a message, as with an unexpected error in Python.
_NO_REASON = "Traceback (most recent call last): no reason was given"
# A cancel is answered within a second.
_END_MS = 3000


class BackgroundRun:
    """Begins when it is made.

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
        self._task = QgsProcessingAlgRunnerTask(algorithm, parameters, self._context, self._feedback)
        _running.add(self)
        # A task whose preparation failed cancels itself and the feedback, which nobody asked for.
        self._is_prepared = not self._task.isCanceled()
        if not self._is_prepared:  # its preparation failed: a task that is over before it began reports nothing
            QTimer.singleShot(0, lambda: self._tell(False, {}))
            return
        self._task.executed.connect(self._tell)
        QgsApplication.taskManager().addTask(self._task)

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
            self._task.waitForFinished(_END_MS)
            self._tell(False, {})

    def _tell(self, done: bool, results: dict[str, Any]) -> None:
        _running.discard(self)
        ended, self._ended = self._ended, None
        if ended is not None:
            cancelled = self._is_prepared and self._feedback.isCanceled()
            ended(self, results if done else None, "" if done or cancelled else self._feedback.problem or _NO_REASON)


class _Feedback(QgsProcessingFeedback):
    """Keeps the last error; what else is said goes to nobody."""

    def __init__(self) -> None:
        super().__init__(False)
        self.problem = ""

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - name in QGIS
        self.problem = error
