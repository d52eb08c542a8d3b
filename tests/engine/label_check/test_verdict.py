"""Sentences: what comes first, and that many names stay readable."""

from __future__ import annotations

import pytest

from hsi_engine.classes.legend import LegendClass
from hsi_engine.label_check.findings import ClassSummary, Finding, Kind, PairSummary
from hsi_engine.label_check.verdict import class_advice, distance_text, named, pair_text, percent, verdict_on


def summary(
    value: int, *, pixels: int = 100, tested: bool = True, recognised: float | None = 0.9, features: int = 3
) -> ClassSummary:
    return ClassSummary(
        item=LegendClass(value=value, name=f"class {value}", colour="#0072b2"),
        features=features,
        pixels=pixels,
        pixels_without_data=0,
        area_m2=None,
        places=2,
        tested=tested,
        mean=None,
        deviation=None,
        recognised=recognised,
        taken_for=None,
        advice=(),
    )


def finding(kind: Kind, feature: int = 1) -> Finding:
    return Finding(feature=feature, value=1, kind=kind, reason="So.")


def test_what_helps_most_comes_first() -> None:
    names = ("class 1", "class 2")
    pair = PairSummary(values=(1, 2), names=names, distance=0.5, told_apart="hardly", text="")
    found = verdict_on(
        [summary(1, tested=False), summary(2, pixels=12, recognised=0.2)],
        [pair],
        [finding("contradiction"), finding("odd"), finding("no_pixel"), finding("overlap"), finding("tiny")],
        feature_word="polygon",
        n_folds=2,
    )
    assert found.advice == (
        "Draw class 1 in at least one more separate place.",
        "Decide on one class for places drawn as two (1 polygon).",
        "Use all touched pixels, or draw larger: 1 of 6 polygons labels nothing.",
        "Draw more pixels of class 2 (12).",
        "Merge classes that can hardly be told apart, or expect them to be confused: class 1 and class 2.",
        "Draw more places of classes that a simple classifier does not recognise in other places: class 2 (20 %).",
        "Look at polygons whose spectra do not fit their class (1).",
        "Trim polygons that overlap another class (1).",
    )
    assert (found.can_train, found.can_test, found.level) == (True, True, "caution")


def test_harmless_findings_need_no_advice() -> None:
    found = verdict_on(
        [summary(1), summary(2)], [], [finding("tiny"), finding("duplicate")], feature_word="point", n_folds=5
    )
    assert (found.advice, found.level) == ((), "good")
    assert found.text.endswith("Nothing needs to be added.")


def test_lost_polygons_come_late_where_they_are_few() -> None:
    found = verdict_on(
        [summary(1, features=90), summary(2)], [], [finding("no_pixel")], feature_word="polygon", n_folds=5
    )
    assert found.advice == ("Use all touched pixels, or draw larger: 1 of 93 polygons labels nothing.",)


def test_nothing_labelled_where_there_is_data() -> None:
    found = verdict_on([summary(1, pixels=0, tested=False)], [], [], feature_word="polygon", n_folds=0)
    assert found.text.startswith("You cannot train yet: no class has labelled pixels with data.")
    assert found.level == "warning"


@pytest.mark.parametrize(
    ("distance", "word"), [(0.0, "hardly"), (0.999, "hardly"), (1.0, "in_part"), (1.899, "in_part"), (1.9, "well")]
)
def test_limits_of_the_distance(distance: float, word: str) -> None:
    assert pair_text(("corn", "soybean"), distance)[0] == word


def test_corn_and_soybean() -> None:
    assert pair_text(("Corn", "soybean"), 0.4)[1] == "Corn and soybean can hardly be told apart by their spectra."


def test_a_class_that_is_taken_for_its_twin_is_to_be_merged() -> None:
    given = {"feature_word": "polygon", "pixels": 500, "pixels_without_data": 0, "places": 4, "tested": True}
    said = class_advice(**given, recognised=0.3, taken_for="pavement", alike=True)  # type: ignore[arg-type]
    assert said == ("Merging with pavement, or more places: elsewhere it is often taken for pavement.",)
    said = class_advice(**given | {"pixels": 12}, recognised=0.3, taken_for="pavement", alike=True)  # type: ignore[arg-type]
    assert said == ("A few dozen pixels.", "More places: elsewhere it is often taken for pavement.")
    said = class_advice(**given, recognised=0.3, taken_for="grass", alike=False)  # type: ignore[arg-type]
    assert said == ("More places: elsewhere it is often taken for grass.",)
    assert class_advice(**given, recognised=0.5, taken_for="grass", alike=False) == ()  # type: ignore[arg-type]


def test_names_and_shares() -> None:
    assert named(["a"]) == "a"
    assert named(["a", "b", "c", "d", "e"]) == "a, b, c, d and e"
    assert named(list("abcdefgh")) == "a, b, c, d, e, f, g and h"
    assert named(list("abcdefghi")) == "a, b, c, d and 5 more classes"
    assert percent(0.001) == "less than 1 %"
    assert percent(0) == "0 %"


@pytest.mark.parametrize(
    ("distance", "text"),
    [(1.1676, "1.17"), (0.998, "0.99"), (1.897, "1.89"), (1.9, "1.90"), (1.9999, "1.99"), (0.0, "0.00")],
)
def test_a_distance_is_rounded_but_never_up_to_a_bound_that_it_misses(distance: float, text: str) -> None:
    assert distance_text(distance) == text
