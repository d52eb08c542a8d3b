"""Runs in several processes, and runs that are killed or cancelled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import hsi_engine
from archives import AtRow, hashes, rows, write_scenes
from hsi_engine.errors import OutputError
from hsi_engine.operations.classify_scene.operation import ClassifySceneParams
from hsi_engine.operations.classify_scenes.manifest import Row
from hsi_engine.operations.classify_scenes.running.sharing import share_machine
from hsi_engine.operations.classify_scenes.running.work import Work
from hsi_engine.operations.classify_scenes.tasks import Task

OUTPUTS = ("*_map*", "items.json", "mosaic*")
COUNT = 6


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("many") / "scenes", COUNT)


@pytest.fixture(scope="module")
def undisturbed(many: Path, model: Path) -> dict[str, str]:
    """Hashes of what one process makes of all scenes in one go."""
    out = many.parent / "undisturbed"
    hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, rasters="confidence", processes=1)
    return hashes(out, *OUTPUTS)


@pytest.fixture
def out(many: Path, tmp_path: Path) -> Path:
    """An output folder; Items hold paths from it to the scenes, which are the same from all of these."""
    return many.parent / tmp_path.name


def children() -> list[int]:
    """Processes of this one that map scenes."""
    import psutil

    return [child.pid for child in psutil.Process().children() if "hsi_engine.scene_worker" in child.cmdline()]


def test_two_processes_make_the_same_bytes_and_a_killed_one_loses_nothing(
    many: Path, model: Path, out: Path, undisturbed: dict[str, str]
) -> None:
    reporter = AtRow(out, 1, lambda: os.kill(children()[0], signal.SIGKILL))
    result = hsi_engine.classify_scenes(
        scenes=str(many), model=model, output=out, rasters="confidence", processes=2, reporter=reporter
    )
    assert (result.done, result.processes) == (COUNT, 2)
    assert hashes(out, *OUTPUTS) == undisturbed
    assert children() == []
    lost = [row for row in rows(out) if row["status"] == "failed"]
    # The process may have been between two scenes, when nothing is lost.
    assert all(row["code"] == "engine.worker_lost" and "signal 9" in row["message"] for row in lost)
    assert sorted(row["scene"] for row in rows(out) if row["status"] == "done") == [s["scene"] for s in result.scenes]
    assert list(out.glob(".tmp-*")) == []


def test_a_cancel_ends_the_processes_and_keeps_finished_maps(many: Path, model: Path, out: Path) -> None:
    reporter = AtRow(out, 1, lambda: reporter.cancel.set())
    with pytest.raises(hsi_engine.Cancelled, match=r"finished and kept; start it again to continue"):
        hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, processes=2, reporter=reporter)
    assert children() == []
    assert list(out.glob(".tmp-*")) == []
    before = hashes(out, "*_map.tif")
    assert 0 < len(before) < COUNT
    assert hsi_engine.classify_scenes(scenes=str(many), model=model, output=out, processes=1).done >= COUNT - len(
        before
    )
    assert before.items() <= hashes(out, "*_map.tif").items()


def test_a_run_that_was_killed_continues_and_maps_nothing_twice(
    many: Path, model: Path, out: Path, undisturbed: dict[str, str]
) -> None:
    values = {"scenes": many, "model": model, "output": out, "rasters": "confidence", "processes": 1}
    command = [word for name, value in values.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen(
        [sys.executable, "-m", "hsi_engine", "classify-many", *command, "--quiet"],
        env={**os.environ, "PYTHONPATH": str(Path(hsi_engine.__file__).parents[1])},
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and len(rows(out)) < 2:
            time.sleep(0.005)
        process.kill()
    result = hsi_engine.classify_scenes(**{**values, "scenes": str(many)})
    assert result.exit_code == 0
    assert hashes(out, *OUTPUTS) == undisturbed
    done = [row["scene"] for row in rows(out)]
    assert len(done) == len(set(done)), "no scene is mapped twice"
    assert list(out.glob(".tmp-*")) == []


def task(tmp_path: Path) -> Task:
    params = ClassifySceneParams(scene=tmp_path / "s.tif", model=tmp_path / "m.hsimodel", output=tmp_path / "o.tif")
    return Task(scene="s.tif", params=params)


def failing(code: str, *, attempt: int, transient: bool) -> Row:
    return Row(scene="s.tif", status="failed", attempt=attempt, code=code, message="Why.", transient=transient)


def test_a_passing_fault_is_tried_three_times_with_less_memory_each_time(tmp_path: Path) -> None:
    noted: list[Row] = []
    work = Work([task(tmp_path)], noted.append, hsi_engine.SilentReporter())
    budgets = []
    while (taken := work.take()) is not None:
        one, attempt = taken
        budgets.append(one.params.memory_mb)
        work.settle(one, failing("device.memory", attempt=attempt, transient=True))
    assert budgets == [1024, 512, 256]
    assert [row.attempt for row in noted] == [1, 2, 3]
    assert work.rows["s.tif"].status == "failed"


def test_a_refusal_is_not_tried_again(tmp_path: Path) -> None:
    noted: list[Row] = []
    work = Work([task(tmp_path)], noted.append, hsi_engine.SilentReporter())
    one, attempt = work.take() or pytest.fail("there is a task")
    work.settle(one, replace(failing("mismatch.bands", attempt=attempt, transient=False), status="refused"))
    assert work.take() is None


def test_a_full_disk_ends_the_run_in_words(tmp_path: Path) -> None:
    work = Work([task(tmp_path)] * 2, lambda row: None, hsi_engine.SilentReporter())
    one, _ = work.take() or pytest.fail("there is a task")
    with pytest.raises(OutputError, match=r"Why\. 0 of 2 scenes have been mapped in this run"):
        work.settle(one, failing("output.write_failed", attempt=1, transient=False))


@pytest.mark.parametrize(
    ("cores", "free_mib", "expected"),
    [(8, 64_000, (8, 1, 1024)), (8, 4_000, (3, 2, 433)), (2, 600, (1, 2, 256))],
)
def test_cores_and_memory_are_shared_out(
    monkeypatch: pytest.MonkeyPatch, cores: int, free_mib: int, expected: tuple[int, int, int]
) -> None:
    module = "hsi_engine.operations.classify_scenes.running.sharing"
    monkeypatch.setattr(f"{module}.usable_cores", lambda: cores)
    monkeypatch.setattr(f"{module}.memory_bytes", lambda: (2**40, free_mib * 2**20))
    share = share_machine(100)
    assert (share.processes, share.threads, share.memory_mb) == expected
    assert share_machine(3, processes=6, memory_mb=600).processes == 3
    assert share_machine(100, processes=6, memory_mb=600).memory_mb == 100
