"""The part of QGIS's interface that the plugin uses."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayer, QgsMapLayerType
from qgis.gui import QgsMapCanvas, QgsMessageBar, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMainWindow, QToolBar


class Desktop:
    """Keeps what was put into it. Make it when QGIS runs."""

    def __init__(self) -> None:
        self.window = QMainWindow()
        self.bar = QgsMessageBar(self.window)
        self.canvas = QgsMapCanvas(self.window)
        self.factories: list[QgsOptionsWidgetFactory] = []
        self.menu: list[tuple[str, QAction]] = []
        self.layer_menu: list[tuple[str, QAction]] = []
        self.of_layers: list[tuple[str, QAction]] = []
        self.active: QgsMapLayer | None = None

    def mainWindow(self) -> QMainWindow:
        return self.window

    def messageBar(self) -> QgsMessageBar:
        return self.bar

    def mapCanvas(self) -> QgsMapCanvas:
        return self.canvas

    def registerOptionsWidgetFactory(self, factory: QgsOptionsWidgetFactory) -> None:
        self.factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory: QgsOptionsWidgetFactory) -> None:
        self.factories.remove(factory)

    def addPluginToRasterMenu(self, menu: str, entry: QAction) -> None:
        self.menu.append((menu, entry))

    def removePluginRasterMenu(self, menu: str, entry: QAction) -> None:
        self.menu.remove((menu, entry))

    def addCustomActionForLayerType(
        self, action: QAction, menu: str, layer_type: QgsMapLayerType, all_layers: bool
    ) -> None:
        self.layer_menu.append((menu, action))

    def addCustomActionForLayer(self, action: QAction, layer: QgsMapLayer) -> None:
        self.of_layers.append((layer.name(), action))

    def removeCustomActionForLayerType(self, action: QAction) -> bool:
        self.layer_menu = [entry for entry in self.layer_menu if entry[1] is not action]
        return True

    def activeLayer(self) -> QgsMapLayer | None:
        return self.active

    def addToolBar(self, name: str) -> QToolBar:
        return self.window.addToolBar(name)

    def addDockWidget(self, area: Qt.DockWidgetArea, dock: QDockWidget) -> None:
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock: QDockWidget) -> None:
        self.window.removeDockWidget(dock)

    @property
    def toolbars(self) -> list[QToolBar]:
        """Those that the window shows or may show."""
        bars = self.window.findChildren(QToolBar)
        return [bar for bar in bars if self.window.toolBarArea(bar) != Qt.ToolBarArea.NoToolBarArea]

    @property
    def toolbar(self) -> list[QAction]:
        """The buttons of all toolbars."""
        return [action for bar in self.toolbars for action in bar.actions()]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the desktop of the tests has no {name}: is it QGIS's name?")
