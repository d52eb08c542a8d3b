"""Areas are written with the unit that suits their size, and about three digits."""

from __future__ import annotations

import pytest

from hsi_engine.report.areas import area_text, area_texts


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


@pytest.mark.parametrize(
    ("hectares", "texts"),
    [
        ([0.0, 431.2, 12.34], ["0 ha", "431 ha", "12.3 ha"]),
        ([0.05, 431.2, 0.001], ["0.05 ha", "431 ha", "less than 0.01 ha"]),
        ([0.05, 0.0], ["500 m²", "0 m²"]),
        ([20_000, 5], ["200 km²", "0.05 km²"]),
        ([], []),
    ],
)
def test_a_table_has_one_unit(hectares: list[float], texts: list[str]) -> None:
    assert area_texts(hectares) == texts


def test_an_area_that_is_not_known_is_said_so_among_others() -> None:
    assert area_texts([20_000.0, None, 5.0], "not known") == ["200 km²", "not known", "0.05 km²"]
    assert area_texts([None]) == [""]
