from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.splitting.stratified_draw import allocate, draw

sizes = st.lists(st.integers(0, 3000), min_size=1, max_size=20)


@settings(max_examples=80, deadline=None)
@given(sizes=sizes, share=st.floats(0, 1), minimum=st.integers(0, 3))
def test_the_sum_is_exact_and_no_class_gives_more_than_it_has(sizes: list[int], share: float, minimum: int) -> None:
    counts = np.array(sizes)
    total = round(share * counts.sum())
    given_ = allocate(total, counts, counts, minimum=minimum)
    least = np.minimum(minimum, counts)
    assert (given_ >= least).all()
    assert (given_ <= counts).all()
    assert given_.sum() == max(total, least.sum())


def test_without_bounds_shares_are_within_one_of_proportional() -> None:
    counts = np.array([1428, 830, 237, 46, 20])
    given_ = allocate(256, counts, counts)
    assert np.all(abs(given_ - 256 * counts / counts.sum()) < 1)


def test_what_one_class_cannot_give_is_shared_among_the_others() -> None:
    given_ = allocate(100, np.array([100, 100, 100]), np.array([10, 90, 90]))
    assert given_.tolist() == [10, 45, 45]


def test_draws_the_number_asked_for_of_each_class_and_returns_the_rest() -> None:
    classes = np.repeat([0, 1, 2], [5, 50, 500])
    candidates = np.arange(0, 555, 2)
    taken, rest = draw(np.random.default_rng(0), candidates, classes, np.array([1, 20, 0]))
    assert np.bincount(classes[taken], minlength=3).tolist() == [1, 20, 0]
    assert np.array_equal(np.sort(np.concatenate([taken, rest])), candidates)
