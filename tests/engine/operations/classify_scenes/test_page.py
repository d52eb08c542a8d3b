"""The commands of docs/archives.md, run as they are printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import make_scenes
from archives import SIZE, rows
from hsi_engine.cli import main

PAGE = Path(__file__).parents[4] / "docs" / "archives.md"
PRINTED = "10.0.0.5"
# In the place of the programs of a cluster: each notes its arguments.
NOTING = """#!/bin/sh
"{python}" -c 'import json, os, sys; print(json.dumps([os.environ.get("SLURM_ARRAY_TASK_ID"), sys.argv[1:]]))' "$@" >>"{notes}"
echo 17
"""


def commands(heading: str) -> list[str]:
    """The lines of the blocks of a section, without those of its subsections' neighbours."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    blocks = re.findall(r"^```sh\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def work(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the page names: two flights and a model."""
    (tmp_path / "flights").mkdir()
    for number in (1, 2):
        make_scenes.write_scene(tmp_path / "flights" / f"s{number}.dat", **SIZE, seed=number, layout="bsq")
    shutil.copy(model, tmp_path / "crops.hsimodel")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hsi(line: str) -> int:
    """Run a line in this process, as a shell would split it; its exit code."""
    words = shlex.split(line)
    assert words[0] == "hsi"
    return main([*words[1:], "--quiet"])


def test_on_a_laptop_and_starting_again(work: Path) -> None:
    rehearsal, run = commands("On a laptop")
    assert hsi(rehearsal) == 0
    assert not (work / "maps").exists()
    assert hsi(run) == 0
    assert len(rows(work / "maps")) == 2
    for line in commands("Starting again"):
        assert hsi(line) == 0
    assert len(rows(work / "maps")) == 2, "nothing is mapped twice"


def test_on_a_workstation(work: Path) -> None:
    many, huge = commands("On a workstation")
    assert hsi(many) == 0
    assert len(rows(work / "maps")) == 2
    assert hsi(huge) == 0
    assert (work / "s1.tif").read_bytes() != b""


def test_on_a_cluster_with_slurm(work: Path) -> None:
    write, *submit = commands("On a cluster with SLURM")
    assert hsi(write) == 0
    notes = work / "notes"
    programs = work / "bin"
    programs.mkdir()
    for name in ("sbatch", "hsi"):
        (programs / name).write_text(NOTING.format(python=sys.executable, notes=notes / name))
        (programs / name).chmod(0o755)
    notes.mkdir()
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", "\n".join(["set -e", *submit])], env=os.environ | path, check=True)
    noted = [json.loads(line)[1] for line in (notes / "sbatch").read_text().splitlines()]
    assert noted == [["--parsable", "--array=1-10", "maps.sbatch"], ["--dependency=afterany:17", "maps.sbatch"]]
    # What each task of the array runs, the second once more, and the job after the array.
    for number, count in ((1, 10), (2, 10), (10, 10), (2, 1), (None, None)):
        task = {} if number is None else {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_TASK_COUNT": str(count)}
        ran = subprocess.run(
            ["bash", "maps.sbatch"], env=os.environ | path | task, check=True, capture_output=True, text=True
        )
        nothing = "Nothing to do for task 10: the tasks of this script are 1 to 2." in ran.stderr
        assert nothing is (number == 10)
    shards = [
        words[words.index("--shard") + 1] if "--shard" in words else None
        for _, words in map(json.loads, (notes / "hsi").read_text().splitlines())
    ]
    assert shards == ["1/2", "2/2", "2/2", None]
    for line in (notes / "hsi").read_text().splitlines():
        assert main([*json.loads(line)[1], "--quiet"]) == 0
    assert sorted(file.name for file in (work / "maps").glob("manifest*")) == [
        "manifest-1-of-2.jsonl",
        "manifest-2-of-2.jsonl",
        "manifest.jsonl",
    ]
    assert rows(work / "maps") == [], "the array has mapped all"
    assert len(list((work / "maps").glob("*_map.tif"))) == 2


def test_on_a_dask_cluster(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hsi_engine.operations.classify_scenes.running.cluster import workers

    monkeypatch.setattr(workers, "_WAIT_S", 300.0)
    scheduler, workers_of_page, run, local = commands("On a Dask cluster")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def here(line: str) -> str:
        return line.replace(PRINTED, "127.0.0.1").replace("8786", str(port))

    with started(here(scheduler)), started(here(workers_of_page)):
        until_answered(port)
        assert hsi(here(run)) == 0
    assert [row["status"] for row in rows(work / "maps")] == ["done", "done"]
    # All are finished: the other way to run needs no workers now, and is tested on its own.
    assert hsi(local) == 0


def until_answered(port: int) -> None:
    """Return once something listens there."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail("the scheduler does not listen")


@contextmanager
def started(line: str) -> Iterator[None]:
    """A program of the environment that runs while the block does."""
    words = shlex.split(line)
    program = Path(sys.executable).with_name(words[0])
    with subprocess.Popen(
        [sys.executable, program, *words[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait()
