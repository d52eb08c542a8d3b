"""Where one is among points, by properties and by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qgis_plugin.desktop.labelling.point_order import PointOrder

points = st.dictionaries(st.integers(-50, 9000), st.booleans(), max_size=40)


@given(points)
def test_the_unlabelled_points_are_each_visited_once_in_order(given_points: dict[int, bool]) -> None:
    order = PointOrder(given_points.items())
    visited = []
    while order.go_to_unlabelled():
        assert order.current is not None
        visited.append(order.current)
        order.mark(order.current, labelled=True)
    assert visited == [point for point, labelled in given_points.items() if not labelled]
    assert order.labelled == len(order) == len(given_points)


@given(points, st.lists(st.sampled_from([1, -1]), max_size=60))
def test_a_step_back_undoes_a_step_forward(given_points: dict[int, bool], steps: list[int]) -> None:
    order = PointOrder(given_points.items())
    assert order.step(1) == bool(given_points)
    start = order.current
    for by in steps:
        order.step(by)
    for by in steps:
        order.step(-by)
    assert order.current == start


def test_it_goes_round_in_both_directions_and_to_gaps_before_the_current_point() -> None:
    order = PointOrder([(7, True), (3, False), (9, True)])
    order.step(-1)
    assert (order.current, order.place) == (9, 3)
    order.step(1)
    assert (order.current, order.place) == (7, 1)
    order.go_to(9)
    assert order.go_to_unlabelled()
    assert order.current == 3
    order.mark(3, labelled=True)
    assert not order.go_to_unlabelled()
    assert order.current == 3


def test_points_that_are_not_there_change_nothing() -> None:
    order = PointOrder([(7, False)])
    order.mark(8, labelled=True)
    assert not order.go_to(8)
    assert (order.labelled, order.current, order.place) == (0, None, None)
    order.mark(7, labelled=True)
    order.mark(7, labelled=True)
    assert order.labelled == 1
    order.mark(7, labelled=False)
    assert order.labelled == 0
