import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import brier_score_loss, log_loss

from hsi_engine.evaluation.calibration import (
    TEMPERATURE_BOUNDS,
    brier_score,
    fit_temperature,
    negative_log_likelihood,
    softmax,
)

Drawn = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]


def calibrated(samples: int, classes: int = 5, seed: int = 0) -> Drawn:
    """Log-probabilities, and references drawn from just these probabilities."""
    rng = np.random.default_rng(seed)
    log_scores = log_softmax(2 * rng.normal(size=(samples, classes)), axis=1)
    return log_scores, (log_scores + rng.gumbel(size=log_scores.shape)).argmax(axis=1)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_factor_of_the_scores_is_found_as_their_temperature(factor: float) -> None:
    log_scores, reference = calibrated(20_000)
    assert fit_temperature(factor * log_scores, reference) == pytest.approx(factor, rel=0.03)


def test_a_constant_in_a_row_changes_nothing() -> None:
    log_scores, reference = calibrated(500)
    shift = np.random.default_rng(1).normal(scale=1000, size=(500, 1))
    assert fit_temperature(3 * log_scores + shift, reference) == pytest.approx(
        fit_temperature(3 * log_scores, reference), rel=1e-4
    )
    np.testing.assert_allclose(softmax(log_scores + shift), softmax(log_scores), atol=1e-12)


def test_no_other_temperature_has_a_lower_brier_score() -> None:
    log_scores, reference = calibrated(300, seed=4)
    best = brier_score(softmax(log_scores, fit_temperature(log_scores, reference)), reference)
    others = [brier_score(softmax(log_scores, t), reference) for t in np.geomspace(*TEMPERATURE_BOUNDS, 99)]
    assert best <= min(others) + 1e-9


def test_a_field_that_is_surely_wrong_does_not_make_all_others_doubtful() -> None:
    log_scores, reference = calibrated(3000)
    log_scores *= 2
    with_field = np.vstack([log_scores, np.tile([40.0, 0, 0, 0, 0], (90, 1))])
    its_class = np.append(reference, np.ones(90, dtype=np.int64))
    assert fit_temperature(with_field, its_class) == pytest.approx(fit_temperature(log_scores, reference), rel=0.1)


def test_very_negative_scores_stay_finite() -> None:
    log_scores, reference = calibrated(2000)
    log_scores[reference != 0, 0] = -1e6
    assert fit_temperature(3 * log_scores.astype(np.float32), reference) == pytest.approx(3, rel=0.2)
    assert softmax(np.array([[-1e300, 0.0, 0.0]]), 0.05).tolist() == [[0, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("log_scores", "expected"),
    [
        (np.zeros((0, 3)), 1.0),
        (np.zeros((4, 3)), 1.0),  # knows nothing, at any temperature
        (1e6 * np.eye(3)[[0, 1, 2, 0]], 1.0),  # right beyond doubt, at any temperature
        (5 * np.eye(3)[[0, 1, 2, 0]], 1.0),  # always right: nothing says how sure one may be
        (5 * np.eye(3)[[1, 2, 0, 1]], TEMPERATURE_BOUNDS[1]),  # always wrong
    ],
)
def test_where_there_is_no_best_temperature(log_scores: npt.NDArray[np.float64], expected: float) -> None:
    reference = np.array([0, 1, 2, 0])[: len(log_scores)]
    assert fit_temperature(log_scores, reference) == pytest.approx(expected, rel=0.3)
    assert TEMPERATURE_BOUNDS[0] <= fit_temperature(log_scores, reference) <= TEMPERATURE_BOUNDS[1]


def test_equals_scipy_and_scikit_learn() -> None:
    log_scores, reference = calibrated(200)
    probabilities = softmax(log_scores, 2.0)
    np.testing.assert_allclose(probabilities, scipy_softmax(log_scores / 2, axis=1))
    labels = np.arange(5)
    assert negative_log_likelihood(log_scores, reference, 2.0) == pytest.approx(
        log_loss(reference, probabilities, labels=labels)
    )
    assert brier_score(probabilities, reference) == pytest.approx(
        brier_score_loss(reference, probabilities, labels=labels, scale_by_half=False)
    )


def test_surely_wrong_is_told_in_full() -> None:
    assert negative_log_likelihood(np.array([[0.0, -5000.0]]), np.array([1])) == 5000
    assert brier_score(np.array([[1.0, 0.0]]), np.array([1])) == 2


def test_nothing_has_no_figure() -> None:
    nothing, no_reference = np.zeros((0, 3)), np.zeros(0, int)
    assert math.isnan(negative_log_likelihood(nothing, no_reference))
    assert math.isnan(brier_score(nothing, no_reference))
    assert softmax(nothing).shape == (0, 3)


@pytest.mark.parametrize(
    ("log_scores", "reference", "words"),
    [
        (np.zeros((2, 3)), [0], "n references"),
        (np.zeros((2, 3)), [0, 3], "between 0 and 2"),
        (np.zeros((2, 3)), [0, -1], "between 0 and 2"),
        (np.array([[0.0, -np.inf]]), [0], "finite, found 1"),
    ],
)
def test_impossible_input_is_refused(log_scores: npt.NDArray[np.float64], reference: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_temperature(log_scores, np.array(reference))


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_impossible_temperatures_are_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        softmax(np.zeros((1, 2)), temperature)
    with pytest.raises(ValueError, match="above 0"):
        negative_log_likelihood(np.zeros((1, 2)), np.array([0]), temperature)
