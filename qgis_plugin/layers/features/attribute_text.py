"""One text for a value, whether a feature holds it or a category of a style."""

from __future__ import annotations

from typing import Any

from qgis.core import NULL


def attribute_text(value: Any) -> str:
    """The value as QGIS compares it with a category, outer blanks left out; empty if there is none."""
    if value is None or value == NULL:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
