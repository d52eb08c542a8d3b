"""McNemar's tests and Holm's adjustment, against vectors computed from the formulas."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.evaluation.mcnemar import holm, mcnemar, mcnemar_of


@pytest.mark.parametrize(
    ("b", "c", "squared", "asymptotic", "exact", "mid"),
    [
        (10, 25, 6.4286, 0.0112, 0.01667, 0.01133),
        (3, 12, 5.4, 0.0201, 0.03516, 0.02127),
        (40, 60, 4.0, 0.0455, 0.05689, 0.04604),
    ],
)
def test_vectors(b: int, c: int, squared: float, asymptotic: float, exact: float, mid: float) -> None:
    for found in (mcnemar(b, c), mcnemar(c, b)):
        assert found.chi_squared == pytest.approx(squared, abs=5e-5)
        assert found.p_asymptotic == pytest.approx(asymptotic, abs=5.1e-5)
        assert found.p_exact == pytest.approx(exact, abs=5.1e-6)
        assert found.p_mid == pytest.approx(mid, abs=5.1e-6)


def test_maps_that_are_wrong_at_other_points_equally_often_do_not_differ() -> None:
    found = mcnemar(7, 7)
    assert (found.chi_squared, found.p_asymptotic, found.p_exact) == (0, 1, 1)
    assert 0.8 < found.p_mid < 1


def test_maps_that_never_differ_have_p_values_of_1() -> None:
    found = mcnemar(0, 0)
    assert (found.p_asymptotic, found.p_exact, found.chi_squared) == (1, 1, 0)


def test_counts_come_from_the_samples_that_only_one_has_right() -> None:
    a, b = np.array([1, 1, 1, 0, 0], bool), np.array([1, 0, 0, 1, 0], bool)
    found = mcnemar_of(a, b)
    assert (found.only_first, found.only_second) == (2, 1)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        mcnemar(-1, 3)


def test_holm_raises_the_smallest_most_and_keeps_their_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_refuses_what_is_no_p_value() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.1, 1.2])
