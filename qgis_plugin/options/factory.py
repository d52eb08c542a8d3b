"""Offers the page of the plugin to QGIS's options."""

from __future__ import annotations

from qgis.gui import QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..icons import icon
from ..translation import tr


class HsiOptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page when the options are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(tr("HSI Classifier"))

    def icon(self) -> QIcon:
        return icon("options")

    def createWidget(self, parent: QWidget | None = None) -> QWidget:
        from .page import HsiOptionsPage

        return HsiOptionsPage(parent)
