import itertools
import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.accuracy import accuracy_from_indices, wilson_interval
from hsi_engine.evaluation.clustered import ClusteredAccuracy, clustered_intervals
from hsi_engine.evaluation.estimate import Estimate

LEGEND = Legend.of({1: "water", 2: "meadow", 3: "soil"})
samples = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(0, 4)), min_size=1, max_size=40)


def clusters(units: int, size: int, *, alike: float, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Whether samples are right (as predictions of class 0), 80 % of them, and their units.

    A share ``alike`` of the units is right or wrong as a whole, in the others each sample by itself.
    """
    rng = np.random.default_rng(seed)
    whole = np.repeat(rng.random(units) < 0.8, size)
    alone = rng.random(units * size) < 0.8
    right = np.where(np.repeat(rng.random(units) < alike, size), whole, alone)
    return (~right).astype(np.int64), np.repeat(np.arange(units), size)


@settings(max_examples=50, deadline=None)
@given(drawn=samples)
def test_values_are_those_of_the_metrics(drawn: list[tuple[int, int, int]]) -> None:
    reference, predicted, units = np.array(drawn).T
    found = clustered_intervals(reference, predicted, units, 3, seed=0, draws=20)
    expected = accuracy_from_indices(reference, predicted, LEGEND)
    figures = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou")
    for name in figures:
        value = getattr(found, name).value
        assert (np.nan if value is None else value) == pytest.approx(getattr(expected, name), nan_ok=True)
    for name in ("producers_accuracy", "users_accuracy", "iou"):
        values = [np.nan if e.value is None else e.value for e in getattr(found, name)]
        np.testing.assert_allclose(values, getattr(expected, name))
    assert found.samples == len(drawn)
    assert found.units == len(set(units.tolist()))
    assert ClusteredAccuracy.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_two_units_have_three_draws() -> None:
    # One unit is right, one is wrong: 0, 1/2 and 1 come with 1/4, 1/2 and 1/4.
    zeros = np.zeros(20, int)
    found = clustered_intervals(zeros, np.repeat([0, 1], 10), np.repeat([7, 3], 10), 2, seed=0, draws=4000)
    assert found.overall_accuracy.interval == (0, 1)
    assert found.overall_accuracy.standard_error == pytest.approx(np.sqrt(1 / 8), rel=0.05)
    # Only one of the units is mapped as class 0; how its user's accuracy varies cannot be told from one place.
    assert found.users_accuracy[0] == Estimate(value=1.0, standard_error=None, interval=None, draws=0)
    assert found.producers_accuracy[0].interval == (0, 1)
    assert found.reference_units == (2, 0)


@pytest.mark.parametrize(("wrong", "low", "high"), [(0, 0.87, 1.0), (400, 0.0, 0.13)])
def test_no_error_at_all_is_no_certainty(wrong: int, low: float, high: float) -> None:
    """26 units that are all right: each counts as one sample (Wilson: 0.871 to 1)."""
    reference, units = np.zeros(400, int), np.arange(400) % 26
    predicted = (np.arange(400) < wrong).astype(int)
    found = clustered_intervals(reference, predicted, units, 2, seed=0).overall_accuracy
    assert found.interval == pytest.approx((low, high), abs=0.005)


def test_an_interval_is_never_narrower_than_that_of_independent_samples() -> None:
    # Every unit has the same share of errors, so that draws of units hardly differ.
    reference, units = np.zeros(40, int), np.repeat([0, 1, 2, 3], 10)
    predicted = np.tile([0, 0, 0, 0, 0, 0, 1, 1, 1, 1], 4)
    found = clustered_intervals(reference, predicted, units, 2, seed=0).overall_accuracy
    assert found.interval == pytest.approx(wilson_interval(24, 40))


def test_fewer_errors_never_give_a_lower_limit_below_that_of_more() -> None:
    """36 units of 100 samples, 0 to 6 of them wrong as a whole: Wilson's interval of units, and it falls with each."""
    lows = []
    for wrong in range(7):
        predicted, units = (np.arange(3600) < 100 * wrong).astype(int), np.arange(3600) // 100
        found = clustered_intervals(np.zeros(3600, int), predicted, units, 2, seed=0).overall_accuracy
        low, high = found.interval or (0, 0)
        expected = wilson_interval(36 - wrong, 36)
        assert low <= expected[0] + 0.01
        assert high >= expected[1] - 0.01
        lows.append(low)
    assert all(before > after for before, after in itertools.pairwise(lows))
    assert lows[:2] == pytest.approx([36 / (36 + 1.96**2), 0.8583], abs=0.006)


@pytest.mark.parametrize("wrong_in_each", [[1], [30], [1] * 36, [3, 1, 0, 2] * 9, [100, 1]])
def test_no_errors_are_no_worse_than_some(wrong_in_each: list[int]) -> None:
    """Whatever the errors, the lower limit is at most that of 36 units without any."""
    wrong = np.zeros(36, int)
    wrong[: len(wrong_in_each)] = wrong_in_each
    units = np.arange(3600) // 100
    predicted = (np.arange(3600) % 100 < wrong[units]).astype(int)
    found = clustered_intervals(np.zeros(3600, int), predicted, units, 2, seed=0)
    none = clustered_intervals(np.zeros(3600, int), np.zeros(3600, int), units, 2, seed=0)
    for some, clean in (
        (found.overall_accuracy, none.overall_accuracy),
        (found.producers_accuracy[0], none.producers_accuracy[0]),
    ):
        assert (some.interval or (1, 1))[0] <= (clean.interval or (0, 0))[0]
        assert (some.interval or (0, 0))[1] >= (some.value or 1)


def test_standard_error_of_units_of_unequal_size() -> None:
    rng = np.random.default_rng(5)
    size = rng.integers(5, 60, 200)
    units = np.repeat(np.arange(200), size)
    predicted = (rng.random(len(units)) > np.repeat(rng.beta(4, 1, 200), size)).astype(int)
    found = clustered_intervals(np.zeros(len(units), int), predicted, units, 2, seed=0, draws=4000)
    # Linearised variance of a ratio of means, for example Cochran (1977), section 6.4.
    right = np.bincount(units, weights=predicted == 0)
    share = right.sum() / size.sum()
    linearised = np.sqrt(((right - share * size) ** 2).sum()) / size.sum()
    assert found.overall_accuracy.standard_error == pytest.approx(linearised, rel=0.06)
    assert found.average_accuracy.standard_error == pytest.approx(linearised, rel=0.06)  # one class only


@pytest.mark.parametrize(("alike", "effect"), [(1.0, 25.0), (0.0, 1.0)])
def test_design_effect(alike: float, effect: float) -> None:
    predicted, units = clusters(400, 25, alike=alike, seed=0)
    found = clustered_intervals(np.zeros(10_000, int), predicted, units, 2, seed=1, draws=4000)
    assert found.design_effect == pytest.approx(effect, rel=0.2)
    assert found.effective_samples == pytest.approx(10_000 / effect, rel=0.25)


def test_a_class_that_is_never_found_in_a_few_units_is_not_known_to_be_hopeless() -> None:
    """None of 400 pixels in four units is right, each unit counts as one sample: up to 0.490 may be (Wilson)."""
    reference = np.repeat([0, 1], 400)
    predicted = np.ones(800, np.int64)
    found = clustered_intervals(reference, predicted, np.arange(800) // 100, 2, seed=0)
    never, always = found.producers_accuracy
    assert never.value == 0
    assert never.interval == pytest.approx(wilson_interval(0, 4))
    assert always.interval == pytest.approx(wilson_interval(4, 4))
    low, high = found.users_accuracy[1].interval or (0, 0)
    assert low <= wilson_interval(400, 800)[0] < wilson_interval(400, 800)[1] <= high


def test_samples_that_are_units_have_the_interval_of_wilson() -> None:
    # 81 of 263, table I of Newcombe (1998).
    predicted = (np.arange(263) >= 81).astype(int)
    found = clustered_intervals(np.zeros(263, int), predicted, np.arange(263), 2, seed=0, draws=4000)
    assert found.overall_accuracy.interval == pytest.approx((0.2553, 0.3662), abs=0.008)
    assert found.design_effect == pytest.approx(1, rel=0.1)


def test_intervals_cover_where_those_of_independent_samples_do_not() -> None:
    covered = by_wilson = 0
    for seed in range(150):
        predicted, units = clusters(60, 20, alike=0.6, seed=seed)
        found = clustered_intervals(np.zeros(1200, int), predicted, units, 2, seed=seed, draws=400)
        assert found.overall_accuracy.interval is not None
        low, high = found.overall_accuracy.interval
        covered += low <= 0.8 <= high
        low, high = wilson_interval(int((predicted == 0).sum()), 1200)
        by_wilson += low <= 0.8 <= high
    assert covered / 150 > 0.88
    assert by_wilson / 150 < 0.75


def test_draws_without_a_class_are_counted() -> None:
    reference = np.array([0, 0, 0, 1, 1])
    found = clustered_intervals(reference, reference, np.arange(5), 3, seed=0, draws=2000)
    # None of both samples of class 1 is drawn with (3/5)^5, none of the three of class 0 with (2/5)^5.
    assert found.producers_accuracy[1].draws == pytest.approx(2000 * (1 - 0.6**5), rel=0.02)
    assert found.producers_accuracy[2] == Estimate(value=None, standard_error=None, interval=None, draws=0)
    assert found.average_accuracy.draws == 2000
    assert found.design_effect is None


def test_one_unit_leaves_nothing_to_draw() -> None:
    found = clustered_intervals(np.array([0, 0, 1]), np.array([0, 1, 1]), np.zeros(3), 2, seed=0)
    assert not found.has_intervals
    assert not found.to_json()["has_intervals"]
    assert found.overall_accuracy == Estimate(value=2 / 3, standard_error=None, interval=None, draws=0)
    assert (found.draws, found.design_effect, found.effective_samples) == (0, None, None)


def test_no_samples_have_no_figures() -> None:
    nothing = np.zeros(0, int)
    found = clustered_intervals(nothing, nothing, nothing, 2, seed=0)
    assert found.overall_accuracy.value is None
    assert [e.value for e in found.iou] == [None, None]
    assert (found.samples, found.units) == (0, 0)


def test_many_units_and_classes() -> None:
    rng = np.random.default_rng(0)
    reference, units = rng.integers(0, 16, 30_000), np.arange(30_000) // 10
    predicted = np.where(rng.random(30_000) < 0.9, reference, rng.integers(0, 16, 30_000))
    found = clustered_intervals(reference, predicted, units, 16, seed=0)
    assert all(e.interval is not None and e.draws == 1000 for e in (*found.iou, found.kappa, found.mean_iou))
    assert found == clustered_intervals(reference, predicted, units, 16, seed=0)


@pytest.mark.parametrize(
    ("reference", "predicted", "units", "words"),
    [
        ([0, 2], [0, 0], [0, 1], "between 0 and 1"),
        ([0, -1], [0, 0], [0, 1], "between 0 and 1"),
        ([0, 0], [0, 2], [0, 1], "between -1 and 1"),
        ([0, 0], [0, 0], [0], "shapes"),
    ],
)
def test_impossible_input_is_refused(reference: list[int], predicted: list[int], units: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        clustered_intervals(np.array(reference), np.array(predicted), np.array(units), 2, seed=0)
