"""What a process may use of its machine, also inside a container."""

from __future__ import annotations

import os
from pathlib import Path

import joblib
import psutil
import pytest

from hsi_engine.runtime import machine
from hsi_engine.runtime.memory_limit import memory_limits

GIB = 2**30


def write_group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"memory.{name}").write_text(f"{text}\n")


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    return tmp_path / "cgroup"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_limits_of_a_group_and_of_those_above_it_count(mounted: Path, own: Path) -> None:
    own.write_text("0::/batch/job_7\n")
    write_group(mounted / "batch", max="8000", current="3000", stat="anon 2000\ninactive_file 500\nfile 900")
    write_group(mounted / "batch" / "job_7", max="max", current="2500", stat="inactive_file 100")
    assert list(memory_limits(own, mounted)) == [(8000, 5500)]
    write_group(mounted / "batch" / "job_7", max="6000")
    assert list(memory_limits(own, mounted)) == [(6000, 3600), (8000, 5500)]


def test_limits_of_the_first_version_of_control_groups(mounted: Path, own: Path) -> None:
    own.write_text("5:cpu,cpuacct:/docker/f3\n4:hugetlb,memory:/docker/f3\n0::/\n")
    # Inside the container its group is the root: the path that the process is told does not exist.
    write_group(
        mounted / "memory", limit_in_bytes="4000", usage_in_bytes="4100", stat="inactive_file 7\ntotal_inactive_file 50"
    )
    assert list(memory_limits(own, mounted)) == [(4000, 0)]


def test_without_control_groups_there_are_no_limits(mounted: Path, own: Path) -> None:
    assert list(memory_limits(own, mounted)) == []
    own.write_text("0::/\n1:name=systemd:/\n")
    assert list(memory_limits(own, mounted)) == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([], (32 * GIB, 20 * GIB)),
        ([(8 * GIB, 3 * GIB)], (8 * GIB, 3 * GIB)),
        ([(8 * GIB, 7 * GIB), (16 * GIB, 1 * GIB)], (8 * GIB, 1 * GIB)),
        # A limit larger than the machine, as the first version writes "none".
        ([(2**63 - 4096, 2**63 - 2 * GIB)], (32 * GIB, 20 * GIB)),
    ],
)
def test_memory_is_what_the_machine_and_the_container_allow(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    class Memory:
        total, available = 32 * GIB, 20 * GIB

    monkeypatch.setattr(psutil, "virtual_memory", Memory)
    monkeypatch.setattr(machine, "memory_limits", lambda: iter(limits))
    assert machine.memory_bytes() == expected


def test_this_machine_says_how_much_memory_it_has() -> None:
    total, available = machine.memory_bytes()
    assert 0 < available <= total


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to cores")
def test_cores_follow_the_affinity_and_the_quota_of_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert machine.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(48)))
    monkeypatch.setattr(joblib.externals.loky.backend.context, "_cpu_count_cgroup", lambda _: 5)
    assert machine.usable_cores() == 5
