"""The switch "Preview here": a quick map of what the canvas shows, which follows it."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsMessageLog, QgsProcessingContext, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QAction
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from ..icons import icon
from ..layers import PREVIEWED_RASTERS
from ..plain_text import as_markup
from ..provider import PROVIDER_ID
from ..translation import tr
from .background_run import BackgroundRun
from .first_message import engine_is_ready, offer_set_up
from .preview_layer import PreviewLayer
from .preview_request import LARGEST_PX, NothingToPreview, PreviewSources, find_sources, is_too_large, visible_part

# After the last move of the canvas, and after the last edit of a label.
_MOVED_MS, _EDITED_MS = 600, 1200
_MESSAGE_S = 12
# The tab of the log.
_LOG = "HSI Classifier"
# The first words of a traceback of Python.
_TRACEBACK = "Traceback (most recent call last)"
# What messages are about: each is said again only after something else was said of the same.
_START, _PART, _PROBLEM, _ACCURACY = "start", "part", "problem", "accuracy"
_EDITS = ("featureAdded", "featureDeleted", "geometryChanged", "attributeValueChanged", "afterCommitChanges")
_SOURCE_SIGNALS = ("crsChanged", "dataSourceChanged")
_LABEL_SIGNALS = (*_EDITS, "afterRollBack", "subsetStringChanged", "rendererChanged", "dataChanged", *_SOURCE_SIGNALS)


class PreviewHere(QObject):
    """What the switch does; :meth:`stop` undoes it.

    Parameters
    ----------
    iface : the desktop's interface.

    Attributes
    ----------
    action : the switch, for menu and toolbar.
    """

    def __init__(self, iface: Any) -> None:
        super().__init__()
        self._iface = iface
        self._layer = PreviewLayer()
        self._sources: PreviewSources | None = None
        self._run: BackgroundRun | None = None
        self._again = False
        self._edits = 0
        self._begun: tuple[str, int] | None = None
        self._said: dict[str, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._preview)
        self.action = QAction(icon("preview"), tr("Preview here"), iface.mainWindow())
        self.action.setCheckable(True)
        self.action.setToolTip(
            tr("Maps what the canvas shows with a quick method, and follows it. Switch it off to remove the preview.")
        )
        self.action.toggled.connect(self._switch)

    def stop(self) -> None:
        """End a run and the preview before the plugin is unloaded: the layer is removed, and the thread of a run has ended."""
        self._stop(wait=True)

    # --------------------------------------------------------------------------------- on and off

    def _switch(self, on: bool) -> None:
        if on:
            self._start()
        else:
            self._stop()

    def _start(self) -> None:
        self._said.clear()
        if not engine_is_ready():
            offer_set_up(self._iface)
            self.action.setChecked(False)
            return
        try:
            self._sources = find_sources(QgsProject.instance(), self._iface.activeLayer())
        except NothingToPreview as missing:
            self._say(_START, str(missing), Qgis.MessageLevel.Warning)
            self.action.setChecked(False)
            return
        except Exception as error:
            self._give_up(error)
            return
        self._connect(self._sources)
        scene, labels = self._sources.scene, self._sources.labels
        if scene is not None and labels is not None:
            words = tr(
                "Preview of '{}' with the labels of '{}'. The first one takes longer: a quick method is trained."
            )
            self._say(_START, words.format(scene.name(), labels.name()), Qgis.MessageLevel.Info)
        self._timer.start(0)

    def _stop(self, *, wait: bool = False) -> None:
        self._timer.stop()
        if self._sources is not None:
            self._disconnect(self._sources)
        run, self._run = self._run, None
        self._sources, self._begun, self._again = None, None, False
        remove_layer_files = self._layer.remove()

        def remove_files() -> None:
            remove_layer_files()
            PREVIEWED_RASTERS.clear()

        if run is None:
            remove_files()
        else:
            run.abandon(remove_files, wait=wait)

    def _switch_off(self, why: str = "") -> None:
        if why:
            self._say(_START, why, Qgis.MessageLevel.Info)
        self.action.setChecked(False)

    # --------------------------------------------------------------------------------- following

    def _connect(self, sources: PreviewSources) -> None:
        canvas, project = self._iface.mapCanvas(), QgsProject.instance()
        canvas.extentsChanged.connect(self._moved)
        canvas.destinationCrsChanged.connect(self._moved)
        project.layersWillBeRemoved.connect(self._removed)
        project.writeProject.connect(self._written)
        project.writeMapLayer.connect(self._layer_written)
        for layer, names in ((sources.labels, _LABEL_SIGNALS), (sources.scene, _SOURCE_SIGNALS)):
            for name in names if layer is not None else ():
                getattr(layer, name).connect(self._edited)

    def _disconnect(self, sources: PreviewSources) -> None:
        canvas, project = self._iface.mapCanvas(), QgsProject.instance()
        canvas.extentsChanged.disconnect(self._moved)
        canvas.destinationCrsChanged.disconnect(self._moved)
        project.layersWillBeRemoved.disconnect(self._removed)
        project.writeProject.disconnect(self._written)
        project.writeMapLayer.disconnect(self._layer_written)
        for layer, names in ((sources.labels, _LABEL_SIGNALS), (sources.scene, _SOURCE_SIGNALS)):
            for name in names if layer is not None else ():
                getattr(layer, name).disconnect(self._edited)

    def _moved(self) -> None:
        self._timer.start(_MOVED_MS)

    def _edited(self, *_: Any) -> None:
        self._edits += 1
        self._timer.start(_EDITED_MS)

    def _removed(self, layer_ids: list[str]) -> None:
        sources = self._sources
        if sources is None:
            return
        if self._layer.layer_id in layer_ids:
            self._layer.forget()
            self._switch_off()
        elif sources.scene_id in layer_ids or sources.labels_id in layer_ids:
            # Not now: the project is in the middle of removing layers.
            QTimer.singleShot(0, self._sources_are_gone)

    def _sources_are_gone(self) -> None:
        if self._sources is not None:
            self._switch_off(tr("The preview ended: its scene or its labels were removed."))

    def _written(self, document: QDomDocument) -> None:
        self._layer.leave_out_of(document)

    def _layer_written(self, layer: QgsMapLayer, element: QDomElement, document: QDomDocument) -> None:
        self._layer.leave_out(layer, element)

    # --------------------------------------------------------------------------------- a preview

    def _preview(self) -> None:
        try:
            self._begin()
        except Exception as error:  # in a slot of a timer nobody else would say it
            self._give_up(error)

    def _begin(self) -> None:
        """Begin a preview of what the canvas shows, or let a run end first that shows something else."""
        sources = self._sources
        scene = None if sources is None else sources.scene
        if sources is None or scene is None or sources.labels is None:
            return
        part = visible_part(self._iface.mapCanvas(), scene)
        if part is None:
            self._say(
                _PART, tr("The canvas does not show the scene '{}'.").format(scene.name()), Qgis.MessageLevel.Info
            )
            return
        wanted = (part.asWktPolygon(), self._edits)
        if wanted == self._begun:
            return
        if self._run is not None:
            self._again = True
            self._run.cancel()
            return
        algorithm = QgsApplication.processingRegistry().algorithmById(f"{PROVIDER_ID}:preview_map")
        parameters = sources.parameters(part, self._layer.next_file())
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        possible, problem = algorithm.checkParameterValues(parameters, context)
        self._begun = wanted
        if not possible:
            self._say(_PROBLEM, problem, Qgis.MessageLevel.Warning)
            return
        if is_too_large(part, scene):
            words = tr("Zoom in to preview all that is shown: only the middle {:,} pixels of each side are mapped.")
            self._say(_PART, words.format(LARGEST_PX), Qgis.MessageLevel.Info)
        else:
            self._said.pop(_PART, None)
        self._run = BackgroundRun(algorithm, parameters, self._ended)

    def _ended(self, run: BackgroundRun, results: dict[str, Any] | None, problem: str) -> None:
        if run is not self._run:
            return
        self._run = None
        try:
            self._show(run, results, problem)
        except Exception as error:
            self._give_up(error)

    def _show(self, run: BackgroundRun, results: dict[str, Any] | None, problem: str) -> None:
        scene = None if self._sources is None else self._sources.scene
        if results is not None and scene is not None:
            problem = self._layer.show(run.output, scene) or ""
            if results.get("TRAINED"):
                self._say(_ACCURACY, str(results["ACCURACY"]), Qgis.MessageLevel.Info)
        else:
            self._layer.discard(run.output)
        if _TRACEBACK in problem:
            self._give_up(problem)
            return
        if problem:
            self._say(_PROBLEM, problem, Qgis.MessageLevel.Warning)
        elif results is not None:
            self._said.pop(_PROBLEM, None)
        if self._again:
            self._again, self._begun = False, None
            self._timer.start(0)

    def _give_up(self, error: object) -> None:
        """Switch off after what should not have happened; the details are for the log."""
        details = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        QgsMessageLog.logMessage(details, _LOG, Qgis.MessageLevel.Warning)
        self._say(
            _PROBLEM,
            tr("The preview ended because of an unexpected error. The log “HSI Classifier” has the details."),
            Qgis.MessageLevel.Warning,
        )
        self.action.setChecked(False)

    def _say(self, topic: str, text: str, level: Qgis.MessageLevel) -> None:
        """Say something in the message bar, unless it is what was said of this last."""
        if self._said.get(topic) != text:
            self._said[topic] = text
            self._iface.messageBar().pushMessage(tr("Preview"), as_markup(text), level, _MESSAGE_S)
