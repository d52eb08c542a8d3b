"""Areas are written with the unit that suits their size, and about three digits."""

from __future__ import annotations

import pytest

from hsi_engine.report.areas import area_text


@pytest.mark.parametrize(
    ("hectares", "text"),
    [
        (0.0, "0 m²"),
        (0.09, "900 m²"),
        (0.1, "0.10 ha"),
        (5.432, "5.43 ha"),
        (54.32, "54.3 ha"),
        (9_999, "9,999 ha"),
        (10_000, "100 km²"),
        (43_140_000, "431,400 km²"),
    ],
)
def test_the_unit_suits_the_size(hectares: float, text: str) -> None:
    assert area_text(hectares) == text
