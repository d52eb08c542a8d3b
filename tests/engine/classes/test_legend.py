"""Values, indices and back; names, colours and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend, LegendClass
from hsi_engine.errors import LabelError

LEGEND = Legend.of({11: "soil", 2: "water", 5: "woods"}, {5: "#00aa55"})


def test_classes_stand_in_the_order_of_their_values() -> None:
    assert LEGEND.values.tolist() == [2, 5, 11]
    assert LEGEND.names == ["water", "woods", "soil"]


@settings(max_examples=50, deadline=None)
@given(
    values=st.sets(st.integers(1, 65535), min_size=1, max_size=40),
    others=st.lists(st.integers(-3, 70000), max_size=40),
)
def test_values_become_indices_and_come_back(values: set[int], others: list[int]) -> None:
    legend = Legend.of({v: str(v) for v in values})
    raster = np.array([[*sorted(values), *others]], dtype=np.int64)
    back = legend.to_value(legend.to_index(raster))
    np.testing.assert_array_equal(back, np.where(np.isin(raster, list(values)), raster, 0))
    assert back.dtype == (np.uint8 if max(values) <= 255 else np.uint16)


def test_json_round_trip() -> None:
    assert Legend.from_json(LEGEND.to_json()) == LEGEND


def test_names_and_colours_may_be_left_out_of_json() -> None:
    legend = Legend.from_json([{"value": 3}, {"value": 1, "name": "one", "color": "#ABCDEF"}])
    assert legend.names == ["one", "3"]
    assert legend.classes[0].colour == "#abcdef"
    assert legend.classes[0].rgb == (0xAB, 0xCD, 0xEF)


def test_an_empty_legend_knows_nothing() -> None:
    assert Legend(()).to_index(np.array([0, 1])).tolist() == [-1, -1]


def test_a_subset_keeps_values_names_and_colours() -> None:
    part = LEGEND.subset([5, 11, 99])
    assert part.values.tolist() == [5, 11]
    assert part.classes[0].colour == "#00aa55"


@pytest.mark.parametrize("value", [0, -1, 65536])
def test_values_that_no_class_map_can_hold_are_refused(value: int) -> None:
    with pytest.raises(LabelError, match=rf"Class value {value} cannot be written.*from 1 to 65535.*Renumber"):
        LegendClass(value=value, name="x", colour="#000000")


def test_a_value_twice_is_refused() -> None:
    one = LegendClass(value=1, name="a", colour="#000000")
    with pytest.raises(LabelError, match=r"class value 1 more than once"):
        Legend((one, LegendClass(value=1, name="b", colour="#ffffff")))


def test_a_colour_of_another_form_is_refused() -> None:
    with pytest.raises(LabelError, match=r"Colour 'red' of class 1 \(a\) is not of the form #rrggbb"):
        LegendClass(value=1, name="a", colour="red")


@pytest.mark.parametrize("data", [{"a": 1}, [1, 2], [{"name": "a"}], [{"value": "x"}], "text"])
def test_json_of_another_form_is_refused_with_an_example(data: object) -> None:
    with pytest.raises(LabelError, match=r"list of objects with value, name and color.*For example"):
        Legend.from_json(data)


def test_a_name_stands_on_one_line() -> None:
    """A name with a line break would tear every table that lists it."""
    legend = Legend.of({1: "sealed\nsurface", 2: "  open \t soil\r\n"})
    assert legend.names == ["sealed surface", "open soil"]


def test_a_legend_of_all_values_compares_each_once() -> None:
    compared = 0

    class Value(int):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return int(self) == other

        __hash__ = int.__hash__

    Legend.of({Value(number): str(number) for number in range(1, 3001)})
    assert compared < 3000 * 20, "each with each would be nine million"
    with pytest.raises(LabelError, match="class value 7 more than once"):
        Legend.from_json([{"value": 7}, {"value": 8}, {"value": 7}])
