"""The folder for what can be made again: one for each user."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "HSI_ENGINE_CACHE"


def user_cache(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder that HSI_ENGINE_CACHE names, else that of this platform for caches. It need not exist."""
    variables = os.environ if environ is None else environ
    named = variables.get(VARIABLE, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    return _cache_folder(variables, platform) / "hsi_engine"


def _cache_folder(variables: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        local = variables.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches"
    cache = variables.get("XDG_CACHE_HOME", "")
    # The specification of XDG_CACHE_HOME asks to ignore relative paths.
    return Path(cache) if cache.startswith("/") else Path.home() / ".cache"
