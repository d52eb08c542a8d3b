"""The figures of the last step: each fold is scaled by what the others say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from benchmarks.calibration import compared, step_seconds
from hsi_engine.evaluation.confidence_scaling import log_odds


def test_a_curve_mends_what_a_temperature_cannot() -> None:
    """Confidence that is too low throughout, and whose differences mean less than they seem to."""
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.51, 0.98, 6000)
    right = rng.random(6000) < expit(0.4 * log_odds(confidence) + 1.0)
    shares = np.stack([confidence, *np.outer([0.5, 0.3, 0.2], 1 - confidence)], axis=1)
    reference = np.where(right, 0, 3)
    found = compared(shares, shares, reference, np.arange(6000) % 3, np.arange(6000) // 100)
    errors = {name: found[name]["expected_calibration_error"] for name in ("before", "temperature", "curve")}
    assert errors["curve"] < 0.6 * errors["temperature"]
    assert errors["curve"] < 0.6 * errors["before"]
    gain = found["difference"]["curve"]
    assert gain["low"] <= gain["median"] <= gain["high"] < 0
    low, high = found["curve"]["interval_95"]
    assert low <= high
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["all_folds"]["held_up"] < 0.2


def test_both_steps_are_timed() -> None:
    found = step_seconds(classes=4, edge=16, repeats=2)
    assert found["ratio"] == pytest.approx(found["curve"] / found["temperature"])
    assert found["curve"] > 0
