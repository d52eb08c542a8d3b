"""Writing in a thread of its own, while the caller works on what is to be written next."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")

_POLL_S = 0.05


class WriteBehind(Generic[ItemT]):
    """Calls a function for each item in the order in which they are given, in a thread of its own.

    Use as a context manager, and call :meth:`finish` at its end. What is not begun when the block is left is dropped,
    and the item in work is waited for: nothing is written any more once the block is left.

    Parameters
    ----------
    write : writes one item; after it has raised an error it is not called again.
    ahead : items that may wait to be written; one more is in work.
    check_cancelled : called while the caller waits; raises what is to end the wait.
    """

    def __init__(
        self, write: Callable[[ItemT], None], *, ahead: int = 1, check_cancelled: Callable[[], None] = lambda: None
    ) -> None:
        self._write = write
        self._check_cancelled = check_cancelled
        self._items: queue.Queue[ItemT | None] = queue.Queue(ahead)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="hsi-write-behind", daemon=True)

    def __enter__(self) -> WriteBehind[ItemT]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def put(self, item: ItemT) -> None:
        """Hand over an item; returns at once unless too many wait to be written.

        Raises
        ------
        Whatever writing an earlier item has raised.
        """
        self._hand_over(item)

    def finish(self) -> None:
        """Return when all is written.

        Raises
        ------
        Whatever writing an item has raised.
        """
        self._hand_over(None)
        while self._thread.is_alive():
            self._check_cancelled()
            self._thread.join(_POLL_S)
        self._raise_error()

    def _hand_over(self, item: ItemT | None) -> None:
        while True:
            self._raise_error()
            try:
                self._items.put(item, timeout=_POLL_S)
                return
            except queue.Full:
                self._check_cancelled()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                item = self._items.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None:
                return
            try:
                self._write(item)
            except BaseException as error:  # raised again where the caller can see it
                self._error = error
                return
