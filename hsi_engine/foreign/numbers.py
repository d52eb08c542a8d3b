"""Numbers in text from strangers: finite, and of not more digits than a computer has room for."""

from __future__ import annotations

import math
import re

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def finite_number(text: str) -> float | None:
    """The number that text writes, spaces around it aside; None if it writes something else or none that is finite."""
    text = text.strip()
    value = float(text) if len(text) < 400 and _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """The whole number that text writes in up to 18 digits, which fit 64 bits; None otherwise (``3.0`` is not one)."""
    text = text.strip()
    return int(text) if _WHOLE.fullmatch(text) else None
