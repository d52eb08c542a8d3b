"""The switch "Label reference points": opens and closes the dock for it."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QAction

from ..icons import icon
from ..translation import tr
from .labelling.dock import LabelDock


class LabelPoints(QObject):
    """What the switch does; :meth:`stop` undoes it.

    Parameters
    ----------
    iface : the desktop's interface.

    Attributes
    ----------
    action : the switch, for menu and toolbar.
    dock : the dock, while it is open.
    """

    def __init__(self, iface: Any) -> None:
        super().__init__()
        self._iface = iface
        self.dock: LabelDock | None = None
        self.action = QAction(icon("label_points"), tr("Label reference points"), iface.mainWindow())
        self.action.setCheckable(True)
        self.action.setToolTip(
            tr(
                "Goes from point to point and takes the class by a key, for the accuracy of a map. Labels are saved as you go."
            )
        )
        self.action.toggled.connect(self._switch)

    def _switch(self, on: bool) -> None:
        if on and self.dock is None:
            layer = self._iface.activeLayer()
            is_points = (
                isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
            )
            self.dock = LabelDock(self._iface, layer if is_points else None)
            self.dock.closed.connect(lambda: self.action.setChecked(False))
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            self.dock.panel.setFocus()
        elif not on:
            self.stop()

    def stop(self) -> None:
        """Save the labels and take the dock away."""
        dock, self.dock = self.dock, None
        if dock is not None:
            dock.end()
            self._iface.removeDockWidget(dock)
            dock.deleteLater()
        self.action.setChecked(False)
