"""The faults of ``benchmarks.faults``: a short round over quick jobs, and that it notices what it is there to find."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("forks, limits and /proc", allow_module_level=True)

from benchmarks.faults import disks, failing_calls, inputs, kills
from benchmarks.faults.contents import contents
from benchmarks.faults.jobs import Job
from benchmarks.faults.running import End
from benchmarks.faults.trials import Outcome, Trial, Whole, fresh, whole
from hsi_engine.errors import OutputError

ROOT = Path(__file__).resolve().parents[2]
JOBS = ("train", "classify", "archive")
QUICK = ("kill", "full disk: size of files", "full disk: filled up meanwhile", "input removed", "few descriptors")
Run = Callable[[Path, Path, bool], object]


@pytest.mark.skipif(not failing_calls.are_possible(), reason="system calls of this machine are not known")
def test_quick_jobs_lose_nothing_and_make_the_same(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    words = ["--jobs", *JOBS, "--faults", *QUICK, "--record", str(record)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.faults", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    found = json.loads(done.stdout)
    assert (found["lost"], found["not_identical"]) == (0, 0)
    rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert {(row["fault"], row["job"]) for row in rows} == {(fault, job) for fault in QUICK for job in JOBS}
    assert found["tried"] == sum(row["verdict"] == "good" for row in rows) >= len(JOBS) * (len(QUICK) - 1)


# ------------------------------------------------------------------------------- jobs that do what they should not


def write(out: Path, text: str = "whole") -> None:
    hidden = out / ".tmp-1-map.txt"
    hidden.write_text(text)
    hidden.replace(out / "map.txt")


def _good(inputs: Path, out: Path, resume: bool) -> None:
    write(out)


def _half(inputs: Path, out: Path, resume: bool) -> None:
    write(out, "half")
    time.sleep(0.3)
    write(out)


def _never_again(inputs: Path, out: Path, resume: bool) -> None:
    if (out / "begun").exists():
        raise OutputError("It was begun before.", code="x")
    (out / "begun").touch()
    time.sleep(0.3)
    (out / "begun").unlink()
    write(out)


def _other_when_resumed(inputs: Path, out: Path, resume: bool) -> None:
    again = (out / "begun").exists()
    (out / "begun").touch()
    time.sleep(0.3)
    write(out, "other" if again else "whole")
    (out / "begun").unlink()


def _hidden_when_refused(inputs: Path, out: Path, resume: bool) -> None:
    hidden = out / ".tmp-1-map.txt"
    try:
        hidden.write_text("whole" * 100)
    except OSError:
        raise OutputError("The disk is full.", code="write_failed") from None
    hidden.rename(out / "map.txt")


def _unforeseen(inputs: Path, out: Path, resume: bool) -> None:
    write(out, "whole" * 100)


def trial(tmp_path: Path, run: Run, number: int = 0) -> Trial:
    job = Job("fake", run, ("scene.txt",), ("begun",))
    known = whole(job, tmp_path, tmp_path)
    return Trial(known, "fault", number, fresh(tmp_path / "trial"), random.Random(number))


def worst(tmp_path: Path, run: Run, happens: Callable[[Trial], Outcome]) -> str:
    """The first verdict of ten trials that is not good; those with even numbers kill once."""
    for number in range(0, 20, 2):
        found = happens(trial(tmp_path, run, number)).verdict
        if found not in ("good", "missed"):
            return found
    return "good"


@pytest.mark.parametrize(
    ("run", "verdict"),
    [(_good, "good"), (_half, "lost"), (_never_again, "lost"), (_other_when_resumed, "not_identical")],
)
def test_what_kills_find(tmp_path: Path, run: Run, verdict: str) -> None:
    assert worst(tmp_path, run, kills.kill) == verdict


@pytest.mark.parametrize(("run", "verdict"), [(_hidden_when_refused, "lost"), (_unforeseen, "lost")])
def test_what_full_disks_find(tmp_path: Path, run: Run, verdict: str) -> None:
    assert worst(tmp_path, run, disks.file_size) == verdict


def test_an_input_that_changed_too_late_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "scene.txt").write_text("scene")
    tried = trial(tmp_path, _good)
    late = Trial(Whole(**{**vars(tried.known), "seconds": 1e9}), "fault", 0, tried.out, random.Random(1))
    assert inputs.removed(late).verdict == "missed"
    assert (tmp_path / "scene.txt").read_text() == "scene"


def test_a_job_without_an_error_but_with_something_odd_is_lost(tmp_path: Path) -> None:
    tried = trial(tmp_path, _good)
    assert tried.judged(End("done")).verdict == "lost"
    write(tried.out)
    assert tried.judged(End("done")).verdict == "good"
    (tried.out / "odd.txt").touch()
    assert tried.judged(End("done")).verdict == "lost"


@pytest.mark.skipif(not failing_calls.are_possible(), reason="system calls of this machine are not known")
def test_calls_fail_for_the_descriptors_that_were_meant(tmp_path: Path) -> None:
    (tmp_path / "scene.txt").write_text("scene")

    def broken(inputs: Path, out: Path, resume: bool) -> None:
        with (tmp_path / "scene.txt").open("rb") as first, (tmp_path / "scene.txt").open("rb") as second:
            failing_calls.fail(failing_calls.READS, errno.EIO, only=[first.fileno()])
            try:
                first.read()
            except OSError as error:
                (out / "map.txt").write_text(f"{error.errno == errno.EIO} {second.read()!r}")

    tried = trial(tmp_path, broken)
    tried.run()
    assert (tried.out / "map.txt").read_text() == "True b'scene'"


# ----------------------------------------------------------------------------------------- what counts as the same

PAGE = """<html><p>{notes}</p>
<tr><th>a.tif</th><td class="text">a.tif</td><td class="text">{when}</td><td>{seconds}</td></tr>
<dl><dt>Time</dt><dd>{seconds}<small>of this run</small></dd><dd>2<small>{made} made in this run, {before} before</small></dd></dl>
<td>{pixels}</td></html>"""


def told(folder: Path, **values: object) -> dict[str, str]:
    fresh(folder)
    said = {"notes": "", "when": "this run", "seconds": "1.5 s", "made": 2, "before": 0, "pixels": 7} | values
    (folder / "index.html").write_text(PAGE.format(**said))
    status = "skipped" if said["when"] == "before" else "done"
    rows = [{"scene": f"{folder}/a.tif", "status": status, "seconds": said["seconds"], "pixels": said["pixels"]}]
    (folder / "summary.json").write_text(json.dumps({"scenes": rows, "done": said["made"], "notes": [said["notes"]]}))
    (folder / "manifest.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows) + '{"scene": "cu')
    return contents(folder, {})


def test_times_places_and_which_run_it_was_do_not_count_and_all_else_does(tmp_path: Path) -> None:
    first = told(tmp_path / "first")
    later = told(tmp_path / "later", when="before", seconds="–", made=0, before=2)
    assert later["index.html"] == first["index.html"]
    assert later["summary.json"] == first["summary.json"]
    assert told(tmp_path / "other", seconds="99 s") == first
    changed = told(tmp_path / "changed", pixels=8)
    assert all(changed[name] != print_ for name, print_ in first.items())
    assert told(tmp_path / "noted", notes="A scene is odd.")["summary.json"] != first["summary.json"]


def test_a_page_or_document_without_its_end_is_damaged(tmp_path: Path) -> None:
    told(tmp_path / "first")
    for name in ("index.html", "summary.json"):
        file = tmp_path / "first" / name
        os.truncate(file, file.stat().st_size - 3)
        assert contents(tmp_path / "first", {})[name].startswith("damaged")


def test_limits_of_this_process_are_as_before() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
