"""Sharing the cores with what else runs."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Let threads that wait for one another sleep soon instead of holding their cores.

    GNU OpenMP, which torch uses on Linux, lets a thread spin for some milliseconds at the end of each parallel
    region. Alone on a machine that is somewhat faster; next to a GIS or a second job it takes the core from the very
    thread it waits for. ``docs/decisions/0005-waiting-threads-sleep.md`` holds what was measured with ``python -m
    benchmarks.shared_cores``. Has to be called before torch is loaded; what the user has set stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
