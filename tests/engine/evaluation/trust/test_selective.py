"""Risk and coverage: by hand, and against what the words of a report promise."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hsi_engine.evaluation.trust.selective import RiskCoverage, risk_coverage


def test_areas_by_hand() -> None:
    """Right, wrong, right, right by falling confidence: kept risks 0, 1/2, 1/3, 1/4."""
    found = risk_coverage(
        np.array([0.6, 0.9, 0.7, 0.8]), np.array([True, True, True, False]), np.arange(4), draws=50, seed=0
    )
    assert found is not None
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert found.excess_aurc == pytest.approx((1 / 2 + 1 / 3) / 4)  # the best order has risks 0, 0, 0, 1/4
    assert found.augrc == pytest.approx((0 + 1 + 1 + 1) / 16)


def test_equal_confidences_share_their_errors() -> None:
    confidence, correct = np.full(4, 0.5), np.array([True, False, True, False])
    for order in ([0, 1, 2, 3], [1, 3, 0, 2]):
        found = risk_coverage(confidence, correct[order], np.arange(4), draws=50, seed=0)
        assert found is not None
        assert found.aurc == pytest.approx(0.5)
        assert [(p.left_out, p.accuracy, p.min_confidence) for p in found.points] == [(0.0, 0.5, 0.5)]


def test_the_minimum_confidence_leaves_out_what_the_point_says() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.3, 1, 1000)
    correct = rng.random(1000) < confidence
    found = risk_coverage(confidence, correct, np.arange(1000) // 20, seed=0)
    assert found is not None
    for point in found.points:
        kept = confidence >= point.min_confidence
        assert point.left_out == pytest.approx(1 - kept.mean())
        assert point.accuracy == pytest.approx(correct[kept].mean())
        assert point.interval is not None
        assert point.interval[0] <= point.accuracy <= point.interval[1]
    assert found.at(0.1).left_out == pytest.approx(0.1, abs=0.01)
    assert found.at(0.5).accuracy > found.at(0.0).accuracy + 0.1
    assert found.units == 50
    chosen = found.above(0.6)
    assert chosen is not None
    assert chosen.min_confidence >= 0.6
    assert found.above(1.1) is None
    assert RiskCoverage.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_nothing_and_the_impossible() -> None:
    nothing = np.empty(0)
    assert risk_coverage(nothing, nothing.astype(bool), nothing, seed=0) is None
    with pytest.raises(ValueError, match="finite"):
        risk_coverage(np.array([np.nan]), np.array([True]), np.array([0]), seed=0)
    single = risk_coverage(np.array([0.8, 0.9]), np.array([True, True]), np.array([1, 1]), seed=0)
    assert single is not None
    assert single.points[0].interval is None
