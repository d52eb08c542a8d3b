"""Ending the process as soon as the job is done."""

from __future__ import annotations

import atexit
import gc


def end_quickly() -> None:
    """Spare the end of this process the search for garbage among the objects of torch, which takes a second.

    The operating system takes the memory back in any case; what libraries registered to tidy up still runs.
    """
    atexit.register(gc.freeze)
