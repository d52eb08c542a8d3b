"""The entries of the menu that opens with a right click on a raster layer of three bands or more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsMapLayer,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtWidgets import QAction

from ..icons import icon
from ..plain_text import as_markup
from ..provider import PROVIDER_ID
from ..translation import tr

# A composite is made of three bands: class maps and other rasters with fewer do not get the entries.
_FEWEST_BANDS = 3
MENU = tr("HSI Classifier")
_ALGORITHM = f"{PROVIDER_ID}:colour_scene"
_COMPOSITES = (
    ("true_colour", tr("True colour")),
    ("near_infrared", tr("Near infrared")),
    ("short_wave_infrared", tr("Short-wave infrared")),
    # What the others advise if a scene has no wavelengths for them.
    ("automatic", tr("Automatic")),
)


class LayerMenu:
    """Adds the entries when it is made, and takes them away in :meth:`remove`.

    Parameters
    ----------
    iface : the desktop's interface.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._entries: list[QAction] = []
        self._runs: list[_Run] = []
        for composite, title in _COMPOSITES:
            entry = QAction(icon("provider"), title, iface.mainWindow())
            entry.triggered.connect(partial(self._show, composite))
            # Its enumeration has another name since QGIS 3.30.
            iface.addCustomActionForLayerType(entry, MENU, QgsRasterLayer().type(), False)
            self._entries.append(entry)
        self._add_to(QgsProject.instance().mapLayers().values())
        QgsProject.instance().layersAdded.connect(self._add_to)

    def _add_to(self, layers: Iterable[QgsMapLayer]) -> None:
        for layer in layers:
            if isinstance(layer, QgsRasterLayer) and layer.bandCount() >= _FEWEST_BANDS:
                for entry in self._entries:
                    self._iface.addCustomActionForLayer(entry, layer)

    def _show(self, composite: str, checked: bool = False) -> None:
        layer = self._iface.activeLayer()
        if not isinstance(layer, QgsRasterLayer):
            return
        self._runs = [run for run in self._runs if not run.done]
        self._runs.append(_Run(self._iface, layer, composite))

    def remove(self) -> None:
        """Take away what was added."""
        QgsProject.instance().layersAdded.disconnect(self._add_to)
        for entry in self._entries:
            self._iface.removeCustomActionForLayerType(entry)
            entry.deleteLater()
        for run in self._runs:
            run.cancel()
        self._entries, self._runs = [], []


class _Run:
    """Shows one layer in a composite, in the background; what fails is said in the message bar."""

    def __init__(self, iface: Any, layer: QgsRasterLayer, composite: str) -> None:
        self.done = False
        self._iface = iface
        self._feedback = _LastError()
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(_ALGORITHM)
        parameters = {"SCENE": layer.id(), "COMPOSITE": composite}
        ready, message = algorithm.canExecute()
        if ready:
            ready, message = algorithm.checkParameterValues(parameters, self._context)
        if not ready:
            self._end(False, message)
            return
        self._task = QgsProcessingAlgRunnerTask(algorithm, parameters, self._context, self._feedback)
        if self._task.isCanceled():  # its preparation has failed: it will not run, and tell nobody
            self._end(False, self._feedback.last)
            return
        self._task.executed.connect(self._executed)
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stop, and show no further message."""
        if not self.done:
            self.done = True
            self._feedback.cancel()

    def _executed(self, successful: bool, results: Any) -> None:
        if not self.done and not self._feedback.isCanceled():
            self._end(successful, self._feedback.last)

    def _end(self, successful: bool, message: str) -> None:
        self.done = True
        if not successful:
            self._iface.messageBar().pushMessage(MENU, as_markup(message), Qgis.MessageLevel.Warning, 0)


class _LastError(QgsProcessingFeedback):
    """Keeps the last error that an algorithm reports."""

    def __init__(self) -> None:
        super().__init__(False)
        self.last = tr("The scene could not be shown. The log of Processing says more.")

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - name in QGIS
        self.last = error
        super().reportError(error, fatalError)
