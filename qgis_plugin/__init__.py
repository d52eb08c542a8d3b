"""QGIS plugin: classify hyperspectral scenes from the Processing toolbox.

Nothing of QGIS is imported here, so that the parts which need none (``engine``, ``environment``) can be used and tested
without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .plugin import HsiPlugin


def classFactory(iface: Any) -> HsiPlugin:
    """Called by QGIS when it loads the plugin; ``iface`` is None in qgis_process."""
    from .plugin import HsiPlugin

    return HsiPlugin(iface)
