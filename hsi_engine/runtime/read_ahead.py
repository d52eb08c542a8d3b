"""Making the next items of an iterator in a thread, while the caller works on the one before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

ItemT = TypeVar("ItemT")

_POLL_S = 0.05
_END = object()


def read_ahead(
    items: Iterable[ItemT], *, ahead: int = 1, check_cancelled: Callable[[], None] = lambda: None
) -> Generator[ItemT, None, None]:
    """The same items in the same order, made in a separate thread.

    What the items are made from, such as an open scene, belongs to that thread until the iterator has ended or was
    closed; closing waits for the item that is being made.

    Parameters
    ----------
    items : usually a generator that reads.
    ahead : how many may be made or in the making while the caller holds one, at least 1.
    check_cancelled : called while the caller waits for an item; raises what is to end the wait.

    Raises
    ------
    Whatever making an item raises, in place of the item.
    """
    iterator = iter(items)
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hsi-read-ahead")
    try:
        made = deque(pool.submit(next, iterator, _END) for _ in range(ahead))
        while True:
            first = made.popleft()
            while not wait((first,), timeout=_POLL_S).done:
                check_cancelled()
            item = first.result()
            if item is _END:
                return
            made.append(pool.submit(next, iterator, _END))
            yield item  # type: ignore[misc]  # the union without the mark of the end
            del first, item  # the caller's alone from here on
    finally:
        pool.shutdown(cancel_futures=True)
