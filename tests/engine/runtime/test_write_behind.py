"""Writing in a thread of its own: in order, all of it, and errors where the caller sees them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from hsi_engine.errors import Cancelled, OutputError
from hsi_engine.runtime.write_behind import WriteBehind


def write_all(write: Callable[[int], Any], items: Iterable[int], **options: Any) -> None:
    with WriteBehind(write, **options) as writer:
        for item in items:
            writer.put(item)
        writer.finish()


def test_everything_is_written_in_order_by_one_other_thread() -> None:
    written: list[int] = []
    threads: set[int] = set()

    def write(item: int) -> None:
        written.append(item)
        threads.add(threading.get_ident())

    write_all(write, range(50))
    assert written == list(range(50))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_caller_works_on_while_an_item_is_written_but_not_far_ahead() -> None:
    may_end = threading.Event()
    handed_over: list[int] = []
    written: list[int] = []

    def items() -> Iterable[int]:
        for item in range(10):
            yield item
            handed_over.append(item)
            assert written == []

    def write(item: int) -> None:
        assert may_end.wait(10)
        written.append(item)

    def cancel() -> None:
        if len(handed_over) == 3:  # one in work, two wait
            may_end.set()
            raise Cancelled

    with pytest.raises(Cancelled):
        write_all(write, items(), ahead=2, check_cancelled=cancel)
    assert handed_over == [0, 1, 2]
    assert written == [0], "the item in work ends, what is not begun is dropped"


@pytest.mark.parametrize("count", [4, 1000])
def test_an_error_reaches_the_caller_in_its_own_words(count: int) -> None:
    tried: list[int] = []

    def write(item: int) -> None:
        tried.append(item)
        if item == 3:
            raise OutputError("The disk is full.", code="write_failed")

    with pytest.raises(OutputError, match=r"The disk is full\."):
        write_all(write, range(count))
    assert tried == [0, 1, 2, 3], "after an error nothing more is written"


def test_no_thread_is_left_when_the_caller_fails() -> None:
    def items() -> Iterable[int]:
        yield 1
        raise ZeroDivisionError

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        write_all(lambda item: None, items())
    assert threading.active_count() == before


def test_waiting_for_the_last_item_hears_of_a_cancel() -> None:
    stop = threading.Event()

    def cancel() -> None:
        stop.set()
        raise Cancelled

    with pytest.raises(Cancelled):
        write_all(lambda _: stop.wait(10), [1], check_cancelled=cancel)
    assert stop.is_set()


def test_an_item_is_let_go_once_it_is_written() -> None:
    """Items are tiles: one more than is needed may be a gigabyte."""

    class Tile:
        pass

    with WriteBehind(lambda _: None) as writer:
        tile = Tile()
        kept = weakref.ref(tile)
        writer.put(tile)
        del tile
        writer.finish()
        gc.collect()
        assert kept() is None
