"""Writing in a separate thread, while the caller works on what is to be written next."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore
from types import TracebackType
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")

_POLL_S = 0.05


class WriteBehind(Generic[ItemT]):
    """Calls a function for each item in the order in which they are given, in a separate thread.

    Use as a context manager, and call :meth:`finish` at its end. What is not begun when the block is left is dropped,
    and the item in work is waited for: nothing is written once the block is left.

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
        self._free = BoundedSemaphore(ahead + 1)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hsi-write-behind")
        self._last: Future[None] | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> WriteBehind[ItemT]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def put(self, item: ItemT) -> None:
        """Hand over an item; returns at once unless too many wait to be written.

        Raises
        ------
        Whatever writing an earlier item has raised.
        """
        while not self._free.acquire(timeout=_POLL_S):
            self._check_cancelled()
        self._raise_error()
        self._last = self._pool.submit(self._write_one, item)

    def finish(self) -> None:
        """Return when all is written.

        Raises
        ------
        Whatever writing an item has raised.
        """
        while self._last is not None and not wait((self._last,), timeout=_POLL_S).done:
            self._check_cancelled()
        self._raise_error()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _write_one(self, item: ItemT) -> None:
        try:
            if self._error is None:
                self._write(item)
        except BaseException as error:  # raised again in the thread of the caller
            self._error = error
        finally:
            self._free.release()
