"""The folder for what belongs to the engine: one for each user, outside the plugin's folder and the QGIS profile."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..paths import expanded

_FOLDERS = ("hsi_classifier", "engine")


def engine_home(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder that HSI_ENGINE_HOME names, else that of this platform for the data of programs. It need not exist."""
    variables = os.environ if environ is None else environ
    named = variables.get("HSI_ENGINE_HOME", "").strip()
    if named:
        return expanded(named).absolute()
    return _data_folder(variables, platform).joinpath(*_FOLDERS)


def _data_folder(variables: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        # Not the roaming folder: gigabytes would be copied at every log-on.
        local = variables.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    data = variables.get("XDG_DATA_HOME", "")
    # The specification of XDG_DATA_HOME asks to ignore relative paths.
    return Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
