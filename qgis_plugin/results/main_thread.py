"""Work on layers of the project from wherever an algorithm happens to run."""

from __future__ import annotations

from typing import Any, Callable

from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, QThread, pyqtSignal


class _Errand(QObject):
    """Belongs to the main thread, and does there what it is asked for elsewhere."""

    asked = pyqtSignal()

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work
        self.moveToThread(QCoreApplication.instance().thread())
        # Not waited for: the main thread may itself be waiting for the thread that asks.
        self.asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    def _do(self) -> None:
        _waiting.remove(self)
        self._work()


# Nobody else holds an errand until it is done.
_waiting: list[Any] = []


def on_main_thread(work: Callable[[], None]) -> None:
    """Do ``work`` now if this is the main thread; otherwise there, as soon as it has time.

    As a step of a model in a dialog, an algorithm is prepared and finished on a thread of the model.
    """
    application = QCoreApplication.instance()
    if application is None or QThread.currentThread() == application.thread():
        work()
        return
    errand = _Errand(work)
    _waiting.append(errand)
    errand.asked.emit()
