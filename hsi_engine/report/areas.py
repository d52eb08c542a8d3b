"""Areas as people write them."""

from __future__ import annotations

_HECTARE_M2 = 10_000
_SMALL_HA, _LARGE_HA = 0.1, 10_000


def area_text(hectares: float) -> str:
    """``850 m²``, ``12.3 ha`` or ``431 km²``, with about three digits."""
    if hectares < _SMALL_HA:
        return f"{hectares * _HECTARE_M2:,.0f} m²"
    if hectares < _LARGE_HA:
        return f"{_three_digits(hectares)} ha"
    return f"{_three_digits(hectares / 100)} km²"


def _three_digits(amount: float) -> str:
    digits = 2 if amount < 10 else 1 if amount < 100 else 0
    return f"{amount:,.{digits}f}"
