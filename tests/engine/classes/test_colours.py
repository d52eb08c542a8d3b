"""Colours by meaning: water is blue whatever the language, and no two classes look alike."""

from __future__ import annotations

import pytest

from hsi_engine.classes.colours import class_colours, default_colour
from hsi_engine.classes.legend import Legend


def hue(colour: str) -> str:
    """The strongest of red, green and blue; "grey" if they are equal."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    if red == green == blue:
        return "grey"
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["water", "Wasser", "Eau", "agua"], "blue"),
        (["Laubwald", "forest", "forêt", "árboles"], "green"),
        (["grassland", "Wiese", "prairie 2"], "green"),
        (["roof", "Gebäude", "bâtiment"], "red"),
        (["road", "Straße", "pavement (asphalt)"], "grey"),
    ],
)
def test_names_have_the_colour_of_what_they_mean(names: list[str], expected: str) -> None:
    found = class_colours(names, {})
    assert {hue(colour) for colour in found} == {expected}
    assert len(set(found)) == len(names)


def test_the_first_word_decides() -> None:
    assert hue(class_colours(["water meadow"], {})[0]) == "blue"
    assert class_colours(["Grass-trees"], {}) == class_colours(["grass"], {})


def test_numbers_and_unknown_names_come_from_the_palette() -> None:
    assert class_colours(["1", "2", "zone a"], {}) == [default_colour(i) for i in range(3)]


def test_many_classes_of_one_meaning_still_differ() -> None:
    names = [f"corn {number}" for number in range(60)]
    assert len(set(class_colours(names, {}))) == 60


def test_a_given_colour_stays_and_is_not_used_again() -> None:
    blue = class_colours(["water"], {})[0]
    found = class_colours(["sky", "water"], {0: blue})
    assert found[0] == blue
    assert found[1] != blue
    assert hue(found[1]) == "blue"


def test_a_legend_is_coloured_by_its_names() -> None:
    legend = Legend.of({1: "water", 2: "forest", 3: "mine"}, {3: "#123456"})
    assert [hue(c.colour) for c in legend.classes[:2]] == ["blue", "green"]
    assert legend.classes[2].colour == "#123456"


def test_default_colours_differ_for_a_hundred_classes() -> None:
    assert len({default_colour(i) for i in range(100)}) == 100
