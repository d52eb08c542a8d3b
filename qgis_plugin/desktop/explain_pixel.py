"""The switch "Explain clicked pixel": opens and closes the dock for it."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QAction

from ..icons import icon
from ..translation import tr
from .explaining.dock import ExplainDock
from .first_message import engine_is_ready, offer_set_up


class ExplainPixel(QObject):
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
        self.dock: ExplainDock | None = None
        self.action = QAction(icon("explain_pixel"), tr("Explain clicked pixel"), iface.mainWindow())
        self.action.setCheckable(True)
        self.action.setToolTip(
            tr("Click a pixel in the map: why it has its class, how probable the others are, and its spectrum.")
        )
        self.action.toggled.connect(self._switch)

    def stop(self) -> None:
        """Take the dock away before the plugin is unloaded; the thread of a run has ended then."""
        self._close(wait=True)

    def _switch(self, on: bool) -> None:
        if not on:
            self._close()
        elif self.dock is None:
            if not engine_is_ready():
                offer_set_up(self._iface)
                self.action.setChecked(False)
                return
            self.dock = ExplainDock(self._iface)
            self.dock.closed.connect(lambda: self.action.setChecked(False))
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)

    def _close(self, *, wait: bool = False) -> None:
        dock, self.dock = self.dock, None
        if dock is not None:
            dock.end(wait=wait)
            self._iface.removeDockWidget(dock)
            dock.deleteLater()
        self.action.setChecked(False)
