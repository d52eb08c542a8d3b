"""Numbers from a table are those from sorting."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.splitting import dense_numbers as module
from hsi_engine.splitting.box_count import BoxCounter
from hsi_engine.splitting.dense_numbers import dense_numbers, different


@pytest.mark.parametrize("highest", [0, 3, 50, 10**12])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_equals_sorting(highest: int, count: int) -> None:
    keys = np.random.default_rng(highest % 97 + count).integers(0, highest + 1, count)
    found, number = np.unique(keys, return_inverse=True)
    assert np.array_equal(different(keys), found)
    assert np.array_equal(dense_numbers(keys), number)


def test_small_keys_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sorting(*_: object, **__: object) -> None:
        raise AssertionError("sorted")

    keys = np.arange(1000) % 7
    monkeypatch.setattr(module.np, "unique", no_sorting)
    assert dense_numbers(keys).max() == 6
    assert len(different(keys)) == 7
    BoxCounter(keys - 3, keys + 100_000)


def test_positions_left_of_the_scene_are_counted() -> None:
    rows, cols = np.array([-2, 5, 5]), np.array([7, -1, 90])
    assert BoxCounter(rows, cols).count_around(rows, cols, 1).tolist() == [1, 1, 1]
    assert BoxCounter(rows[:0], cols[:0]).count_around(rows, cols, 1).tolist() == [0, 0, 0]
