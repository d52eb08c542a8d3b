"""Where the source of the engine is, its version, and the packages it needs.

The released plugin brings the engine along in a folder ``engine_source``, next to lists of packages that were staged with
it. In the repository the engine is next to the plugin, and pyproject.toml holds the list.
"""

from __future__ import annotations

import re
from pathlib import Path

from .failures import EngineMissing

_PACKAGE = Path(__file__).resolve().parents[1]
_STAGED = _PACKAGE / "engine_source"

_VERSION = re.compile(r'^VERSION(?:: \w+)? = "([^"]+)"$', re.MULTILINE)
_DEPENDENCIES = re.compile(r"^dependencies = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r'^\s*"([^"]+)"', re.MULTILINE)


def engine_source() -> Path:
    """The folder that holds the package ``hsi_engine``, for PYTHONPATH."""
    return _STAGED if _STAGED.is_dir() else _PACKAGE.parent


def ready_made_models() -> Path:
    """The folder of the models that come with the engine."""
    return engine_source() / "hsi_engine" / "demo" / "models"


def engine_version() -> str:
    """The version of that engine.

    Raises
    ------
    EngineMissing
        The file with the version is not there, or holds none.
    """
    path = engine_source() / "hsi_engine" / "version.py"
    found = _VERSION.search(_read(path))
    if found is None:
        raise _damaged(path, "it holds no version")
    return found.group(1)


def requirements_text() -> str:
    """The packages the engine needs, with lower bounds, one per line.

    Raises
    ------
    EngineMissing
        The list is not there.
    """
    if _STAGED.is_dir():
        return _read(_STAGED / "requirements.txt")
    path = engine_source() / "pyproject.toml"
    found = _DEPENDENCIES.search(_read(path))  # Python 3.9 cannot read TOML
    if found is None:
        raise _damaged(path, "it holds no list of dependencies")
    return "".join(f"{package}\n" for package in _QUOTED.findall(found.group(1)))


def constraints_text() -> str:
    """The versions of the packages that the engine was tested with, one per line.

    Raises
    ------
    EngineMissing
        The list is not there.
    """
    return _read(engine_source() / "constraints.txt")


def lock_text() -> str:
    """The packages of the plugin's own environment with the hashes of their files.

    Raises
    ------
    EngineMissing
        The list is not there.
    """
    return _read(engine_source() / "engine_lock.txt")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error


def _damaged(path: Path, problem: str) -> EngineMissing:
    return EngineMissing(
        f"The plugin is not complete: '{path}' cannot be used ({problem}).",
        hint="Reinstall the plugin.",
        code="engine.incomplete",
    )
