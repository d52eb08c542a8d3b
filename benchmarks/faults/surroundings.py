"""Odd surroundings of a job, within a fork: it is done with the same bytes, or refused and leaves nothing."""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .trials import Outcome, Trial, fresh


def few_descriptors(trial: Trial) -> Outcome:
    """From none to eleven more descriptors than are open at the start."""

    def prepare() -> None:
        limit = len(list(Path("/proc/self/fd").iterdir())) + trial.draw.randrange(12)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    return trial.judged(trial.run(prepare=prepare))


def low_memory(trial: Trial) -> Outcome:
    """At most so many MB more than are in use at the start; a library may end the process, which counts as a kill."""
    megabytes = trial.draw.choice((4, 16, 64, 128, 256, 512))

    def prepare() -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + (megabytes << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return trial.judged(trial.run(prepare=prepare), f"{megabytes} MB:", may_be_killed=True)


def without_home(trial: Trial) -> Outcome:
    """No home, or one that does not exist."""
    somewhere = trial.draw.random() < 0.5

    def prepare() -> None:
        for name in ("HOME", "XDG_CACHE_HOME", "USER", "LOGNAME", "HSI_ENGINE_CACHE"):
            os.environ.pop(name, None)
        if somewhere:
            os.environ["HOME"] = "/nonexistent/home"

    return _elsewhere(trial, prepare)


def without_folder(trial: Trial) -> Outcome:
    """The working folder has been deleted."""

    def prepare() -> None:
        gone = Path(tempfile.mkdtemp())
        os.chdir(gone)
        gone.rmdir()

    return _elsewhere(trial, prepare)


def jumping_clock(trial: Trial) -> Outcome:
    """A clock that jumps eleven days back or forward at every other look at it."""
    step = trial.draw.choice((-1e6, 1e6))

    def prepare() -> None:
        true, jumps = time.time, random.Random(trial.number)
        time.time = lambda: true() + (step if jumps.random() < 0.5 else 0)

    return _elsewhere(trial, prepare)


def _elsewhere(trial: Trial, prepare: Callable[[], None]) -> Outcome:
    """In a folder with letters of many alphabets."""
    moved = replace(trial, out=fresh(trial.out.with_name("odd é ñ 中 🛰")))
    return moved.judged(moved.run(prepare=prepare))
