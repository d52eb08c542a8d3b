"""A switch that opens and closes a dock, and what the plugin's docks have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QCloseEvent
from qgis.PyQt.QtWidgets import QAction, QDockWidget

from ..icons import icon


class SwitchedDock(QDockWidget):
    """A dock of a :class:`DockSwitch`.

    Attributes
    ----------
    closed : the user has closed the dock.
    takes_keys : keys go to it as soon as it opens.
    """

    closed = pyqtSignal()
    takes_keys = False

    def end(self, *, wait: bool = False) -> None:
        """Give back what was taken from canvas and project; ``wait`` until a run has ended."""
        raise NotImplementedError

    def closeEvent(self, event: QCloseEvent) -> None:
        """Called by Qt when the user closes the dock."""
        super().closeEvent(event)
        self.closed.emit()


class DockSwitch(QObject):
    """The switch; :meth:`stop` undoes it.

    Parameters
    ----------
    iface : the desktop's interface.
    icon_name, title, tip : of the switch.
    make_dock : makes the dock when it is switched on; None: it cannot be opened, and the user was told why.

    Attributes
    ----------
    action : the switch, for menu and toolbar.
    dock : the dock, while it is open.
    """

    def __init__(
        self, iface: Any, icon_name: str, title: str, tip: str, make_dock: Callable[[Any], SwitchedDock | None]
    ) -> None:
        super().__init__()
        self._iface, self._make_dock = iface, make_dock
        self.dock: SwitchedDock | None = None
        self.action = QAction(icon(icon_name), title, iface.mainWindow())
        self.action.setCheckable(True)
        self.action.setToolTip(tip)
        self.action.toggled.connect(self._switch)

    def stop(self) -> None:
        """Take the dock away before the plugin is unloaded; the thread of a run has ended then."""
        self._close(wait=True)

    def _switch(self, on: bool) -> None:
        if not on:
            self._close()
        elif self.dock is None:
            try:
                self.dock = self._make_dock(self._iface)
            finally:  # a fault is shown by QGIS, and the switch can be used again
                if self.dock is None:
                    self.action.setChecked(False)
            if self.dock is None:
                return
            self.dock.closed.connect(lambda: self.action.setChecked(False))
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            if self.dock.takes_keys:
                self.dock.widget().setFocus()

    def _close(self, *, wait: bool = False) -> None:
        dock, self.dock = self.dock, None
        if dock is not None:
            dock.end(wait=wait)
            self._iface.removeDockWidget(dock)
            dock.deleteLater()
        self.action.setChecked(False)
