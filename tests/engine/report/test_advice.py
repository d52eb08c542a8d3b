"""What to label next follows from the counts: few labels, classes that are confused, classes that were not tested."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.accuracy import Accuracy
from hsi_engine.report.evidence import LabelledClass, Places
from hsi_engine.report.views.classes import advice


def assessed(matrix: list[list[int]], *names: str) -> Accuracy:
    """An accuracy with this confusion matrix: rows are the reference."""
    legend = Legend.of(dict(enumerate(names, 1)))
    return Accuracy(legend=legend, confusion=np.array(matrix), unclassified=np.zeros(len(names), int))


def places(*classes: tuple[str, int, int]) -> Places:
    """Labels of classes: name, pixels, blocks."""
    return Places(
        unit_name="block",
        block_px=20,
        n_folds=3,
        units=sum(units for _, _, units in classes),
        samples=sum(samples for _, samples, _ in classes),
        tested=1,
        intervals=None,
        classes=tuple(
            LabelledClass(name=name, samples=samples, units=units, tested=samples) for name, samples, units in classes
        ),
    )


SOIL = assessed([[0, 29, 0], [0, 300, 0], [0, 0, 200]], "soil", "wheat", "water")


def test_a_class_with_few_training_pixels_asks_for_more() -> None:
    assert advice(SOIL, trained=[4, 300, 200])[0] == (
        "soil: 4 training pixels, none of 29 tested pixels correct, 29 taken for wheat: draw more soil labels."
    )


def test_a_class_in_few_places_asks_for_other_places() -> None:
    found = advice(SOIL, places(("soil", 400, 2), ("wheat", 300, 9), ("water", 200, 9)))[0]
    assert found.startswith("soil: 400 labelled pixels, none of 29 tested pixels correct")
    assert found.endswith("It is labelled in only 2 blocks: draw more soil labels elsewhere.")


def test_a_class_with_many_labels_is_to_be_checked() -> None:
    found = advice(SOIL, places(("soil", 400, 9), ("wheat", 300, 9), ("water", 200, 9)))[0]
    assert found.endswith("check them, and whether soil and wheat can be told apart in the scene.")


def test_without_a_training_nothing_is_said_of_its_labels() -> None:
    assert advice(SOIL)[0] == (
        "soil: none of 29 tested pixels correct, 29 taken for wheat. More training places of soil would help most."
    )


def without_class(accuracy: Accuracy, *unclassified: int) -> Accuracy:
    return dataclasses.replace(accuracy, unclassified=np.array(unclassified))


def test_pixels_without_a_class_in_the_map_ask_for_no_labels() -> None:
    never_mapped = without_class(assessed([[0, 0], [0, 300]], "water", "wheat"), 594, 0)
    assert advice(never_mapped) == ["water: none of 594 tested pixels correct, the map has no class at these pixels."]
    mostly = without_class(assessed([[20, 10], [0, 300]], "water", "wheat"), 50, 0)
    assert advice(mostly)[0] == "water: 20 of 80 tested pixels correct, the map has no class at 50 of them."


def test_pixels_of_another_class_ask_for_labels_though_some_have_none() -> None:
    found = advice(without_class(assessed([[0, 40], [0, 300]], "water", "wheat"), 30, 0))[0]
    assert found.startswith(
        "water: none of 70 tested pixels correct, the map has no class at 30 of them, 40 taken for wheat."
    )
    assert "would help most" in found


def test_two_classes_that_are_confused_are_named_together() -> None:
    confused = assessed([[120, 40, 0], [30, 150, 0], [0, 0, 90]], "oats", "wheat", "water")
    assert advice(confused, trained=[500, 500, 500]) == [
        "oats is taken for wheat in 40 of 160 tested pixels, and wheat for oats in 30 of 180: draw more labels of both where they"
        " look alike, or merge them if one class is enough."
    ]


def test_a_confusion_in_one_direction_is_named_as_such() -> None:
    confused = assessed([[120, 40, 0], [2, 150, 0], [0, 0, 90]], "oats", "wheat", "water")
    (found,) = advice(confused)
    assert found.startswith("oats is taken for wheat in 40 of 160 tested pixels: draw more labels of both")


def test_a_handful_of_pixels_is_no_confusion() -> None:
    assert advice(assessed([[20, 9], [0, 80]], "oats", "wheat")) == []


@pytest.mark.parametrize(
    ("trained", "sentence"),
    [
        ([5, 9, 9], "soil: not tested, so the accuracy is not known. Label soil in at least one more place."),
        ([0, 9, 9], None),
    ],
)
def test_a_class_that_was_trained_on_and_not_tested_is_named(trained: list[int], sentence: str | None) -> None:
    untested = assessed([[0, 0, 0], [0, 30, 0], [0, 0, 20]], "soil", "wheat", "water")
    assert advice(untested, trained=trained) == ([] if sentence is None else [sentence])


def test_what_would_help_most_is_said_once() -> None:
    found = advice(assessed([[0, 40, 0], [0, 50, 0], [10, 20, 10]], "soil", "wheat", "water"))
    assert sum("would help most" in text for text in found) == 1
    assert found[0].endswith("More training places of soil would help most.")
    assert found[1].endswith("More training places of water would help too.")


def test_only_the_worst_are_named() -> None:
    names = [f"class {letter}" for letter in "abcdefghijkl"]
    matrix = 10 * np.eye(12, dtype=int) + 20 * np.roll(np.eye(12, dtype=int), 1, axis=1)
    assert len(advice(assessed(matrix.tolist(), *names), trained=[30] * 12)) == 7


def test_labels_that_were_held_back_are_no_reason_to_think_that_more_would_not_help() -> None:
    trees = assessed([[305, 1569, 0], [0, 300, 0], [0, 0, 200]], "tree", "wheat", "water")
    found = advice(trees, trained=[72, 60, 50])[0]
    assert found == (
        "tree: 72 training pixels, 305 of 1,874 tested pixels correct, 1,569 taken for wheat. 1,874 of its labels were held back for"
        " the test: train on a larger share, or test with folds, before you draw more."
    )


def test_a_class_whose_labels_were_mostly_trained_on_has_many() -> None:
    assert "It has many labels, so more may not help" in advice(SOIL, trained=[4000, 300, 200])[0]
