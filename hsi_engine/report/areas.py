"""Areas as people write them."""

from __future__ import annotations

from collections.abc import Sequence

_HECTARE_M2 = 10_000
_SMALL_HA, _LARGE_HA = 0.1, 10_000
# Factor from hectares.
_UNITS = {"m²": _HECTARE_M2, "ha": 1.0, "km²": 0.01}


def area_text(hectares: float) -> str:
    """``850 m²``, ``12.3 ha`` or ``431 km²``, with about three digits."""
    return _in_unit(hectares, _unit(hectares))


def area_texts(hectares: Sequence[float | None], unknown: str = "") -> list[str]:
    """The areas of a table, all in the unit of the largest: ``850 ha``, ``0.02 ha``, ``0 ha``; ``unknown`` for None."""
    unit = _unit(max((area for area in hectares if area is not None), default=0.0))
    return [unknown if area is None else _in_unit(area, unit) for area in hectares]


def _unit(hectares: float) -> str:
    return "m²" if hectares < _SMALL_HA else "ha" if hectares < _LARGE_HA else "km²"


def _in_unit(hectares: float, unit: str) -> str:
    amount = hectares * _UNITS[unit]
    if unit == "m²" or not amount:
        return f"{amount:,.0f} {unit}"
    digits = 2 if amount < 10 else 1 if amount < 100 else 0
    text = f"{amount:,.{digits}f}"
    return f"{text} {unit}" if float(text.replace(",", "")) else f"less than 0.01 {unit}"
