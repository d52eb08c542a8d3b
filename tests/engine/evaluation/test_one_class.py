"""A model is held against the map that shows the most frequent class everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.accuracy import Accuracy, accuracy_from_indices
from hsi_engine.evaluation.one_class import no_better_than_one_class, one_class_baseline

LEGEND = Legend.of({2: "water", 5: "tree", 9: "soil"})
REFERENCE = np.repeat([0, 1, 2], [20, 50, 30])


def accuracy(predicted: np.ndarray) -> Accuracy:
    return accuracy_from_indices(REFERENCE, predicted, LEGEND)


def test_the_baseline_is_the_accuracy_of_that_very_map() -> None:
    everywhere = [accuracy(np.full(100, k)).overall_accuracy for k in range(3)]
    found = one_class_baseline(accuracy(REFERENCE))
    assert found is not None
    assert (found.name, found.share) == ("tree", max(everywhere))
    assert "“tree”, the most frequent class, would be right for 50.0 % of" in found.text


@pytest.mark.parametrize(("right", "warned"), [(49, True), (50, True), (51, False)])
def test_a_model_is_warned_of_unless_it_is_better(right: int, warned: bool) -> None:
    predicted = np.where(np.arange(100) < right, REFERENCE, (REFERENCE + 1) % 3)
    words = no_better_than_one_class(accuracy(predicted), "model")
    assert bool(words) == warned
    if warned:
        assert words.startswith(f"The model is no better than one class everywhere: {right}.0 % of the tested pixels")
        assert "“tree”" in words
        assert "50.0 %. Do not rely on the model" in words


def test_unclassified_pixels_count_as_tested() -> None:
    assert "no better" in no_better_than_one_class(accuracy(np.where(np.arange(100) < 40, REFERENCE, -1)), "map")


def test_one_tested_class_has_no_baseline() -> None:
    """Whoever maps that class everywhere is right everywhere, which says nothing."""
    single = accuracy_from_indices(np.zeros(9, int), np.ones(9, int), LEGEND)
    assert one_class_baseline(single) is None
    assert no_better_than_one_class(single, "map") == ""
