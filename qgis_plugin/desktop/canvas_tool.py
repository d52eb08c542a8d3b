"""A map tool of ours on the canvas, in place of one that may be gone when it is given back."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt import sip


class CanvasTool:
    """Puts a tool on a canvas, and gives the canvas back to the one before.

    That one belongs to somebody else: a plugin that was reloaded or a dialog that was closed has deleted it.
    """

    def __init__(self, canvas: QgsMapCanvas, tool: QgsMapTool) -> None:
        self._canvas, self._tool = canvas, tool
        self._before: QgsMapTool | None = canvas.mapTool()

    def take(self) -> None:
        """Put the tool on the canvas, or leave it there."""
        if self._canvas.mapTool() != self._tool:
            self._before = self._canvas.mapTool()
            self._canvas.setMapTool(self._tool)

    def give_back(self) -> None:
        """Take it away and put back what was there, unless another tool has come meanwhile."""
        if self._canvas.mapTool() != self._tool:
            return
        self._canvas.unsetMapTool(self._tool)
        if self._before is not None and not sip.isdeleted(self._before):
            self._canvas.setMapTool(self._before)
