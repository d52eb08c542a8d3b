"""What a process holds, on Linux: standard library only, for QGIS's own Python as for the engine's."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holdings:
    """What this process holds at one moment.

    Parameters
    ----------
    processes : its children, and theirs.
    job_threads : threads that serve a job of the engine.
    threads : all threads, also those that QGIS keeps for later.
    descriptors : open file descriptors.
    temporary_files : files in the folders for temporary files.
    memory_mb : resident memory.
    """

    processes: int
    job_threads: int
    threads: int
    descriptors: int
    temporary_files: int
    memory_mb: float

    def to_json(self) -> dict[str, float]:
        """The same as a mapping."""
        return asdict(self)


def holdings(*folders: str) -> Holdings:
    """What this process holds now, and how many files are in ``folders``, which hold temporary ones."""
    return Holdings(
        processes=len(descendants(os.getpid())),
        job_threads=sum(thread.name.startswith("hsi-") for thread in threading.enumerate()),
        threads=len(os.listdir("/proc/self/task")),  # noqa: PTH208 - names are enough
        descriptors=len(os.listdir("/proc/self/fd")) - 1,  # noqa: PTH208 - that of the list itself
        temporary_files=len(temporary_files(*folders)),
        memory_mb=round(_status_kb("VmRSS") / 1024, 1),
    )


def descendants(parent: int) -> list[int]:
    """The children of a process, and theirs, without those that have ended and wait to be collected."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name of the program is in brackets and may hold anything; state and parent follow.
            state, above = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
        except OSError:  # it has ended meanwhile
            continue
        if state != "Z":
            children.setdefault(int(above), []).append(int(status.parent.name))
    found, waiting = [], [parent]
    while waiting:
        new = children.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def temporary_files(*folders: str) -> set[str]:
    """All files in these folders."""
    return {
        str(path)
        for folder in {os.path.realpath(one) for one in folders}
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def peak_mb() -> float:
    """The most memory that this process has held since :func:`forget_peak`."""
    return round(_status_kb("VmHWM") / 1024, 1)


def forget_peak() -> None:
    """Let :func:`peak_mb` count from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def growth_per_step(values: Sequence[float]) -> float:
    """The slope of the straight line through ``values``, one per step."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((step - middle) ** 2 for step in range(len(values)))
    return sum((step - middle) * (value - mean) for step, value in enumerate(values)) / spread if spread else 0.0


def middle(values: Iterable[float]) -> float:
    """The median."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _status_kb(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {name}")
