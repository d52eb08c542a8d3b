"""The faults by name: what happens, to which jobs, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import disks, failing_calls, inputs, kills, processes, surroundings
from .jobs import GROUPS, JOBS, Job
from .trials import Outcome, Trial


@dataclass(frozen=True)
class Fault:
    """What happens, and how many trials of a long round each job gets by its group; see :data:`.jobs.GROUPS`."""

    happens: Callable[[Trial], Outcome]
    long: tuple[int, ...]

    def trials(self, job: Job) -> int:
        """Of a long round."""
        groups = [number for number, names in enumerate(GROUPS) if job.name in names]
        return self.long[groups[0] if groups else len(GROUPS)]


_FEW, _MORE = (1, 1, 1, 0), (2, 1, 1, 0)

FAULTS = {
    "kill": Fault(kills.kill, (34, 16, 5, 1)),
    "stopped for a while": Fault(kills.stop_for_a_while, _FEW),
    "two at once": Fault(kills.two_at_once, _MORE),
    "full disk: size of files": Fault(disks.file_size, _MORE),
    "full disk: small file system": Fault(disks.small_file_system, _MORE),
    "full disk: filled up meanwhile": Fault(disks.fills_up, _MORE),
    "write error": Fault(disks.write_error, _FEW),
    "input truncated": Fault(inputs.truncated, _MORE),
    "input emptied": Fault(inputs.emptied, _FEW),
    "input removed": Fault(inputs.removed, _MORE),
    "read error": Fault(inputs.read_error, _MORE),
    "few descriptors": Fault(surroundings.few_descriptors, _MORE),
    "low memory": Fault(surroundings.low_memory, _MORE),
    "no home": Fault(surroundings.without_home, _FEW),
    "no working folder": Fault(surroundings.without_folder, _FEW),
    "jumping clock": Fault(surroundings.jumping_clock, _FEW),
    "LANG=C": Fault(processes.plain_c, (1, 0, 0, 0)),
    "LANG=C, no UTF-8 mode": Fault(processes.plain_c_for_good, (1, 0, 0, 0)),
    "comma locale": Fault(processes.comma, (1, 0, 0, 0)),
}

NEEDS_CALLS = ("full disk: filled up meanwhile", "write error", "read error")
NEEDS_MOUNTS = ("full disk: small file system",)


def possible(with_mounts: bool) -> list[str]:
    """The faults that this machine can bring about."""
    out = () if with_mounts else NEEDS_MOUNTS
    out += () if failing_calls.are_possible() else NEEDS_CALLS
    return [name for name in FAULTS if name not in out]


__all__ = ["FAULTS", "JOBS", "Fault", "possible"]
