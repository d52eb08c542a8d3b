"""What the report of a training says of leaving pixels out and of sets of classes."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.evaluation.trust.selective import RiskCoverage, risk_coverage
from hsi_engine.report.views.trust import (
    left_out_rows,
    selective_figure,
    selective_text,
    sets_rows,
    typed_confidence,
    without_own_text,
)


@pytest.fixture(scope="module")
def curve() -> RiskCoverage:
    """1,000 pixels of confidence 0.500 to 1 in 50 blocks; those below 0.55 are wrong, a tenth of them all."""
    confidence = 0.5 + np.arange(1000) / 2000
    found = risk_coverage(confidence, confidence >= 0.55, np.arange(1000) % 50, seed=0)
    assert found is not None
    return found


def test_the_sentence_names_the_value_to_type_in(curve: RiskCoverage) -> None:
    said = selective_text(curve)
    assert said.startswith(
        "Leave the least certain 10 % of the pixels unclassified (minimum confidence 0.55), and expect 100.0 % of the rest to be"
        " right"
    )
    assert "instead of 90.0 % of all" in said


def test_a_typed_confidence_keeps_what_its_point_keeps(curve: RiskCoverage) -> None:
    assert all(float(typed_confidence(point)) <= point.min_confidence for point in curve.points)


def test_the_table_lists_shares_that_the_curve_has(curve: RiskCoverage) -> None:
    rows = left_out_rows(curve)
    assert [row.left_out for row in rows] == ["0 %", "5 %", "10 %", "20 %", "30 %", "50 %"]
    assert (rows[0].min_confidence, rows[0].right) == ("–", "90.0 %")
    assert selective_figure(curve).startswith(b"\x89PNG")


def test_pixels_of_one_confidence_cannot_be_left_out() -> None:
    equal = risk_coverage(np.full(100, 0.8), np.arange(100) > 20, np.arange(100) // 10, seed=0)
    assert equal is not None
    assert selective_text(equal) == ""
    assert len(left_out_rows(equal)) == 1
    assert selective_figure(equal).startswith(b"\x89PNG")


def test_sets_of_classes_in_a_table() -> None:
    one = {
        "method": "class", "asked": 0.9, "realised": 0.912, "interval_95": [0.88, 0.94], "by_class": [0.9, None],
        "samples": 100, "units": 12, "of_units": {"low": 0.7, "median": 0.95, "high": 1.0},
        "without_own_threshold": ["oats", "corn"], "set_sizes": [0.01, 0.59, 0.4],
    }  # fmt: skip
    (row,) = sets_rows({"unit_name": "block", "sets": [one]})
    assert (row.method, row.asked, row.realised) == ("Smallest sets, coverage in each class", "90 %", "91.2 %")
    assert (row.interval, row.median, row.one, row.several, row.empty) == ("88–94 %", "95.0 %", "59 %", "40 %", "1 %")
    assert "for a separate threshold: oats and corn." in without_own_text({"sets": [one]})
    assert without_own_text({"sets": [one | {"without_own_threshold": []}]}) == ""
