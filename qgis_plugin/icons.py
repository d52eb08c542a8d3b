"""The plugin's own icons, by name."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtGui import QIcon

_FOLDER = Path(__file__).parent / "resources" / "icons"


def icon_path(name: str) -> str:
    """Path of the SVG file of the icon ``name``, such as "provider"."""
    return str(_FOLDER / f"{name}.svg")


def icon(name: str) -> QIcon:
    """The icon ``name``."""
    return QIcon(icon_path(name))
