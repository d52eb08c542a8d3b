"""The message of a plugin whose engine is missing: what to do next, in one click."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QPushButton

from ..engine.failures import EngineMissing
from ..environment.current import current_engine
from ..plain_text import as_markup
from ..provider import PROVIDER_ID
from ..translation import tr
from .forms import open_form


def engine_is_ready() -> bool:
    """Whether a run can begin."""
    try:
        return current_engine().is_ready
    except EngineMissing:
        return False


def offer_set_up(iface: Any) -> Any:
    """Show the message if the engine is not ready; the item in the message bar, or None."""
    try:
        if current_engine().is_ready:
            return None
    except EngineMissing as incomplete:
        iface.messageBar().pushWarning(tr("HSI Classifier"), as_markup(str(incomplete)))
        return None
    bar = iface.messageBar()
    item = bar.createMessage(
        tr("HSI Classifier"),
        tr("One step is left: set up the engine (about 1.5 GB, once)."),
    )
    button = QPushButton(tr("Set up now"))

    def set_up() -> None:
        bar.popWidget(item)
        open_form(f"{PROVIDER_ID}:set_up_engine")

    button.clicked.connect(set_up)
    item.layout().addWidget(button)
    bar.pushWidget(item, Qgis.MessageLevel.Info)
    return item
