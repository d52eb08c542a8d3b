"""Runs on a Dask cluster of processes: the bytes of one process, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import psutil
import pytest

import hsi_engine
from archives import AtRow, hashes, rows, write_scenes
from hsi_engine.errors import HsiError, ParameterError
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.operations.classify_scene.operation import ClassifySceneParams
from hsi_engine.operations.classify_scenes.running.cluster import client as cluster_client
from hsi_engine.operations.classify_scenes.running.cluster import connection, on_worker, workers
from hsi_engine.operations.classify_scenes.running.cluster.setup import Setup
from hsi_engine.operations.classify_scenes.running.work import Work
from hsi_engine.operations.classify_scenes.tasks import Task
from hsi_engine.version import VERSION

OUTPUTS = ("*_map*", "items.json", "mosaic*")
COUNT = 6


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("many") / "scenes", COUNT)


@pytest.fixture
def out(many: Path, tmp_path: Path) -> Path:
    """An output folder; Items hold paths from it to the scenes, which are the same from all of these."""
    return many.parent / tmp_path.name


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process with a nanny that starts it again."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=None, silence_logs=50
    ) as running:
        yield running


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster, set_as_default=False) as one:
        one.wait_for_workers(2)
        yield one


def scene_processes() -> list[int]:
    """Processes that map scenes, below this one."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "hsi_engine.scene_worker" in child.cmdline():
                found.append(child.pid)
        except psutil.Error:
            continue
    return found


def assert_all_end() -> None:
    """They end by themselves only after a minute."""
    until = time.monotonic() + 30
    while scene_processes() and time.monotonic() < until:
        time.sleep(0.1)
    assert scene_processes() == []


def test_a_killed_worker_loses_nothing_and_the_bytes_are_those_of_one_process(
    many: Path, model: Path, out: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(many.parent)  # workers of another folder find relative paths, too
    values: dict[str, Any] = {"scenes": "scenes", "model": model, "rasters": "confidence"}
    alone = out.with_name(f"{out.name}-alone")
    hsi_engine.classify_scenes(**values, output=alone.name, processes=1)
    victims = list(client.run(os.getpid).values())
    reporter = AtRow(out, 1, lambda: os.kill(victims[0], signal.SIGKILL))
    result = hsi_engine.classify_scenes(
        **values, output=out.name, scheduler=client.scheduler.address, reporter=reporter
    )
    assert reporter.acted is not None
    assert (result.done, result.processes) == (COUNT, 2)
    assert hashes(out, *OUTPUTS) == hashes(alone, *OUTPUTS)
    noted = rows(out)
    assert sorted(row["scene"] for row in noted if row["status"] == "done") == [s["scene"] for s in result.scenes]
    # The worker may have been between two scenes, when nothing is lost.
    lost = [row for row in noted if row["status"] == "failed"]
    assert all(row["code"] == "engine.worker_lost" and "has left the cluster" in row["message"] for row in lost)
    assert [
        row["attempt"] for row in noted if row["status"] == "done" and row["scene"] in {r["scene"] for r in lost}
    ] == [2 for _ in lost]
    assert_all_end()
    assert [path.name for path in out.glob(".*")] == [".whole.lock"]


def test_a_cancel_ends_what_the_workers_do(many: Path, model: Path, out: Path, client: Any) -> None:
    reporter = AtRow(out, 1, lambda: reporter.cancel.set())
    with pytest.raises(hsi_engine.Cancelled, match=r"finished and kept; start it again to continue"):
        hsi_engine.classify_scenes(
            scenes=str(many), model=model, output=out, scheduler=client.scheduler.address, reporter=reporter
        )
    assert_all_end()
    assert [path.name for path in out.glob(".*")] == [".whole.lock"]
    assert 0 < len(hashes(out, "*_map.tif")) < COUNT


def test_a_worker_with_another_version_is_refused_by_name(many: Path, model: Path, out: Path, client: Any) -> None:
    address = sorted(client.nthreads())[1]
    client.run(set_version, "0.0.1", workers=[address])
    try:
        with pytest.raises(
            HsiError, match=rf"{address} \(\d, on .*\): it has hsi-engine 0\.0\.1, and .* {VERSION}"
        ) as why:
            hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, scheduler=client.scheduler.address)
    finally:
        client.run(set_version, VERSION, workers=[address])
    assert why.value.code == "engine.worker_differs"
    assert rows(out) == []
    assert list(out.glob("*_map*")) == []


def set_version(version: str) -> None:
    sys.modules["hsi_engine.version"].VERSION = version  # type: ignore[attr-defined]


def test_a_scheduler_that_is_not_there(many: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_CONNECT_S", 0.2)
    values = {"scenes": str(many), "model": model, "output": out}
    with pytest.raises(HsiError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'.*dask scheduler") as why:
        hsi_engine.classify_scenes(**values, scheduler="tcp://127.0.0.1:9")
    assert why.value.code == "engine.scheduler"
    with pytest.raises(ParameterError, match=r"'ftp://x:1' is not an address: .*tcp://10\.0\.0\.5:8786"):
        hsi_engine.classify_scenes(**values, scheduler="ftp://x:1")
    with pytest.raises(ParameterError, match=r"'processes' and 'scheduler' exclude each other"):
        hsi_engine.classify_scenes(**values, scheduler="tcp://127.0.0.1:9", processes=2)


def test_a_scheduler_without_workers(many: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_WAIT_S", 0.1)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(HsiError, match=r"The scheduler at '.*' has no workers\. Start some"),
    ):
        hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, scheduler=empty.scheduler_address)


def test_without_dask_the_error_says_how_to_get_it(
    many: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "hsi_engine.operations.classify_scenes.running.cluster.client"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(HsiError, match=r"Dask is not installed .*pip install 'hsi-engine\[cluster\]'"):
        hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, dask_local=1)


@pytest.fixture
def setup(many: Path, model: Path, tmp_path: Path) -> Setup:
    (tmp_path / "token").touch()
    return Setup(
        run="r",
        version=VERSION,
        folder=None,
        model=str(model),
        model_sha256=sha256_of(model),
        output=str(tmp_path),
        token="token",
        scenes=(str(many / "s0.tif"),),
        device="auto",
        threads={},
        log="log",
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"version": "9.9"}, "it has hsi-engine .*, and this run is one of 9.9"),
        ({"model_sha256": "0"}, "its file '.*fields.hsimodel' is another model"),
        ({"model": "/nowhere/m.hsimodel"}, "it cannot read the model: File '/nowhere/m.hsimodel'"),
        ({"scenes": ("/nowhere/s.tif",)}, "it does not see the scene '/nowhere/s.tif'"),
        ({"token": "other"}, "its folder '.*' is not that of this run"),
        ({"folder": "/nowhere"}, "it does not see the folder '/nowhere', from which paths of this run count"),
        ({"device": "cuda:7"}, "cuda:7"),
    ],
)
def test_a_worker_says_why_it_cannot_map_the_scenes(setup: Setup, changes: dict[str, Any], problem: str) -> None:
    found = on_worker.examine(replace(setup, **changes).to_json(), SimpleNamespace(name="w"))["problem"]
    assert bool(found) == bool(problem)
    assert re.search(problem, found)


def test_a_scene_whose_workers_are_lost_is_begun_three_times(tmp_path: Path, setup: Setup) -> None:
    params = ClassifySceneParams(scene=tmp_path / "s.tif", model=tmp_path / "m.hsimodel", output=tmp_path / "o.tif")
    noted: list[Any] = []
    work = Work([Task(scene="s.tif", params=params)], noted.append, hsi_engine.SilentReporter())
    cancelled: list[bool] = []
    future = SimpleNamespace(key="", cancel=lambda force: cancelled.append(force))

    def submit(*args: Any, key: str, **options: Any) -> Any:
        future.key = key
        return future

    fake = SimpleNamespace(submit=submit, loop=SimpleNamespace(add_callback=lambda *args: None))
    crew = cluster_client._Crew(work, fake, workers.Workers(), setup, on_worker.map_there)
    crew._completed = SimpleNamespace(add=lambda future: None)
    crew._send(*work.take())
    leftover = tmp_path / ".tmp-1-o.tif"
    leftover.touch()
    for number in range(4):
        crew.hear((0.0, {"run": "another", "key": future.key}))
        crew.hear((0.0, {"run": "r", "key": future.key, "worker": f"tcp://w{number}", "prefix": ".tmp-1-"}))
        while not crew._begun.empty():
            crew._note_begun(crew._begun.get())
    assert [(row.attempt, row.worker) for row in noted] == [(1, "tcp://w0"), (2, "tcp://w1"), (3, "tcp://w2")]
    assert work.rows["s.tif"].status == "failed"
    assert "The worker tcp://w2 has left the cluster before it had finished" in work.rows["s.tif"].message
    assert cancelled == [True]
    assert not leftover.exists()
