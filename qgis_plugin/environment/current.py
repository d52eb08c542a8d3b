"""Which engine the plugin uses now."""

from __future__ import annotations

import os
from pathlib import Path

from qgis.core import QgsSettings

from ..engine.home import engine_home
from ..paths import expanded
from .pythons.requirements import engine_requirements
from .records.location import Location
from .records.state import EngineState, existing_state, managed_state, variable_state

PYTHON_SETTING = "hsi_classifier/python"
DEVICE_SETTING = "hsi_classifier/device"
MODELS_SETTING = "hsi_classifier/models"
PYTHON_VARIABLE = "HSI_ENGINE_PYTHON"


def engine_location() -> Location:
    """Where the plugin's own environment is, or would be."""
    return Location(engine_home())


def models_folder() -> Path | None:
    """The folder whose models forms offer as a list; None if the user chose none."""
    chosen = str(QgsSettings().value(MODELS_SETTING, "") or "").strip()
    return expanded(chosen) if chosen else None


def current_engine() -> EngineState:
    """The engine that HSI_ENGINE_PYTHON names, else the one of the settings, else the plugin's own environment.

    Reads a few small files and starts nothing.

    Raises
    ------
    EngineMissing : the plugin itself is not complete
    """
    named = os.environ.get(PYTHON_VARIABLE, "").strip()
    if named:
        return variable_state(Path(named))
    location = engine_location()
    fingerprint = engine_requirements().fingerprint()
    chosen = str(QgsSettings().value(PYTHON_SETTING, "") or "").strip()
    if chosen:
        return existing_state(Path(chosen), location, fingerprint)
    return managed_state(location, fingerprint)
