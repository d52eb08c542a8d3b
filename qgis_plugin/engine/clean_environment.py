"""Environment variables for the engine's Python, without those that are meant for QGIS and its Python."""

from __future__ import annotations

import os
from pathlib import Path

from .home import engine_home
from .source import engine_source

# Each of these makes another Python, PROJ, GDAL or Qt than its own reach the engine, or an installer miss its target.
_NOT_PASSED_ON = frozenset(
    {
        "CONDA_DEFAULT_ENV",
        "CONDA_PREFIX",
        "GDAL_DATA",
        "GDAL_DRIVER_PATH",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PIP_PREFIX",
        "PIP_TARGET",
        "PIP_USER",
        "PROJ_DATA",
        "PROJ_LIB",
        "QGIS_PLUGINPATH",
        "QGIS_PREFIX_PATH",
        "QT_PLUGIN_PATH",
        "VIRTUAL_ENV",
    }
)
# All of Python's own: PYTHONHOME keeps a virtual environment from starting, PYTHONWARNINGS=error stops libraries.
_NOT_PASSED_ON_PREFIXES = ("DYLD_", "PYTHON", "__PYVENV_LAUNCHER__")


def clean_environment() -> dict[str, str]:
    """The variables of this process that may be passed on, for any program of another Python.

    PATH stays as it is: on Windows a base Python may find its libraries through it.
    """
    kept = {name: value for name, value in os.environ.items() if not _is_for_qgis(name)}
    kept.update(PYTHONUTF8="1", PYTHONNOUSERSITE="1", PYTHONUNBUFFERED="1")
    return kept


def worker_environment() -> dict[str, str]:
    """:func:`clean_environment` for the worker: with the engine's source and a place for compiled modules."""
    variables = clean_environment()
    variables["PYTHONPATH"] = str(engine_source())
    # The folder of the plugin is replaced at each update and may be read-only; nothing is written there.
    variables["PYTHONPYCACHEPREFIX"] = str(compiled_modules())
    return variables


def compiled_modules() -> Path:
    """The folder in which the worker's Python keeps the modules that it has compiled. It need not exist."""
    return engine_home() / "bytecode"


def _is_for_qgis(name: str) -> bool:
    return name in _NOT_PASSED_ON or name.startswith(_NOT_PASSED_ON_PREFIXES)
