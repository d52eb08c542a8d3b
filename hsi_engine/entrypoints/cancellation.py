"""Stopping a job within a second, even while it computes inside a library.

A job polls its reporter and stops on its own wherever Python runs. Inside a long call of torch or GDAL it
cannot. A control thread therefore waits for half a second and then ends the process, after it removed
the temporary outputs. That thread must not depend on the job's: signals reach it through a file
descriptor that the C part of a signal handler writes to, since Python's part runs in the main thread only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import Cancelled
from ..io.files.temporary_files import TemporaryFiles

GRACE_S = 0.5
LAST_WORDS_S = 0.5
"""Time for whoever started the job to take its last words. A pipe that is full and that nobody reads takes none."""


class CancelSwitch:
    """Asks a job to stop and, if it does not, ends the process.

    Parameters
    ----------
    last_words : called before the process is ended by force; informs the user or the parent process.

    Attributes
    ----------
    event : set when the job is to stop.
    files : the temporary files of the job, which is run while they are :meth:`~.TemporaryFiles.in_use`.
    """

    def __init__(self, last_words: Callable[[], None]) -> None:
        self.event = threading.Event()
        self.files = TemporaryFiles()
        self._last_words = last_words
        self._lock = threading.Lock()
        self._settled = False

    def request(self, *, silent: bool = False) -> None:
        """Ask the job to stop; call it from a control thread. Does not return if the job does not react.

        A second request does not wait. With ``silent`` the last words are left out, as nobody could receive them.
        """
        if not self.event.is_set():
            self.event.set()
            time.sleep(GRACE_S)
        with self._lock:
            if self._settled:
                return
            self.files.discard_all()
            if not silent:
                say(self._last_words)
            os._exit(Cancelled.exit_code)

    def settle(self) -> None:
        """The job's outcome is known: from here on the process ends normally and reports it."""
        with self._lock:
            self._settled = True


def say(last_words: Callable[[], None]) -> None:
    """Call ``last_words``; returns after :data:`LAST_WORDS_S` at the latest, whether somebody has taken them or not."""

    def speak() -> None:
        with contextlib.suppress(OSError):
            last_words()

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    speaker.join(LAST_WORDS_S)


@contextlib.contextmanager
def signals_to(on_signal: Callable[[], None]) -> Iterator[None]:
    """Call ``on_signal`` in a separate thread for each SIGINT, SIGTERM and SIGHUP while the block runs.

    Outside the main thread, where Python has no signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    thread = threading.Thread(target=_listen, args=(receiver, on_signal), name="hsi-signals", daemon=True)
    thread.start()
    # A signal without a Python handler is not written to the descriptor; what it does is nothing.
    before = {number: signal.signal(number, _nothing) for number in _signals()}
    wakeup = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        sender.close()  # the thread reads the end of the stream and ends


def _signals() -> list[int]:
    found: list[int] = [signal.SIGINT, signal.SIGTERM]
    # nohup asks for SIGHUP to be ignored, and that is to be kept.
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        found.append(hangup)
    return found


def _nothing(number: int, frame: Any) -> None: ...


def _listen(receiver: socket.socket, on_signal: Callable[[], None]) -> None:
    with receiver:
        while received := receiver.recv(64):
            for _ in received:
                # Each in its own thread, so that a second signal is heard while the first one waits.
                threading.Thread(target=on_signal, daemon=True).start()
