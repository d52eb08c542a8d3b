"""The menu Raster ▸ HSI Classifier, and the toolbar with buttons for Train and classify and the switches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QAction, QToolBar

from ..documentation import help_url
from ..icons import icon
from ..provider import PROVIDER_ID
from ..translation import tr
from .first_message import offer_set_up
from .forms import open_form

MENU = tr("HSI Classifier")
_IN_TOOLBAR = "train_and_classify"
# By this name QGIS remembers the place of the toolbar and whether it is shown.
_TOOLBAR_NAME = "HsiClassifierToolBar"
# In the order of work, with a line between groups; engine and help come last.
_LINE = ""
_IN_MENU = (
    "scene_information",
    "colour_scene",
    "import_scene",
    "denoise_scene",
    _LINE,
    "check_labels",
    "preview_map",
    "train_and_classify",
    "classify_scene",
    "classify_scenes",
    "suggest_labels",
    "explain_pixel",
    "model_information",
    "export_model",
    _LINE,
    "sample_reference_points",
    "assess_map",
    "clean_map",
    "export_map",
    _LINE,
    "set_up_engine",
    "engine_report",
)
_GUIDE_PAGE = "README"


class HsiMenu:
    """Adds the entries when it is made, and takes them away in :meth:`remove`.

    Parameters
    ----------
    iface : the desktop's interface.
    switches : by the name of the algorithm whose entry they precede. They get a place in the menu and a button, and are
        taken away with them.
    """

    def __init__(self, iface: Any, switches: Mapping[str, QAction] | None = None) -> None:
        self._iface = iface
        self._entries: list[QAction] = []
        # Of our own: the raster toolbar is hidden in a new profile of QGIS.
        self._toolbar: QToolBar = iface.addToolBar(MENU)
        self._toolbar.setObjectName(_TOOLBAR_NAME)
        registry = QgsApplication.processingRegistry()
        for name in _IN_MENU:
            if name == _LINE:
                self._add_line()
                continue
            switch = (switches or {}).get(name)
            if switch is not None:
                self._add(switch)
                self._toolbar.addAction(switch)
            algorithm = registry.algorithmById(f"{PROVIDER_ID}:{name}")
            entry = QAction(algorithm.icon(), algorithm.displayName() + "…", iface.mainWindow())
            entry.setToolTip(algorithm.shortDescription())
            entry.triggered.connect(partial(self._open, algorithm.id()))
            self._add(entry)
            if name == _IN_TOOLBAR:
                self._toolbar.addAction(entry)
        guide = QAction(icon("provider"), tr("User guide"), iface.mainWindow())
        guide.triggered.connect(lambda _=False: QDesktopServices.openUrl(QUrl(help_url(_GUIDE_PAGE))))
        self._add(guide)

    def _open(self, algorithm_id: str, checked: bool = False) -> None:
        ready, _ = QgsApplication.processingRegistry().algorithmById(algorithm_id).canExecute()
        if ready or offer_set_up(self._iface) is None:
            open_form(algorithm_id)

    def _add(self, entry: QAction) -> None:
        self._iface.addPluginToRasterMenu(MENU, entry)
        self._entries.append(entry)

    def _add_line(self) -> None:
        line = QAction(self._iface.mainWindow())
        line.setSeparator(True)
        self._add(line)

    def remove(self) -> None:
        """Take away what was added."""
        self._iface.mainWindow().removeToolBar(self._toolbar)
        self._toolbar.deleteLater()
        for entry in self._entries:
            self._iface.removePluginRasterMenu(MENU, entry)
            entry.deleteLater()
        self._entries = []
