"""Standard streams: clean for what a program reads from them, and there even if the caller has closed them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


def open_closed_streams() -> None:
    """Open what the caller has closed (``>&-``): the next file would take its number, and would get what is meant for the stream."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            discard(descriptor)
        if getattr(sys, name) is None:
            mode = "r" if descriptor == 0 else "w"
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for good


def discard(descriptor: int) -> None:
    """Lead a stream nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    if nothing != descriptor:
        os.dup2(nothing, descriptor)
        os.close(nothing)


def take_stdout() -> int:
    """A private descriptor of standard output; from here on everything else that is printed goes to stderr.

    Replacing ``sys.stdout`` would not be enough: C libraries write to file descriptor 1.
    """
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    return private


@contextlib.contextmanager
def private_stdout() -> Iterator[int]:
    """:func:`take_stdout` for the time of a block."""
    private = take_stdout()
    try:
        # In a notebook or under a test runner sys.stdout does not end at descriptor 1.
        with contextlib.redirect_stdout(sys.stderr):
            yield private
    finally:
        os.dup2(private, 1)
        os.close(private)


def write_all(descriptor: int, text: str) -> None:
    """Write ``text`` as UTF-8, whatever the locale is, in as many parts as the pipe takes.

    Bytes of a file name that are not UTF-8 are written as an escape, which is also the one of JSON.
    """
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(descriptor, data) :]
