"""Running an algorithm as its dialog does."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgRunnerTask, QgsProcessingContext
from qgis.PyQt.QtCore import QEventLoop

from recording_feedback import RecordingFeedback


def run_as_a_dialog_does(
    algorithm: Any, parameters: dict[str, Any], context: QgsProcessingContext, feedback: RecordingFeedback
) -> dict[str, Any]:
    """On a thread of its own, while the main thread goes on; its results."""
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    ended, loop = {}, QEventLoop()
    task.executed.connect(lambda ok, results: (ended.update(ok=ok, **results), loop.quit()))
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    assert ended.pop("ok"), feedback.errors
    return ended
