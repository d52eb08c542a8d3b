from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.splitting.box_count import BoxCounter


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), distance=st.integers(0, 9))
def test_counts_equal_counting_one_by_one_also_beyond_the_border(seed: int, distance: int) -> None:
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(0, 7, 15), rng.integers(0, 12, 15)
    centre_rows, centre_cols = rng.integers(-3, 10, 8), rng.integers(-3, 15, 8)
    found = BoxCounter(rows, cols).count_around(centre_rows, centre_cols, distance)
    apart = np.maximum(abs(rows - centre_rows[:, None]), abs(cols - centre_cols[:, None]))
    assert np.array_equal(found, (apart <= distance).sum(axis=1))


def test_a_rectangle_turned_inside_out_holds_nothing() -> None:
    counter = BoxCounter(np.array([2]), np.array([2]))
    edge = np.array([4])
    assert counter.count(edge, edge, edge - 3, edge - 3).tolist() == [0]
