"""Scenes in several processes of this machine: each loads the model once and asks for the next scene when it has finished one.

Pixels never travel: a process gets parameters, writes its files and sends back a row of the manifest.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....errors import HsiError
from ....reporting import Reporter
from ....runtime.child_process import END_S, not_started, read_into
from ..manifest import Row
from .scene_process import COMMAND, SceneProcess
from .sharing import Share
from .work import Work

_POLL_S = 0.1


def work_in_processes(
    work: Work,
    model: Path,
    share: Share,
    reporter: Reporter,
    *,
    command: Sequence[str] = COMMAND,
) -> None:
    """Map all scenes of ``work`` in ``share.processes`` processes; all of them have ended when this returns.

    The scene of a process that is killed is tried again by another one.

    Raises
    ------
    Cancelled : asked ten times a second; finished maps stay.
    OutputError : as :meth:`.Work.settle`.
    HsiError : a process cannot be started.
    """
    crew = _Crew(command, model, share)
    try:
        work.show(0.0)
        crew.work(work, reporter)
    finally:
        crew.end()


class _Crew:
    """The processes of one run."""

    def __init__(self, command: Sequence[str], model: Path, share: Share) -> None:
        self._command = command
        self._model = model
        self._share = share
        self._inbox: queue.SimpleQueue[tuple[SceneProcess, dict[str, Any] | None]] = queue.SimpleQueue()
        self._processes: list[SceneProcess] = []

    def work(self, work: Work, reporter: Reporter) -> None:
        for _ in range(self._share.processes):
            self._start()
        while work or any(process.in_work is not None for process in self._processes):
            reporter.check_cancelled()
            self._hand_out(work)
            try:
                process, message = self._inbox.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if message is None:
                self._lost(process, work)
            elif message["type"] == "ready":
                process.note_ready(message)
            elif message["type"] == "row" and process.in_work is not None:
                task, process.in_work = process.in_work.task, None
                work.settle(task, Row.from_json(message["row"]))

    def _hand_out(self, work: Work) -> None:
        for process in self._processes:
            if process.is_ready and process.in_work is None and (taken := work.take()) is not None:
                process.map(*taken)

    def _start(self) -> None:
        try:
            process = SceneProcess(self._model, self._share.threads, command=self._command)
        except OSError as error:
            raise not_started(len(self._processes) + 1, self._share.processes, error) from error
        self._processes.append(process)
        read_into(self._inbox, process)

    def _lost(self, process: SceneProcess, work: Work) -> None:
        """A process has ended that should not have: its scene comes again, and another process takes its place."""
        row = process.lost_row()
        self._processes.remove(process)
        process.end()
        if not process.is_ready:
            raise HsiError(
                f"A process that was to map scenes {process.how_it_ended()} before it was ready.",
                code="process_start",
                hint="Use fewer processes; hsi check says whether the engine works.",
            )
        if row is not None and process.in_work is not None:
            work.settle(process.in_work.task, row)
        if work:
            self._start()

    def end(self) -> None:
        """End all processes, whatever they do."""
        for process in self._processes:
            process.close_input()
        until = time.monotonic() + END_S
        for process in self._processes:
            process.end(until - time.monotonic())
