"""The switch "Explain clicked pixel": opens and closes the dock for it."""

from __future__ import annotations

from typing import Any

from ..translation import tr
from .dock_switch import DockSwitch
from .explaining.dock import ExplainDock
from .first_message import engine_is_ready, offer_set_up


def explain_pixel_switch(iface: Any) -> DockSwitch:
    """The switch, for the desktop's interface ``iface``."""
    tip = tr("Click a pixel in the map: why it has its class, how probable the others are, and its spectrum.")
    return DockSwitch(iface, "explain_pixel", tr("Explain clicked pixel"), tip, _make_dock)


def _make_dock(iface: Any) -> ExplainDock | None:
    if not engine_is_ready():
        offer_set_up(iface)
        return None
    return ExplainDock(iface)
