"""How many scenes are mapped at the same time, and what each process gets of cores and memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....runtime.machine import memory_bytes, usable_cores

_MIB = 2**20
# What a process holds besides its tiles: Python, torch, GDAL's cache and the model.
_PROCESS_MIB = 900
_TILE_MIB, _LEAST_TILE_MIB = 1024, 256


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of each of ``processes`` processes: threads, and MiB for tiles."""

    processes: int
    threads: int
    memory_mb: int

    def for_tasks(self, tasks: int) -> Share:
        """With no more processes than there are tasks."""
        processes = max(1, min(self.processes, tasks))
        return replace(self, processes=processes, threads=self.threads * self.processes // processes)


def share_machine(tasks: int, processes: int | None = None, memory_mb: int | None = None, device: str = "cpu") -> Share:
    """What each process gets.

    Parameters
    ----------
    tasks : more processes than scenes are not started.
    processes, memory_mb : as the user asks for them, for all processes together; None: what the machine allows.
    device : on a GPU one process is used unless the user asks for more.
    """
    cores = usable_cores()
    free_mib = memory_bytes()[1] // _MIB
    if processes is None:
        fit = max(1, free_mib // (_PROCESS_MIB + _LEAST_TILE_MIB))
        processes = min(cores, fit) if device == "cpu" else 1
    processes = max(1, min(processes, tasks))
    each = tile_memory_mb(processes, free_mib, memory_mb)
    return Share(processes=processes, threads=max(1, cores // processes), memory_mb=each)


def tile_memory_mb(processes: int, free_mib: int, asked: int | None) -> int:
    """MiB for the tiles of each of several processes of a machine.

    Parameters
    ----------
    asked : for all of them together; None: what is free.
    """
    if asked is None:
        return int(min(_TILE_MIB, max(_LEAST_TILE_MIB, free_mib // processes - _PROCESS_MIB)))
    return max(64, asked // processes)
