"""Scenes in several processes of this machine: each loads the model once and asks for the next scene when it has finished one.

Pixels never travel: a process gets parameters, writes its files and sends back a row of the manifest.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ....errors import HsiError
from ....reporting import Reporter
from ..manifest import Row
from ..tasks import Task
from .sharing import Share
from .work import LOST, Work

# A module that is run by its name, as those of operations are: it lies above this one.
_MODULE = "hsi_engine.scene_worker"
_POLL_S = 0.1
# A process notices the end of its input at once; it is killed if it has not ended after this.
_END_S = 1.0


def work_in_processes(
    work: Work,
    model: Path,
    share: Share,
    reporter: Reporter,
    *,
    command: Sequence[str] = (sys.executable, "-m", _MODULE),
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


class _Worker:
    """One process: what it is doing, and how its temporary files are called."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.task: Task | None = None
        self.attempt = 0
        self.started = 0.0
        self.is_ready = False
        self.prefix = ""
        self.folder: Path | None = None

    def tell(self, **content: Any) -> None:
        with suppress(BrokenPipeError):  # it has ended; that is noticed when messages are read
            self.process.stdin.write(json.dumps(content).encode() + b"\n")  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]


class _Crew:
    """The processes of one run."""

    def __init__(self, command: Sequence[str], model: Path, share: Share) -> None:
        self._command = command
        self._model = model
        self._share = share
        self._inbox: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]] = queue.SimpleQueue()
        self._workers: list[_Worker] = []

    def work(self, work: Work, reporter: Reporter) -> None:
        for _ in range(self._share.processes):
            self._start()
        while work or any(worker.task is not None for worker in self._workers):
            reporter.check_cancelled()
            self._hand_out(work)
            try:
                worker, message = self._inbox.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if message is None:
                self._lost(worker, work)
            elif message["type"] == "ready":
                worker.is_ready, worker.prefix = True, message["prefix"]
            elif message["type"] == "row" and worker.task is not None:
                task, worker.task = worker.task, None
                work.settle(task, Row.from_json(message["row"]))

    def _hand_out(self, work: Work) -> None:
        for worker in self._workers:
            if worker.is_ready and worker.task is None and (taken := work.take()) is not None:
                worker.task, worker.attempt = taken
                worker.started, worker.folder = time.perf_counter(), worker.task.params.output.parent
                worker.tell(task=worker.task.to_json(), attempt=worker.attempt)

    def _start(self) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603  # nosec B603
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(self._share.threads),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise HsiError(
                f"Process {len(self._workers) + 1} of {self._share.processes} cannot be started: {error}.",
                code="process_start",
                hint="Use fewer processes.",
            ) from error
        worker = _Worker(process)
        self._workers.append(worker)
        threading.Thread(target=self._read, args=(worker,), daemon=True).start()
        worker.tell(model=str(self._model.absolute()))

    def _read(self, worker: _Worker) -> None:
        """Runs in a separate thread: messages of one process, then None."""
        for line in worker.process.stdout or ():
            self._inbox.put((worker, json.loads(line)))
        self._inbox.put((worker, None))

    def _lost(self, worker: _Worker, work: Work) -> None:
        """A process has ended that should not have: its scene comes again, and another process takes its place."""
        code = worker.process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self._workers.remove(worker)
        _tidy(worker)
        if not worker.is_ready:
            raise HsiError(
                f"A process that was to map scenes {how} before it was ready.",
                code="process_start",
                hint="Use fewer processes; hsi check says whether the engine works.",
            )
        if worker.task is not None:
            row = Row(
                scene=worker.task.scene,
                status="failed",
                attempt=worker.attempt,
                seconds=round(time.perf_counter() - worker.started, 3),
                code=LOST,
                message=f"The process that mapped it {how} before it had finished.",
                hint="The machine may have run out of memory: use fewer processes.",
                transient=True,
            )
            work.settle(worker.task, row)
        if work:
            self._start()

    def end(self) -> None:
        """End all processes, whatever they do."""
        for worker in self._workers:
            with suppress(OSError):
                worker.process.stdin.close()  # type: ignore[union-attr]
        until = time.monotonic() + _END_S
        for worker in self._workers:
            try:
                worker.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            _tidy(worker)


def _tidy(worker: _Worker) -> None:
    """After the end of a process: close its pipes, and remove what it could not if it was killed."""
    for pipe in (worker.process.stdin, worker.process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    if worker.folder is not None and worker.prefix:
        for file in worker.folder.glob(f"{worker.prefix}*"):
            with suppress(OSError):
                file.unlink()


def _environment(threads: int) -> dict[str, str]:
    """That of this process, with the cores shared out and this very engine found first."""
    root = str(Path(__file__).parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": str(threads)}
