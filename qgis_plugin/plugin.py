"""What QGIS loads: the toolbox provider everywhere; menu, button and options page if there is a desktop."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

from .provider import PROVIDER_ID, HsiProvider


class HsiPlugin:
    """Life of the plugin inside QGIS.

    Parameters
    ----------
    iface : the desktop's interface; None in qgis_process.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: HsiProvider | None = None
        self._options: Any = None
        self._menu: Any = None
        self._layer_menu: Any = None
        self._preview: Any = None
        self._label_points: Any = None
        self._explain: Any = None

    def initProcessing(self) -> None:
        """Put the algorithms into the toolbox. QGIS calls it if it needs algorithms only, as in qgis_process."""
        registry = QgsApplication.processingRegistry()
        # The registry deletes a provider whose id it knows already, and what Python holds would point to nothing.
        if registry.providerById(PROVIDER_ID) is None:
            self._provider = HsiProvider()
            registry.addProvider(self._provider)

    def initGui(self) -> None:
        """Called by the desktop: algorithms, a page in its options, menus, a button, and what to do first."""
        from .desktop.explain_pixel import explain_pixel_switch
        from .desktop.first_message import offer_set_up
        from .desktop.label_points import label_points_switch
        from .desktop.layer_menu import LayerMenu
        from .desktop.menu import HsiMenu
        from .desktop.preview_here import PreviewHere
        from .options.factory import HsiOptionsFactory

        self.initProcessing()
        if self._iface is not None and self._options is None:
            self._options = HsiOptionsFactory()
            self._iface.registerOptionsWidgetFactory(self._options)
            self._preview = PreviewHere(self._iface)
            self._label_points = label_points_switch(self._iface)
            self._explain = explain_pixel_switch(self._iface)
            switches = {
                "train_and_classify": self._preview.action,
                "explain_pixel": self._explain.action,
                "assess_map": self._label_points.action,
            }
            self._menu = HsiMenu(self._iface, switches)
            self._layer_menu = LayerMenu(self._iface)
            offer_set_up(self._iface)

    def unload(self) -> None:
        """Take away what this plugin put into QGIS, and nothing else."""
        if self._options is not None:
            self._iface.unregisterOptionsWidgetFactory(self._options)
            self._preview.stop()
            self._label_points.stop()
            self._explain.stop()
            self._menu.remove()
            self._layer_menu.remove()
            self._options = self._menu = self._layer_menu = self._preview = self._label_points = self._explain = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
