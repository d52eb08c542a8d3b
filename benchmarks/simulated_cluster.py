"""A Dask cluster whose workers only sleep for as long as a scene takes: what scheduling costs, in time and memory."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import dask
import psutil
from distributed import Client, LocalCluster, get_worker

import hsi_engine
from hsi_engine.operations.classify_scene.operation import ClassifySceneParams
from hsi_engine.operations.classify_scenes.manifest import Manifest, Row
from hsi_engine.operations.classify_scenes.operation import ClassifyScenesParams
from hsi_engine.operations.classify_scenes.running.cluster.client import work_on_cluster
from hsi_engine.operations.classify_scenes.running.cluster.setup import TOPIC
from hsi_engine.operations.classify_scenes.running.cluster.workers import Workers, visible_setup
from hsi_engine.operations.classify_scenes.running.work import Work
from hsi_engine.operations.classify_scenes.tasks import Task

# What each worker does on its own machine, a hundred of them would do in this process.
_ELSEWHERE = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "60s",
    # Each keeps this many events, on its own machine: with 100 workers here, they would hide what the scheduler keeps.
    "distributed.admin.low-level-log-length": 20,
}


def sleep_there(setup: dict[str, Any], key: str, task: dict[str, Any], attempt: int) -> dict[str, Any]:
    """In the place of :func:`..on_worker.map_there`: what it tells and returns, and a sleep between."""
    worker = get_worker()
    worker.log_event(TOPIC, {"run": setup["run"], "key": key, "worker": worker.address, "prefix": ""})
    time.sleep(setup["threads"]["seconds"])
    return {"scene": task["scene"], "status": "done", "attempt": attempt, "worker": worker.address}


class Watch(hsi_engine.SilentReporter):
    """Notes memory and tasks of the scheduler as the scenes are finished."""

    def __init__(self, cluster: LocalCluster) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.memory_mb: list[float] = []
        self.most_tasks = 0
        self._cluster = cluster

    def note(self, row: Row) -> None:
        self.rows.append(row)
        self.most_tasks = max(self.most_tasks, len(self._cluster.scheduler.tasks))
        if len(self.rows) % 500 == 0:
            self.memory_mb.append(round(psutil.Process().memory_info().rss / 2**20, 1))


def simulate(folder: Path, workers: int, scenes: int, seconds: float) -> dict[str, Any]:
    """``efficiency``: seconds slept by all workers over the seconds that they were there for.

    Scheduler, client and workers are one process, whose memory is ``memory_mb``, after each 500 scenes.
    """
    params = ClassifyScenesParams(scenes="none", model=folder / "model", output=folder)
    params.model.write_bytes(b"none")
    tasks = [
        Task(
            scene=f"s{number}.tif",
            params=ClassifySceneParams(
                scene=folder / f"s{number}.tif", model=params.model, output=folder / f"m{number}.tif"
            ),
        )
        for number in range(scenes)
    ]
    with (
        dask.config.set(_ELSEWHERE),
        LocalCluster(
            n_workers=workers, processes=False, threads_per_worker=1, memory_limit=None, dashboard_address=":0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        visible_setup(params, tasks) as setup,
        Manifest(folder, "model", "settings") as manifest,
    ):
        client.wait_for_workers(workers)
        watch, known = Watch(cluster), Workers()
        setup = known.wait_for_first(client, setup, watch)
        setup.threads["seconds"] = seconds  # type: ignore[assignment]

        def note(row: Row) -> None:
            manifest.add(row)
            watch.note(row)

        began, cpu = time.perf_counter(), time.process_time()
        work_on_cluster(Work(tasks, note, watch), client, known, setup, watch, do=sleep_there)
        wall, spent = time.perf_counter() - began, time.process_time() - cpu
    return {
        "workers": workers,
        "scenes": len({row.scene for row in watch.rows}),
        "seconds_per_scene": seconds,
        "wall_s": round(wall, 1),
        "efficiency": round(scenes * seconds / (workers * wall), 3),
        "cpu_s_per_scene": round(spent / scenes, 4),
        "most_tasks_in_scheduler": watch.most_tasks,
        "memory_mb": watch.memory_mb,
        "threads": threading.active_count(),
    }
