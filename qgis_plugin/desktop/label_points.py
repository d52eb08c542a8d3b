"""The switch "Label reference points": opens and closes the dock for it."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer, QgsWkbTypes

from ..translation import tr
from .dock_switch import DockSwitch
from .labelling.dock import LabelDock


def label_points_switch(iface: Any) -> DockSwitch:
    """The switch, for the desktop's interface ``iface``."""
    tip = tr(
        "Goes from point to point and takes the class by a key, for the accuracy of a map. Labels are saved as you go."
    )
    return DockSwitch(iface, "label_points", tr("Label reference points"), tip, _make_dock)


def _make_dock(iface: Any) -> LabelDock:
    layer = iface.activeLayer()
    is_points = isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    return LabelDock(iface, layer if is_points else None)
