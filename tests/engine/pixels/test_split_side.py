"""The sides of a split: values of files that users have, so they never change, and one name for each."""

from __future__ import annotations

from hsi_engine.pixels.split_side import SIDE_OF_WORD, SIDES, SPLIT_LEGEND, SplitSide


def test_values_are_those_of_files() -> None:
    assert {side.word: int(side) for side in SplitSide} == {"unused": 0, "training": 1, "validation": 2, "test": 3}


def test_the_legend_of_a_split_raster_names_each_side_by_its_value() -> None:
    assert [(c.value, c.name) for c in SPLIT_LEGEND] == [(1, "training"), (2, "validation"), (3, "test")]
    assert [type(c.value) for c in SPLIT_LEGEND] == [int] * len(SIDES)
    assert len({c.colour for c in SPLIT_LEGEND}) == len(SIDES)


def test_words_of_a_field() -> None:
    assert {side: {word for word, of in SIDE_OF_WORD.items() if of == side} for side in SplitSide} == {
        SplitSide.UNUSED: {"unused"},
        SplitSide.TRAINING: {"training", "train"},
        SplitSide.VALIDATION: {"validation", "valid", "val"},
        SplitSide.TEST: {"test", "testing"},
    }
