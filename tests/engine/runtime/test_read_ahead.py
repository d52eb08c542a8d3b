"""Items made in a thread of their own: in order, not far ahead, and errors where the caller sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from hsi_engine.errors import Cancelled, SceneError
from hsi_engine.runtime.read_ahead import read_ahead


def wait_until(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_all_items_come_in_order_from_one_other_thread() -> None:
    threads: set[int] = set()

    def items() -> Iterator[int]:
        for item in range(50):
            threads.add(threading.get_ident())
            yield item

    assert list(read_ahead(items())) == list(range(50))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("ahead", [1, 3])
def test_the_next_items_are_made_while_the_caller_has_one_but_no_more(ahead: int) -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for item in range(10):
            made.append(item)
            yield item

    with closing(read_ahead(items(), ahead=ahead)) as ahead_of_me:
        assert next(ahead_of_me) == 0
        wait_until(lambda: len(made) == 1 + ahead)
        time.sleep(0.02)
        assert len(made) == 1 + ahead


def test_an_error_comes_where_the_item_would_have() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise SceneError("Row 30 is damaged.", code="read_failed")

    ahead = read_ahead(items(), ahead=5)
    assert next(ahead) == 1
    with pytest.raises(SceneError, match="Row 30 is damaged"):
        next(ahead)


def test_waiting_hears_of_a_cancel_and_closing_ends_the_thread() -> None:
    stop = threading.Event()
    before = threading.active_count()

    def items() -> Iterator[int]:
        stop.wait(10)
        yield 1

    def cancel() -> None:
        stop.set()
        raise Cancelled

    with pytest.raises(Cancelled):
        list(read_ahead(items(), check_cancelled=cancel))
    assert threading.active_count() == before
