from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.splitting.split import Split, measure_leakage, measured_split

LEGEND = Legend.of({1: "one", 2: "two", 3: "three"})


def scattered(seed: int, shape: tuple[int, int], n: int) -> SampleSet:
    rng = np.random.default_rng(seed)
    flat = np.sort(rng.choice(shape[0] * shape[1], n, replace=False))
    rows, cols = np.divmod(flat, shape[1])
    return SampleSet(rows=rows, cols=cols, classes=rng.integers(0, 3, n), groups=np.arange(n) + 1, legend=LEGEND)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), radius=st.integers(0, 6))
def test_leakage_equals_the_distance_of_each_test_sample_to_the_nearest_training_sample(seed: int, radius: int) -> None:
    samples = scattered(seed, (17, 40), 60)
    train, test = np.arange(0, 60, 7), np.setdiff1d(np.arange(60), np.arange(0, 60, 7))
    apart = np.maximum(
        abs(samples.rows[test][:, None] - samples.rows[train]), abs(samples.cols[test][:, None] - samples.cols[train])
    )
    expected = (apart.min(axis=1) <= radius).mean()
    assert measure_leakage(samples, train, test, radius) == pytest.approx(expected)


def make(**changes: object) -> Split:
    fields: dict = {
        "train": np.array([0, 1]),
        "validation": np.array([2]),
        "test": np.array([4, 3]),
        "strategy": "random",
        "guard_px": 0,
        "leakage": 1.0,
        "overlap": 1.0,
        "removed": 0,
        "notes": (),
    }
    return Split(**{**fields, **changes})


@pytest.mark.parametrize("side", ["train", "validation", "test"])
def test_a_sample_on_two_sides_or_twice_on_one_is_refused(side: str) -> None:
    with pytest.raises(ValueError, match="more than one of train, validation and test"):
        make(**{side: np.array([0, 4])})
    with pytest.raises(ValueError, match="twice"):
        make(**{side: np.array([9, 9])})


def test_json_holds_sizes_and_turns_undefined_shares_into_null() -> None:
    data = make(test=np.array([], int), leakage=math.nan, overlap=math.nan).to_json()
    assert (data["train_samples"], data["validation_samples"], data["test_samples"]) == (2, 1, 0)
    assert data["leakage"] is None
    assert make().to_json()["leakage"] == 1.0


def test_splits_are_equal_by_value() -> None:
    assert make() == make(test=np.array([3, 4]))
    assert make() != make(test=np.array([3, 5]))


def test_classes_that_a_side_lacks_are_named() -> None:
    classes = np.array([0, 0, 1, 1, 2])
    samples = SampleSet(
        rows=np.arange(5), cols=np.zeros(5, int), classes=classes, groups=np.ones(5, int), legend=LEGEND
    )
    split = measured_split(
        samples,
        train=np.array([0, 4]),
        validation=np.array([], int),
        test=np.array([1, 2, 3]),
        radius=1,
        strategy="given",
    )
    assert split.notes == (
        "No training pixel of two: the model cannot know it.",
        "No test pixel of three: its accuracy is not measured.",
    )
    assert split.leakage == pytest.approx(2 / 3)
    assert split.overlap == 1.0
