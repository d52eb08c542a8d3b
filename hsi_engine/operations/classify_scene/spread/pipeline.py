"""The tiles of a map from several processes: they map rows, this one gathers them in their order."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from ....errors import HsiError, OutputError, error_from_dict
from ....io.files.temporary_files import TemporaryFiles, files_of_job
from ....io.maps.unfinished_map import FinishedTile
from ....pixels.window import Window
from ....remaining_time import RemainingTime
from ....runtime.child_process import END_S, ChildProcess, not_started, read_into
from ....runtime.device import resolve_device
from ....runtime.machine import list_devices, usable_cores
from ..operation import ClassifySceneParams
from ..pipeline import MappingTime, MapPipeline
from ..resume import TilesToMap
from .rows import Rows, read_tiles, rows_file

# A module that is run by its name, as those of operations are: it lies above this one.
_COMMAND = (sys.executable, "-m", "hsi_engine.rows_worker")
_POLL_S = 0.1
# Lots for each process: the last ones end at about the same time. Each reads the margin around its rows once more.
_LOTS = 4
_ATTEMPTS = 3


class SpreadPipeline(MapPipeline):
    """As :class:`.MapPipeline`, with several processes.

    Parameters
    ----------
    params : of the map; each process opens scene and model by them.
    others : those of :class:`.MapPipeline`.
    """

    def __init__(self, params: ClassifySceneParams, *others: Any) -> None:
        super().__init__(*others)
        self._params = params
        self._seconds = 0.0

    def run(self, to_map: TilesToMap) -> list[FinishedTile]:
        """Map the remaining tiles of a plan; all its tiles, also those that were finished before.

        Raises
        ------
        HsiError : as :meth:`.MapPipeline.run`; or a process ends three times with the same rows.
        Cancelled : asked ten times a second.
        """
        self._finished = list(to_map.finished)
        started = time.perf_counter()
        files = files_of_job()
        lots = list(_lots(to_map, self._params, files))
        crew = _Crew(self._params, lots, min(self._params.processes, len(lots)), self._reporter.log)
        done, remaining = sum(self._mapper.part.count(tile.window) for tile in self._finished), RemainingTime()
        try:
            for rows, tiles in crew.in_order(self._reporter.check_cancelled):
                for tile in read_tiles(rows.file, tiles):
                    self._keep(tile)
                files.discard(rows.file)
                done += sum(self._mapper.part.count(window) for window in rows.tiles)
                share = done / self._mapper.part.n_pixels
                number = f"tile {len(self._finished)} of {to_map.count}"
                self._reporter.progress(share, f"Classifying the scene: {number}{remaining.after(share)}")
            self._save()
        except BaseException:
            with suppress(OutputError):  # the error that is raised already says more
                self._save()
            raise
        finally:
            crew.end()
            for rows in lots:
                files.discard(rows.file)
            self._seconds = time.perf_counter() - started
        return self._finished

    def time(self, *, writing_s: float) -> MappingTime:
        """All of it is computing: reading and writing happen meanwhile."""
        return MappingTime(reading_s=0.0, computing_s=self._seconds, writing_s=writing_s)


def _lots(to_map: TilesToMap, params: ClassifySceneParams, files: TemporaryFiles) -> Iterator[Rows]:
    """The tiles that are left, in lots of whole strips."""
    finished = {tile.window for tile in to_map.finished}
    strips: dict[int, list[Window]] = {}
    for window in to_map.plan:
        if window not in finished:
            strips.setdefault(window.row, []).append(window)
    tiles = list(strips.values())
    each = max(1, len(tiles) // (_LOTS * params.processes))
    for number, first in enumerate(range(0, len(tiles), each)):
        file = rows_file(params.output, files.new_prefix())
        files.add(file)
        lot = tuple(window for strip in tiles[first : first + each] for window in strip)
        yield Rows(number=number, plan=to_map.plan, tiles=lot, file=file)


class _Process(ChildProcess):
    rows: Rows | None = None


class _Crew:
    """The processes, and the lots that are left."""

    def __init__(
        self, params: ClassifySceneParams, lots: list[Rows], processes: int, log: Callable[[str, Any], None]
    ) -> None:
        self._params = params
        self._lots = {rows.number: rows for rows in lots}
        self._left = sorted(self._lots, reverse=True)
        self._attempts = dict.fromkeys(self._lots, 0)
        self._count = processes
        self._devices = _devices(params.device)
        self._log = log
        self._said: set[str] = set()
        self._inbox: queue.SimpleQueue[tuple[_Process, dict[str, Any] | None]] = queue.SimpleQueue()
        self._processes: list[_Process] = []

    def in_order(self, check_cancelled: Callable[[], None]) -> Iterator[tuple[Rows, list[dict[str, Any]]]]:
        """Each lot with its tiles, from top to bottom."""
        mapped: dict[int, list[dict[str, Any]]] = {}
        for index in range(self._count):
            self._start(index)
        for number in range(len(self._lots)):
            while number not in mapped:
                check_cancelled()
                self._hand_out(ahead_of=number)
                with suppress(queue.Empty):
                    self._hear(*self._inbox.get(timeout=_POLL_S), mapped)
            yield self._lots[number], mapped.pop(number)

    def _hand_out(self, ahead_of: int) -> None:
        """Give rows to those that wait, as long as what is not gathered yet stays little."""
        for process in self._processes:
            if not process.is_ready or process.rows is not None or not self._left:
                continue
            if self._left[-1] > ahead_of + _LOTS * self._count:
                return
            process.rows = self._lots[self._left.pop()]
            self._attempts[process.rows.number] += 1
            process.tell(rows=process.rows.to_json())

    def _hear(self, process: _Process, message: dict[str, Any] | None, mapped: dict[int, list[dict[str, Any]]]) -> None:
        if message is None:
            self._lost(process)
        elif message["type"] == "ready":
            process.note_ready(message)
        elif message["type"] == "tiles":
            process.rows = None
            mapped[message["number"]] = message["tiles"]
        elif message["type"] == "error":
            raise error_from_dict(message["error"])
        elif message["type"] == "log" and message["message"] not in self._said:
            self._said.add(message["message"])
            self._log(message["message"], message["level"])

    def _start(self, index: int) -> None:
        threads = max(1, usable_cores() // self._count)
        try:
            process = _Process(_COMMAND, threads)
        except OSError as error:
            raise not_started(index + 1, self._count, error) from error
        device = self._devices[index % len(self._devices)]
        params = self._params.model_copy(
            update={"device": device, "memory_mb": max(64, self._params.memory_mb // self._count)}
        )
        process.tell(params=params.model_dump(mode="json"))
        self._processes.append(process)
        read_into(self._inbox, process)

    def _lost(self, process: _Process) -> None:
        """A process has ended that should not have: its rows come again, and another process takes its place."""
        index = self._processes.index(process)
        del self._processes[index]
        process.end()
        how = process.how_it_ended()
        rows, process.rows = process.rows, None
        if not process.is_ready or (rows is not None and self._attempts[rows.number] >= _ATTEMPTS):
            raise HsiError(
                f"A process that maps a part of the scene {how} before it had finished.",
                code="worker_lost",
                hint="The machine may have run out of memory: use fewer processes.",
            )
        if rows is not None:
            self._log(f"A process that maps a part of the scene {how}; the part is mapped again.", "warning")
            self._left = sorted((*self._left, rows.number), reverse=True)
        if self._left:
            self._start(index)

    def end(self) -> None:
        """End all processes, whatever they do."""
        for process in self._processes:
            process.close_input()
        until = time.monotonic() + END_S
        for process in self._processes:
            process.end(until - time.monotonic())


def _devices(name: str) -> list[str]:
    """The device of each process: all GPUs in turn if any of them will do."""
    if name in ("auto", "cuda") and resolve_device(name).type == "cuda":
        return [device.name for device in list_devices() if device.name.startswith("cuda")]
    return [name]
