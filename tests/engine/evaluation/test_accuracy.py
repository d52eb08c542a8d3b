import json
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    jaccard_score,
    precision_recall_fscore_support,
)

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import MismatchError
from hsi_engine.evaluation.accuracy import Accuracy, accuracy_from_indices, wilson_interval

LEGEND = Legend.of({2: "water", 5: "meadow", 11: "soil", 12: "never there"})

indices = arrays(np.int64, st.shared(st.integers(1, 40), key="n"), elements=st.integers(0, 2))


@settings(max_examples=60, deadline=None)
@given(reference=indices, predicted=indices)
def test_equals_scikit_learn(reference: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]) -> None:
    accuracy = accuracy_from_indices(reference, predicted, LEGEND)
    labels = [0, 1, 2, 3]
    np.testing.assert_array_equal(accuracy.confusion, confusion_matrix(reference, predicted, labels=labels))
    precision, recall, f1, support = precision_recall_fscore_support(
        reference, predicted, labels=labels, zero_division=np.nan
    )
    np.testing.assert_allclose(accuracy.users_accuracy, precision)
    np.testing.assert_allclose(accuracy.producers_accuracy, recall)
    np.testing.assert_allclose(accuracy.f1, f1)
    there = (accuracy.support + accuracy.mapped) > 0  # scikit-learn takes no NaN for a class that is nowhere
    jaccard = jaccard_score(reference, predicted, labels=labels, average=None, zero_division=0)
    np.testing.assert_allclose(accuracy.iou, np.where(there, jaccard, np.nan))
    np.testing.assert_array_equal(accuracy.support, support)
    assert accuracy.overall_accuracy == pytest.approx(accuracy_score(reference, predicted))
    assert accuracy.average_accuracy == pytest.approx(np.nanmean(recall))
    assert accuracy.mean_iou == pytest.approx(jaccard[support > 0].mean())
    if len({*reference, *predicted}) > 1:
        assert accuracy.kappa == pytest.approx(cohen_kappa_score(reference, predicted))


def test_rows_are_the_reference() -> None:
    accuracy = accuracy_from_indices(np.array([0, 0, 0]), np.array([1, 1, 0]), LEGEND)
    assert accuracy.confusion[0].tolist() == [1, 2, 0, 0]
    assert accuracy.producers_accuracy[0] == pytest.approx(1 / 3)
    assert accuracy.users_accuracy[0] == 1


def test_unclassified_samples_count_as_errors() -> None:
    accuracy = accuracy_from_indices(np.array([0, 0, 1, 1]), np.array([0, -1, 1, -1]), LEGEND)
    assert accuracy.unclassified.tolist() == [1, 1, 0, 0]
    assert accuracy.samples == 4
    assert accuracy.overall_accuracy == 0.5
    assert accuracy.producers_accuracy[:2].tolist() == [0.5, 0.5]
    assert accuracy.users_accuracy[:2].tolist() == [1, 1]
    # An "unclassified" column without a row: observed 1/2, by chance 2 · (1/2 · 1/4).
    assert accuracy.kappa == pytest.approx((0.5 - 0.25) / 0.75)
    assert accuracy.iou[:2].tolist() == [0.5, 0.5]
    assert accuracy.to_json()["unclassified"] == 2


def test_intersection_over_union() -> None:
    # Water: 2 in both, 3 in either; meadow: 1 in both, 3 in either; soil only in the map, so in no mean.
    accuracy = accuracy_from_indices(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2]), LEGEND)
    np.testing.assert_allclose(accuracy.iou, [2 / 3, 1 / 3, 0, np.nan])
    assert accuracy.mean_iou == pytest.approx(1 / 2)
    data = accuracy.to_json()
    assert data["mean_iou"] == accuracy.mean_iou
    assert [item["iou"] for item in data["classes"]] == [*accuracy.iou[:3].tolist(), None]


def test_json_of_before_the_intersection_over_union_is_read() -> None:
    accuracy = accuracy_from_indices(np.array([0, 1, 1]), np.array([0, 1, -1]), LEGEND)
    data = accuracy.to_json()
    del data["mean_iou"]
    for item in data["classes"]:
        del item["iou"]
    assert Accuracy.from_json(data) == accuracy


def test_what_is_not_defined_is_null_in_json() -> None:
    accuracy = accuracy_from_indices(np.array([0, 0]), np.array([0, 0]), LEGEND)
    assert math.isnan(accuracy.kappa)
    assert math.isnan(accuracy.f1[3])
    data = json.loads(json.dumps(accuracy.to_json(), allow_nan=False))
    assert data["kappa"] is None
    assert data["classes"][3]["producers_accuracy"] is None
    assert data["overall_accuracy"] == 1
    assert accuracy_from_indices(np.array([], int), np.array([], int), LEGEND).to_json()["overall_accuracy"] is None
    assert accuracy_from_indices(np.array([], int), np.array([], int), LEGEND).to_json()["mean_iou"] is None


@settings(max_examples=20, deadline=None)
@given(reference=indices, predicted=indices, cut=st.integers(0, 40))
def test_parts_add_up(reference: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], cut: int) -> None:
    parts = [accuracy_from_indices(reference[s], predicted[s], LEGEND) for s in (slice(cut), slice(cut, None))]
    whole = accuracy_from_indices(reference, predicted, LEGEND)
    assert parts[0] + parts[1] == whole
    assert Accuracy.from_json(json.loads(json.dumps(whole.to_json()))) == whole


def test_other_legends_do_not_add_up() -> None:
    one = accuracy_from_indices(np.array([0]), np.array([0]), LEGEND)
    with pytest.raises(MismatchError, match="same legend"):
        one + accuracy_from_indices(np.array([0]), np.array([0]), Legend.of({1: "x"}))


@pytest.mark.parametrize(("reference", "predicted"), [([4], [0]), ([-1], [0]), ([0], [4]), ([0], [-2]), ([0], [0, 1])])
def test_impossible_indices_are_refused(reference: list[int], predicted: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must lie between|against"):
        accuracy_from_indices(np.array(reference), np.array(predicted), LEGEND)


def test_wilson_interval() -> None:
    # Values of table I in Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(29, 29)[1] == 1
    assert all(math.isnan(bound) for bound in wilson_interval(0, 0))
