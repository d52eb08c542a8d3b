"""Scenes on a Dask cluster: each is a task, of which parameters go out and a row of the manifest comes back.

Dask decides which worker maps what, and gives the scene of a lost worker to another one. This process keeps the manifest, and no
more tasks in the scheduler than keep all workers at work: its memory does not grow with the archive.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distributed import Client, Future, KilledWorker, as_completed

from .....errors import HsiError
from .....failures import as_hsi_error
from .....reporting import Reporter
from ...manifest import Row
from ...tasks import Task
from ..scene_process import LOST
from ..work import ATTEMPTS, Work
from . import on_worker
from .connection import briefly
from .setup import TOPIC, Setup
from .workers import Workers

_POLL_S = 0.02
_LOOK_EVERY_S = 1.0
# Tasks in the scheduler for each slot of the workers: one is in work, the next one is at hand.
_AHEAD = 2
_HINT = "Finished maps stay; start it again to continue."

MapThere = Callable[[dict[str, Any], str, dict[str, Any], int], dict[str, Any]]


@dataclass
class _Sent:
    """A scene that the scheduler has."""

    task: Task
    attempt: int
    future: Future
    worker: str = ""
    prefix: str = ""
    began: float = 0.0


def work_on_cluster(
    work: Work,
    client: Client,
    workers: Workers,
    setup: Setup,
    reporter: Reporter,
    *,
    do: MapThere = on_worker.map_there,
) -> None:
    """Map all scenes of ``work``; none of them runs when this returns.

    Parameters
    ----------
    workers : those that were checked.
    do : maps a scene on a worker.

    Raises
    ------
    Cancelled : asked every 20 ms; finished maps stay.
    OutputError : as :meth:`.Work.settle`.
    HsiError : the scheduler is gone; a worker that has joined cannot map the scenes.
    """
    crew = _Crew(work, client, workers, setup, do)
    client.subscribe_topic(TOPIC, crew.hear)
    try:
        work.show(0.0)
        crew.run(reporter)
    finally:
        client.unsubscribe_topic(TOPIC)
        crew.end()


class _Crew:
    """The scenes of one run that are with the scheduler."""

    def __init__(self, work: Work, client: Client, workers: Workers, setup: Setup, do: MapThere) -> None:
        self._work = work
        self._client = client
        self._workers = workers
        self._setup = setup
        self._do = do
        self._begun: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._sent: dict[str, _Sent] = {}
        self._count = 0
        self._completed = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    def hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """A worker says that it begins a scene. Runs in the thread of the client."""
        if event[1].get("run") == self._setup.run:
            self._begun.put(event[1])

    def run(self, reporter: Reporter) -> None:
        next_look = 0.0
        while self._work or self._sent:
            reporter.check_cancelled()
            if self._client.status != "running":
                raise _scheduler_lost()
            if time.monotonic() >= next_look:
                self._setup = self._workers.look(self._client, self._setup, reporter)
                next_look = time.monotonic() + _LOOK_EVERY_S
            while len(self._sent) < _AHEAD * self._workers.slots and (taken := self._work.take()) is not None:
                self._send(*taken)
            while not self._begun.empty():
                self._note_begun(self._begun.get())
            completed = self._completed.next_batch(block=False)
            for future, result in completed:
                self._settle(future, result)
            if not completed:
                time.sleep(_POLL_S)

    def _send(self, task: Task, attempt: int) -> None:
        self._count += 1
        key = f"hsi-scene-{self._setup.run}-{self._count}"
        future = self._client.submit(
            self._do, self._setup.to_json(), key, task.to_json(), attempt, key=key, pure=False, retries=0
        )
        self._sent[key] = _Sent(task, attempt, future)
        self._completed.add(future)

    def _note_begun(self, event: dict[str, Any]) -> None:
        """A scene that is begun again was lost with the worker that had it; it has had an attempt there."""
        sent = self._sent.get(event["key"])
        if sent is None:
            return
        if sent.worker:
            self._lose(sent)
        sent.worker, sent.prefix, sent.began = event["worker"], event["prefix"], time.monotonic()

    def _lose(self, sent: _Sent) -> None:
        row = _lost_row(sent)
        self._tidy(sent)
        if sent.attempt >= ATTEMPTS:
            self._forget(sent.future)
            self._work.settle(sent.task, row)
            return
        self._work.note_lost(row)
        sent.attempt += 1

    def _settle(self, future: Future, result: Any) -> None:
        sent = self._sent.pop(future.key, None)
        if sent is None:
            return
        if isinstance(result, dict):
            self._work.settle(sent.task, replace(Row.from_json(result), attempt=sent.attempt))
            return
        error = result[1] if isinstance(result, tuple) else result
        if isinstance(error, KilledWorker):
            self._tidy(sent)
            self._work.settle(sent.task, _lost_row(sent))
        elif isinstance(error, CancelledError):
            raise _scheduler_lost()
        else:
            raise as_hsi_error(error)

    def _tidy(self, sent: _Sent) -> None:
        """Remove what a lost worker was writing."""
        if sent.prefix:
            for file in Path(sent.task.params.output).parent.glob(f"{sent.prefix}*"):
                file.unlink(missing_ok=True)

    def _forget(self, future: Future) -> None:
        self._sent.pop(future.key, None)
        future.cancel(force=True)

    def end(self) -> None:
        """End what still runs, on all workers; they get two seconds."""
        sent, self._sent = list(self._sent.values()), {}

        def tell() -> None:
            # First, and sent at once: whoever cancels may end this process soon.
            self._client.run(on_worker.end_run, self._setup.run, on_error="ignore")
            self._client.cancel([one.future for one in sent], force=True)

        briefly(tell)
        for one in sent:
            self._tidy(one)


def _lost_row(sent: _Sent) -> Row:
    return Row(
        scene=sent.task.scene,
        status="failed",
        attempt=sent.attempt,
        seconds=round(time.monotonic() - sent.began, 3) if sent.began else 0.0,
        worker=sent.worker,
        code=LOST,
        message=f"The worker {sent.worker or 'that was to map it'} has left the cluster before it had finished.",
        hint="The machine may have run out of memory or time.",
        transient=True,
    )


def _scheduler_lost() -> HsiError:
    return HsiError("The connection to the Dask scheduler was lost.", code="scheduler", hint=_HINT)
