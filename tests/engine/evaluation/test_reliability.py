import dataclasses
import json

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.evaluation.calibration import softmax
from hsi_engine.evaluation.reliability import Reliability, reliability

Drawn = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]


def calibrated(samples: int, seed: int = 0) -> Drawn:
    """Probabilities of four classes, and references drawn from just these."""
    rng = np.random.default_rng(seed)
    log_scores = 2 * rng.normal(size=(samples, 4))
    return softmax(log_scores), (log_scores + rng.gumbel(size=log_scores.shape)).argmax(axis=1)


def sure(share_right: float, confidence: float, samples: int) -> Drawn:
    """Two classes; always ``confidence`` sure of the first, which is right in a fixed share."""
    probabilities = np.tile([confidence, 1 - confidence], (samples, 1))
    return probabilities, (np.arange(samples) >= round(share_right * samples)).astype(np.int64)


def test_bins_of_equal_mass() -> None:
    probabilities, reference = calibrated(3000)
    found = reliability(probabilities, reference, np.arange(3000), seed=0)
    assert [b.count for b in found.bins] == [200] * 15
    order = np.argsort(probabilities.max(axis=1))
    for one, part in zip(found.bins, np.split(order, 15), strict=True):
        assert one.confidence == pytest.approx(probabilities.max(axis=1)[part].mean())
        assert one.accuracy == pytest.approx((probabilities.argmax(axis=1) == reference)[part].mean())
    assert found.expected_calibration_error == pytest.approx(
        sum(b.count / 3000 * abs(b.accuracy - b.confidence) for b in found.bins)
    )


def test_of_a_calibrated_network_the_error_is_small_and_debiased_smaller() -> None:
    figures = [reliability(*calibrated(2000, seed), np.arange(2000), seed=seed, draws=300) for seed in range(20)]
    plug_in = np.mean([f.expected_calibration_error for f in figures])
    # Each bin is off by chance: by √(2/π) of its standard error, √(p(1−p)/133).
    assert 0.015 < plug_in < 0.035
    # Errors by chance grow by √2 from draw to draw, which leaves 2 − √2 of them.
    assert np.mean([f.debiased for f in figures]) / plug_in == pytest.approx(2 - np.sqrt(2), abs=0.1)
    assert all(f.debiased is not None and 0 <= f.debiased <= f.expected_calibration_error for f in figures)  # type: ignore[operator]


def test_overconfidence_is_measured() -> None:
    found = reliability(*sure(0.7, 0.9, 1000), np.arange(1000), seed=0)
    assert len(found.bins) == 1  # equal confidences stay together
    assert (found.bins[0].confidence, found.bins[0].accuracy) == (pytest.approx(0.9), 0.7)
    assert found.expected_calibration_error == pytest.approx(0.2)
    assert found.debiased == pytest.approx(0.2, abs=0.003)
    # A share of 0.7 of 1000: standard error 0.0145.
    for interval in (found.interval, found.debiased_interval):
        assert interval == pytest.approx((0.2 - 1.96 * 0.0145, 0.2 + 1.96 * 0.0145), abs=0.004)


def test_both_intervals_cover_an_error_that_is_there() -> None:
    # Twice as sure as right: the true error of such a network, from very many samples.
    def overconfident(samples: int, seed: int) -> Drawn:
        probabilities, reference = calibrated(samples, seed)
        squared = probabilities**2
        return squared / squared.sum(axis=1, keepdims=True), reference

    error = reliability(*overconfident(200_000, 999), np.zeros(200_000), seed=0).expected_calibration_error
    assert error is not None
    figures = [reliability(*overconfident(1000, seed), np.arange(1000), seed=seed, draws=300) for seed in range(100)]
    for name in ("interval", "debiased_interval"):
        bounds = np.array([getattr(f, name) for f in figures])
        assert ((bounds[:, 0] <= error) & (error <= bounds[:, 1])).mean() > 0.85
    assert np.mean([f.debiased for f in figures]) == pytest.approx(error, abs=0.006)


def test_the_interval_knows_that_samples_of_a_unit_are_alike() -> None:
    probabilities, reference = sure(0.7, 0.9, 1000)
    alone = reliability(probabilities, reference, np.arange(1000), seed=0).interval
    units = np.arange(1000) // 20  # right and wrong stand in units of their own: 50 independent ones
    clustered = reliability(probabilities, reference, units, seed=0).interval
    assert alone is not None
    assert clustered is not None
    assert np.ptp(clustered) / np.ptp(alone) == pytest.approx(np.sqrt(20), rel=0.15)


def test_neither_order_nor_names_of_units_matter() -> None:
    probabilities, reference = calibrated(400)
    probabilities = probabilities.round(1)  # many ties
    units = np.arange(400) // 10
    order = np.random.default_rng(0).permutation(400)
    one = reliability(probabilities, reference, units, seed=3)
    other = reliability(
        probabilities[order], reference[order], np.char.add("block ", units.astype("U3").astype("U9"))[order], seed=3
    )
    assert [b.count for b in one.bins] == [b.count for b in other.bins]
    assert one.expected_calibration_error == pytest.approx(other.expected_calibration_error)


@pytest.mark.parametrize(("samples", "bins"), [(1, 1), (29, 1), (30, 2), (224, 14), (225, 15), (1000, 15)])
def test_few_samples_have_few_bins(samples: int, bins: int) -> None:
    found = reliability(*calibrated(samples), np.arange(samples), seed=0, draws=10)
    assert len(found.bins) == bins
    assert sum(b.count for b in found.bins) == samples


def test_the_seed_decides_the_draws() -> None:
    drawn = calibrated(300)
    one, same, other = (reliability(*drawn, np.arange(300), seed=seed, draws=50) for seed in (1, 1, 2))
    assert one == same
    assert one.interval != other.interval


def test_one_unit_leaves_nothing_to_draw() -> None:
    found = reliability(*calibrated(100), np.zeros(100), seed=0)
    assert found.expected_calibration_error is not None
    assert (found.interval, found.debiased, found.debiased_interval, found.units, found.draws) == (None,) * 3 + (1, 0)


@pytest.mark.parametrize("samples", [0, 40])
def test_json(samples: int) -> None:
    found = reliability(*calibrated(samples), np.arange(samples) // 4, seed=0, draws=20)
    assert Reliability.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    assert {f.name for f in dataclasses.fields(found)} - {"interval", "debiased_interval"} <= found.to_json().keys()


def test_impossible_input_is_refused() -> None:
    probabilities, reference = calibrated(30)
    with pytest.raises(ValueError, match="between 0 and 1, found"):
        reliability(3 * probabilities, reference, np.arange(30), seed=0)
    with pytest.raises(ValueError, match="shapes"):
        reliability(probabilities, reference, np.arange(29), seed=0)
    with pytest.raises(ValueError, match="1 bin or more"):
        reliability(probabilities, reference, np.arange(30), seed=0, bins=0)
    with pytest.raises(ValueError, match="2 draws or more"):
        reliability(probabilities, reference, np.arange(30), seed=0, draws=1)
