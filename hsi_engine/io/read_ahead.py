"""Reading the next windows of a scene in a thread, while the caller works on the one before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence

from ..window import Window
from .scene_reader import SceneBlock, SceneReader

_POLL_S = 0.05


def read_ahead(
    reader: SceneReader,
    windows: Iterable[Window],
    bands: Sequence[int],
    *,
    ahead: int = 1,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Generator[tuple[Window, SceneBlock], None, None]:
    """Each window with its pixels, in the order given.

    The reader belongs to the thread until the iterator has ended or was closed; closing waits for the read that is
    under way.

    Parameters
    ----------
    windows : inside the scene.
    bands : as for :meth:`SceneReader.read`.
    ahead : blocks that may wait to be taken; one more is being read, and the caller holds one.
    check_cancelled : called while the caller waits for a block; raises what is to end the wait.

    Raises
    ------
    SceneError : the file ends early or is damaged; raised where the block would have come.
    """
    blocks: queue.Queue[tuple[Window, SceneBlock] | BaseException | None] = queue.Queue(ahead)
    stop = threading.Event()

    def hand_over(item: tuple[Window, SceneBlock] | BaseException | None) -> None:
        while not stop.is_set():
            try:
                blocks.put(item, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def run() -> None:
        try:
            for window in windows:
                if stop.is_set():
                    return
                hand_over((window, reader.read(window, bands)))
            hand_over(None)
        except BaseException as error:  # raised again where the caller can see it
            hand_over(error)

    thread = threading.Thread(target=run, name="hsi-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = blocks.get(timeout=_POLL_S)
            except queue.Empty:
                check_cancelled()
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()
