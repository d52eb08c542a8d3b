"""The one door through which texts reach the user, so that they can be translated."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

CONTEXT = "HsiPlugin"


def tr(text: str) -> str:
    """``text`` in the language of QGIS, or as it is where there is no translation."""
    translated: str = QCoreApplication.translate(CONTEXT, text)
    return translated
