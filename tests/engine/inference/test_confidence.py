"""The last step changes how sure a model is, never what it has chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax

from hsi_engine.evaluation.confidence_scaling import LEAST, OFFSET_BOUNDS, SLOPE_BOUNDS, ConfidenceScaling
from hsi_engine.inference.confidence.scaling import scaled_samples, with_scaled_confidence

CURVES = [
    ConfidenceScaling(slope=0.58, offset=0.54),
    ConfidenceScaling(slope=2.5, offset=-3.0),
    ConfidenceScaling(slope=SLOPE_BOUNDS[0], offset=-4.0),
    ConfidenceScaling(slope=SLOPE_BOUNDS[1], offset=5.0),
]
HELD_UP = CURVES[2]  # it would lower every probability to that of the runner-up
ALL_CURVES = pytest.mark.parametrize("curve", CURVES, ids=lambda c: f"{c.slope}, {c.offset}")


def probabilities(classes: int = 5, pixels: int = 4000, seed: int = 0) -> npt.NDArray[np.float32]:
    """From nearly certain to nearly equal, (classes, pixels)."""
    rng = np.random.default_rng(seed)
    found: npt.NDArray[np.float32] = softmax(
        rng.normal(size=(classes, pixels)) * rng.uniform(0, 12, pixels), axis=0
    ).astype(np.float32)
    return found


def scaled(values: npt.NDArray[np.float32], curve: ConfidenceScaling) -> npt.NDArray[np.float32]:
    before = values.copy()
    found: npt.NDArray[np.float32] = with_scaled_confidence(torch.from_numpy(values), curve).numpy()
    np.testing.assert_array_equal(values, before, err_msg="what came in stays as it was")
    return found


@ALL_CURVES
def test_the_chosen_class_stays_and_probabilities_sum_to_1(curve: ConfidenceScaling) -> None:
    plain = probabilities()
    found = scaled(plain, curve)
    np.testing.assert_array_equal(found.argmax(axis=0), plain.argmax(axis=0))
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-6)
    assert found.min() >= 0
    assert found.dtype == np.float32
    runner_up, largest = np.sort(found, axis=0)[-2:]
    assert (largest > runner_up).all()


@ALL_CURVES
def test_the_largest_lies_on_the_curve_unless_that_is_below_the_runner_up(curve: ConfidenceScaling) -> None:
    plain = probabilities().astype(np.float64)
    found = scaled_samples(np.ascontiguousarray(plain.T), curve).T
    runner_up, largest = np.sort(plain, axis=0)[-2:]
    rest = plain.sum(axis=0) - largest
    # The definition: p' = max of the curve and of where both meet, the others times (1 − p') / (1 − p).
    expected = np.maximum(expit(curve.slope * np.log(largest / rest) + curve.offset), runner_up / (rest + runner_up))
    on_curve = rest > 1e-6  # else what is above LEAST matters
    np.testing.assert_allclose(found.max(axis=0)[on_curve], expected[on_curve], atol=1e-5)
    factor = (1 - expected) / rest
    others = plain.argmax(axis=0) != np.arange(len(plain))[:, None]
    for values in (others, on_curve):
        assert values.any()
    chosen = others & on_curve
    np.testing.assert_allclose(found[chosen], (plain * factor)[chosen], rtol=1e-3, atol=1e-5)


@ALL_CURVES
def test_confidences_keep_their_order_but_among_held_up_pixels(curve: ConfidenceScaling) -> None:
    """Of two classes the runner-up is the rest, so that nothing is held up above one half."""
    confidence = np.linspace(0.5001, 0.99999, 3001)
    found = scaled_samples(np.stack([confidence, 1 - confidence], axis=1), curve)[:, 0]
    assert (np.diff(found) >= 0).all()
    on_curve = expit(curve.slope * (np.log(confidence) - np.log1p(-confidence)) + curve.offset)
    free = (on_curve > 0.50001) & (on_curve < 1 - 1e-12)
    assert free.any() == (curve is not HELD_UP)
    assert (np.diff(found[free]) > 0).all()
    # The same in float32, as maps are, among confidences that float32 tells apart.
    sure = 1 - np.geomspace(0.4, 1e-4, 200).astype(np.float32)
    found = scaled(np.stack([sure, 1 - sure]), curve)[0]
    assert (np.diff(found) >= 0).all()


def test_the_identity_changes_nothing_to_the_bit() -> None:
    plain = torch.from_numpy(probabilities())
    assert with_scaled_confidence(plain, ConfidenceScaling()) is plain
    # Nor does a curve next to it, but for rounding.
    near = scaled(plain.numpy(), ConfidenceScaling(slope=1.0, offset=1e-9))
    runner_up, largest = np.sort(plain.numpy(), axis=0)[-2:]
    apart = largest > 1.001 * runner_up
    np.testing.assert_allclose(near[:, apart], plain.numpy()[:, apart], atol=1e-6)


@ALL_CURVES
def test_of_equal_largest_the_first_stays_chosen(curve: ConfidenceScaling) -> None:
    for classes in (2, 3, 16, 1000):
        ties = np.full((classes, 3), 1 / classes, np.float32)
        if classes > 2:
            ties[:, 1] = 0.1 / (classes - 2)
            ties[1:3, 1] = 0.45 if classes > 3 else 0.4
        ties /= ties.sum(axis=0)
        found = scaled(ties, curve)
        np.testing.assert_array_equal(found.argmax(axis=0), ties.argmax(axis=0))
        np.testing.assert_allclose(found.sum(axis=0, dtype=np.float64), 1, atol=2e-6)


@ALL_CURVES
def test_certainty_is_scaled_like_the_nearest_to_it(curve: ConfidenceScaling) -> None:
    certain = np.zeros((4, 2), np.float32)
    certain[2] = 1
    certain[:, 1] = [1e-12, 1e-12, 1, 1e-12]
    found = scaled(certain, curve)
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    odds = curve.slope * np.log(1 / (3 * LEAST)) + curve.offset
    assert found[2, 0] == pytest.approx(max(expit(odds), 1 / 4), rel=1e-5)
    assert found[:, 0].sum() == pytest.approx(1, abs=1e-6)


@ALL_CURVES
def test_pixels_without_data_stay_so_and_touch_no_other(curve: ConfidenceScaling) -> None:
    plain = probabilities(pixels=50)
    holes = plain.copy()
    holes[:, ::7] = np.nan
    found = scaled(holes, curve)
    assert np.isnan(found[:, ::7]).all()
    known = np.isfinite(holes[0])
    np.testing.assert_array_equal(found[:, known], scaled(plain, curve)[:, known])


@ALL_CURVES
def test_maps_and_tested_pixels_get_the_same(curve: ConfidenceScaling) -> None:
    plain = probabilities(classes=7, pixels=600)
    as_map = scaled(plain.reshape(7, 20, 30), curve).reshape(7, 600)
    as_samples = scaled_samples(np.ascontiguousarray(plain.T.astype(np.float64)), curve)
    np.testing.assert_allclose(as_map, as_samples.T, atol=2e-6)


def test_a_single_class_stays_certain() -> None:
    ones = np.ones((1, 4), np.float32)
    np.testing.assert_array_equal(scaled(ones, CURVES[0]), ones)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.floats(0, 1, width=32), min_size=2, max_size=12).filter(lambda row: sum(row) > 0.1),
    st.floats(*SLOPE_BOUNDS),
    st.floats(*OFFSET_BOUNDS),
)
def test_no_curve_and_no_probabilities_change_the_class(row: list[float], slope: float, offset: float) -> None:
    plain = np.array(row, np.float32)[:, None]
    plain /= plain.sum()
    found = scaled(plain, ConfidenceScaling(slope=slope, offset=offset))
    assert np.isfinite(found).all()
    assert found.argmax() == np.maximum(plain, LEAST).argmax()
    assert found.sum() == pytest.approx(1, abs=2e-6)
