"""What a worker of a Dask cluster does: say what it can see, map a scene, end.

A scene is mapped by a process that the worker starts and that loads the model once, as on a single machine. So a cancel ends
it at once, whatever it computes, and a scene that takes all memory does not take the worker with it. A process without
a scene ends after a while: nobody may come to tell it.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from distributed import Worker, get_worker

from ..... import version as engine
from .....errors import HsiError
from .....io.files.outputs import sha256_of
from .....runtime.machine import memory_bytes, usable_cores
from ...manifest import Row
from ...tasks import Task
from ..scene_process import SceneProcess
from .setup import TOPIC, Setup

_IDLE_S = 60.0
_MOST_ENDED = 100


class _Run:
    """The processes of one run on this worker; those that have no scene wait in ``idle``."""

    def __init__(self) -> None:
        self.idle: list[tuple[SceneProcess, threading.Timer]] = []
        self.all: set[SceneProcess] = set()
        self.is_over = False


_runs: dict[str, _Run] = {}
_lock = threading.Lock()


def examine(setup: Mapping[str, Any], dask_worker: Worker) -> dict[str, Any]:
    """What this worker is and sees; ``problem`` is a sentence if it cannot map the scenes of a run."""
    return {
        "name": str(dask_worker.name),
        "host": platform.node(),
        "cores": usable_cores(),
        "free_bytes": memory_bytes()[1],
        "problem": _problem(Setup(**setup)),
    }


def map_there(setup: Mapping[str, Any], key: str, task: Mapping[str, Any], attempt: int) -> dict[str, Any]:
    """Map a scene in a process of this worker; a row of the manifest as JSON values.

    Raises
    ------
    HsiError : a process cannot be started.
    """
    known, scene = Setup(**setup), Task.from_json(dict(task))
    process = _take(known)
    told = {"run": known.run, "key": key, "worker": get_worker().address, "prefix": process.prefix}
    get_worker().log_event(TOPIC, told)
    process.map(scene, attempt)
    for message in process.messages():
        process.in_work = None
        _give_back(known.run, process)
        return dict(message["row"])
    row = process.lost_row() or Row(scene=scene.scene, status="failed")
    _drop(known.run, process)
    return asdict(row)


def end_run(run: str) -> None:
    """End the processes of a run, whatever they do; none is started for it later."""
    with _lock:
        over = _runs.setdefault(run, _Run())
        over.is_over = True
        processes, over.all, over.idle = list(over.all), set(), []
        for old in [name for name, known in _runs.items() if known.is_over][:-_MOST_ENDED]:
            del _runs[old]
    for process in processes:
        process.close_input()
    for process in processes:
        process.end()


def _problem(setup: Setup) -> str:
    """The first thing that is wrong; empty if nothing is."""
    if setup.version != engine.VERSION:
        return f"it has hsi-engine {engine.VERSION}, and this run is one of {setup.version}"
    try:
        version("torch")
    except PackageNotFoundError:
        return "it has no torch"
    if setup.device not in ("auto", "cpu"):
        from .....runtime.device import resolve_device

        try:
            resolve_device(setup.device)
        except HsiError as error:
            return error.message.rstrip(".")
    if setup.folder is not None and not Path(setup.folder).is_dir():
        return f"it does not see the folder '{setup.folder}', from which paths of this run count"
    base = Path(setup.folder or ".")
    model = base / setup.model
    try:
        if sha256_of(model) != setup.model_sha256:
            return f"its file '{setup.model}' is another model"
    except HsiError as error:
        return f"it cannot read the model: {error.message.rstrip('.')}"
    for scene in setup.scenes:
        if not (base / scene).exists():
            return f"it does not see the scene '{scene}'"
    return _problem_of_output(base / setup.output, setup)


def _problem_of_output(output: Path, setup: Setup) -> str:
    if not (output / setup.token).is_file():
        return f"its folder '{setup.output}' is not that of this run"
    mine = output / f"{setup.token}-{platform.node()}-{os.getpid()}-{threading.get_ident()}"
    try:
        mine.write_bytes(b"")
        mine.unlink()
    except OSError as error:
        return f"it cannot write into the output folder '{setup.output}' ({error.strerror})"
    return ""


def _take(setup: Setup) -> SceneProcess:
    """A process that is ready for a scene."""
    with _lock:
        run = _runs.setdefault(setup.run, _Run())
        if run.is_over:
            raise HsiError("The run is over.", code="run_over")
        while run.idle:
            process, timer = run.idle.pop()
            timer.cancel()
            if process.is_alive():
                return process
            run.all.discard(process)
    base = None if setup.folder is None else Path(setup.folder)
    log = (base or Path()) / setup.output / f"{setup.log}-{platform.node()}.log"
    try:
        with log.open("ab") as errors:
            model = (base or Path()) / setup.model
            process = SceneProcess(model, setup.threads.get(platform.node(), 1), folder=base, errors=errors)
    except OSError as error:
        raise _not_started(f"cannot be started: {error}") from error
    if not _keep(run, process):
        _drop(setup.run, process)
        raise HsiError("The run is over.", code="run_over")
    for message in process.messages():
        process.note_ready(message)
        return process
    _drop(setup.run, process)
    raise _not_started(f"{process.how_it_ended()} before it was ready; {log.name} in the output folder may say why")


def _keep(run: _Run, process: SceneProcess) -> bool:
    """Whether the run is not over; if so, its end ends this process, too."""
    with _lock:
        if not run.is_over:
            run.all.add(process)
        return not run.is_over


def _not_started(how: str) -> HsiError:
    return HsiError(
        f"A process that was to map scenes on worker {get_worker().address} {how}.",
        code="process_start",
        hint="hsi check on that machine says whether the engine works there.",
    )


def _give_back(name: str, process: SceneProcess) -> None:
    timer = threading.Timer(_IDLE_S, _end_idle, (name, process))
    timer.daemon = True
    with _lock:
        run = _runs.get(name)
        if run is not None and not run.is_over:
            run.idle.append((process, timer))
            timer.start()
            return
    process.end()


def _end_idle(name: str, process: SceneProcess) -> None:
    with _lock:
        run = _runs.get(name)
        waiting = [] if run is None else [pair for pair in run.idle if pair[0] is process]
        for pair in waiting:
            if run is not None:
                run.idle.remove(pair)
    if waiting:
        _drop(name, process)


def _drop(name: str, process: SceneProcess) -> None:
    with _lock, suppress(KeyError):
        _runs[name].all.discard(process)
    process.end()
