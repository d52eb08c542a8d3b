"""The dock that explains the pixel that was clicked: from a click to a run of Explain pixel, and to what it found."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsPointXY, QgsProcessingContext, QgsProcessingUtils, QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices

from ...layers.proposals import model_of_map, not_scenes, proposed_scene
from ...provider import PROVIDER_ID
from ...translation import tr
from ..background_run import BackgroundRun
from ..canvas_tool import CanvasTool
from ..dock_switch import SwitchedDock
from ..labelling.pixel import transformed
from .panel import ExplainPanel
from .pixel_tool import PixelFrame, PixelTool

_ALGORITHM = f"{PROVIDER_ID}:explain_pixel"
_MODEL_SETTING = "hsi_classifier/explain_model"


class ExplainDock(SwitchedDock):
    """Explains pixels of one scene; :meth:`end` gives the canvas back.

    Parameters
    ----------
    iface : the desktop's interface.
    """

    def __init__(self, iface: Any) -> None:
        super().__init__(tr("Explain pixel"), iface.mainWindow())
        self.setObjectName("HsiExplainPixel")
        self.panel = ExplainPanel()
        self.setWidget(self.panel)
        self._canvas = iface.mapCanvas()
        self.tool, self._frame = PixelTool(self._canvas), PixelFrame(self._canvas)
        self._taken = CanvasTool(self._canvas, self.tool)
        self._run: BackgroundRun | None = None
        self._next: tuple[str, bool] | None = None
        self._place = ""
        self._folder = tempfile.TemporaryDirectory(prefix="hsi-pixel-", dir=QgsProcessingUtils.tempFolder())
        project = QgsProject.instance()
        self._leave_maps_out()
        scene = proposed_scene(project)
        if scene is not None:
            self.panel.scenes.setLayer(scene)
        self.panel.files.setFilePath(model_of_map(project) or str(QgsSettings().value(_MODEL_SETTING, "") or ""))
        project.layersAdded.connect(self._leave_maps_out)
        self.panel.files.fileChanged.connect(self._forget)
        self.panel.scenes.layerChanged.connect(self._forget)
        self.panel.pick.toggled.connect(self._take_canvas)
        self.panel.page.clicked.connect(lambda _=False: self._explain(self._place, page=True))
        self.tool.canvasClicked.connect(self._clicked)
        self._canvas.mapToolSet.connect(self._tool_changed)
        self.panel.pick.setChecked(True)
        self._forget()

    @property
    def is_busy(self) -> bool:
        """Whether a pixel is being explained."""
        return self._run is not None

    def end(self, *, wait: bool = False) -> None:
        """End a run, and give the canvas back; ``wait`` until its thread has ended."""
        QgsProject.instance().layersAdded.disconnect(self._leave_maps_out)
        self._canvas.mapToolSet.disconnect(self._tool_changed)
        self.panel.scenes.layerChanged.disconnect(self._forget)
        self.panel.files.fileChanged.disconnect(self._forget)
        self._taken.give_back()
        self._frame.remove()
        run, self._run, self._next = self._run, None, None
        if run is None:
            self._folder.cleanup()
        else:
            run.abandon(self._folder.cleanup, wait=wait)

    def _leave_maps_out(self, *_: Any) -> None:
        self.panel.scenes.setExceptedLayerList(not_scenes(QgsProject.instance()))

    # --------------------------------------------------------------------------------- the canvas

    def _take_canvas(self, on: bool) -> None:
        if on:
            self._taken.take()
        else:
            self._taken.give_back()

    def _tool_changed(self, tool: Any, *_: Any) -> None:
        self.panel.pick.blockSignals(True)
        self.panel.pick.setChecked(tool == self.tool)
        self.panel.pick.blockSignals(False)

    def _clicked(self, point: QgsPointXY, button: Any = Qt.MouseButton.LeftButton) -> None:
        scene = self.panel.scene
        if button != Qt.MouseButton.LeftButton or scene is None:
            return
        place = transformed(point, self._canvas.mapSettings().destinationCrs(), scene.crs())
        if place is None or not self._frame.show(scene, place):
            self._place = ""
            self.panel.clear(tr("There is no pixel of '{}' here.").format(scene.name()))
            return
        self._place = f"{place.x()!r},{place.y()!r}"
        self._explain(self._place, page=False)

    def _forget(self, *_: Any) -> None:
        """Another scene or model was chosen: what is shown is not of them."""
        self._frame.hide()
        self._place = ""
        if self.panel.scene is None:
            self.panel.clear(tr("There is no scene in the project. Add a hyperspectral raster."))
        elif not self.panel.model:
            self.panel.clear(tr("Choose the model that the map was made with."))
        else:
            self.panel.clear(tr("Click a pixel of the scene or of its map."))

    # --------------------------------------------------------------------------------- a run

    def _explain(self, place: str, *, page: bool) -> None:
        """Begin a run, or let one end first that explains another pixel."""
        if not place:
            return
        if self._run is not None:
            self._next = (place, page)
            self._run.cancel()
            return
        scene, model = self.panel.scene, self.panel.model
        if scene is None or not model:
            self._forget()
            return
        parameters = {"SCENE": scene.id(), "MODEL": model, "POSITION": place}
        if page:
            parameters["REPORT"] = str(Path(self._folder.name) / "pixel.html")
        algorithm = QgsApplication.processingRegistry().algorithmById(_ALGORITHM)
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        possible, problem = algorithm.checkParameterValues(parameters, context)
        if not possible:
            self.panel.clear(problem)
            return
        QgsSettings().setValue(_MODEL_SETTING, model)
        if not page:
            self.panel.clear(tr("Explaining the pixel…"))
        self.panel.page.setEnabled(False)
        self._run = BackgroundRun(algorithm, parameters, self._ended)

    def _ended(self, run: BackgroundRun, results: dict[str, Any] | None, problem: str) -> None:
        if run is not self._run:
            return
        self._run = None
        following, self._next = self._next, None
        if following is not None:
            self._explain(following[0], page=following[1])
        elif results is not None and self._place:
            self.panel.show_explanation(json.loads(results["EXPLANATION"]))
            if results.get("REPORT"):
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(results["REPORT"])))
        elif problem:
            self.panel.clear(problem)
