"""Full and broken disks under the outputs."""

from __future__ import annotations

import errno
import resource
import threading

from . import failing_calls
from .running import REPORT
from .small_disk import enlarge, small_disk
from .trials import Outcome, Trial


def file_size(trial: Trial) -> Outcome:
    """A limit on the size of files below that of the largest output."""
    limit = trial.draw.randrange(1, max(2, trial.known.largest))

    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    return trial.judged(trial.run(prepare=prepare), f"limit {limit} of {trial.known.largest}:")


def small_file_system(trial: Trial) -> Outcome:
    """A file system with less room than the job needs, or a little more; it is enlarged for the second run."""
    size = trial.draw.randrange(1 << 12, int(1.2 * trial.known.size) + (1 << 14))
    with small_disk(trial.out, size):
        end = trial.run()
        enlarge(trial.out, 1 << 30)
        return trial.judged(end, f"{size} bytes:")


def fills_up(trial: Trial) -> Outcome:
    """From a random moment on nothing more can be written."""
    return _no_writing(trial, trial.draw.choice((errno.ENOSPC, errno.EDQUOT)))


def write_error(trial: Trial) -> Outcome:
    """From a random moment on every write fails with an error of the device."""
    return _no_writing(trial, errno.EIO)


def _no_writing(trial: Trial, number: int) -> Outcome:
    moment = trial.moment()

    def prepare() -> None:
        def fail() -> None:
            failing_calls.fail(failing_calls.WRITES, number, but=REPORT)

        timer = threading.Timer(moment, fail)
        timer.daemon = True
        timer.start()

    return trial.judged(trial.run(prepare=prepare), f"{errno.errorcode[number]} after {moment:.2f} s:")
