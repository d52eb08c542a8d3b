"""Inputs that are cut off, emptied, removed or unreadable while a job reads them."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from . import failing_calls
from .running import Act
from .trials import Outcome, Trial


def truncated(trial: Trial) -> Outcome:
    """A random part of the file is left."""
    return _changed(trial, lambda file: os.truncate(file, trial.draw.randrange(file.stat().st_size)))


def emptied(trial: Trial) -> Outcome:
    """Nothing is left of the file but its name."""
    return _changed(trial, lambda file: os.truncate(file, 0))


def removed(trial: Trial) -> Outcome:
    """The file is removed."""
    return _changed(trial, Path.unlink)


def read_error(trial: Trial) -> Outcome:
    """From a random moment on the device reports an error when the first input is read, as soon as it is open."""
    moment, file = trial.moment(), trial.known.inputs / trial.known.job.reads[0]
    happened = trial.out.with_name("happened")
    happened.unlink(missing_ok=True)

    def break_it() -> None:
        time.sleep(moment)
        while not (opened := _opened(file)):
            time.sleep(0.0005)
        failing_calls.fail(failing_calls.READS, errno.EIO, only=opened)
        happened.touch()

    end = trial.run(prepare=lambda: threading.Thread(target=break_it, daemon=True).start())
    if not happened.exists():
        return trial.outcome("missed", end.how)
    return trial.judged(end, f"unreadable after {moment:.2f} s:")


def _opened(file: Path) -> list[int]:
    """Descriptors of this process that read a file."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if descriptor.readlink() == file:
                found.append(int(descriptor.name))
        except OSError:  # closed by now
            continue
    return found


def _changed(trial: Trial, change: Callable[[Path], None]) -> Outcome:
    """Something is done to an input at a random moment, and undone before the job is run again."""
    reads = trial.known.job.reads
    file = trial.known.inputs / reads[trial.number % len(reads)]
    kept = shutil.copy2(file, trial.out.with_name("kept input"))
    moment, acts = trial.moment(), list[float]()

    def act(_: int) -> None:
        acts.append(moment)
        change(file)

    try:
        end = trial.run(Act(moment, act))
    finally:
        file.unlink(missing_ok=True)
        shutil.copy2(kept, file)
    if not acts:
        return trial.outcome("missed", end.how)
    return trial.judged(end, f"{file.name} after {moment:.2f} s:")
