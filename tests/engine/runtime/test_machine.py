"""What a process may use of its machine, also inside a container."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from hsi_engine.runtime import machine
from hsi_engine.runtime.control_groups import core_limits, memory_limits

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


@pytest.mark.parametrize(
    ("groups", "files", "limits"),
    [
        ("0::/job", {"job/cpu.max": "150000 100000", "cpu.max": "max 100000"}, [1.5]),
        ("0::/a/b", {"a/b/cpu.max": "800000 100000", "a/cpu.max": "200000 50000"}, [8, 4]),
        ("3:cpu,cpuacct:/", {"cpu/cpu.cfs_quota_us": "250000", "cpu/cpu.cfs_period_us": "100000"}, [2.5]),
        ("3:cpu,cpuacct:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, []),
        ("4:memory:/", {"cpu/cpu.cfs_quota_us": "1", "cpu/cpu.cfs_period_us": "1"}, []),
    ],
)
def test_quotas_of_processor_time_count_as_cores(
    own: Path, mounted: Path, groups: str, files: dict[str, str], limits: list[float]
) -> None:
    own.write_text(f"{groups}\n")
    for name, text in files.items():
        (mounted / name).parent.mkdir(parents=True, exist_ok=True)
        (mounted / name).write_text(f"{text}\n")
    assert list(core_limits(own, mounted)) == limits


class Bound:
    """A process that may use seven cores."""

    def cpu_affinity(self) -> list[int]:
        return list(range(7))


@pytest.mark.parametrize(
    ("process", "limits", "cores"), [(Bound, [], 7), (Bound, [12], 7), (Bound, [6, 1.5], 2), (object, [], 64)]
)
def test_cores_follow_the_affinity_and_the_quota_of_the_container(
    monkeypatch: pytest.MonkeyPatch, process: type, limits: list[float], cores: int
) -> None:
    monkeypatch.setattr(psutil, "Process", process)  # that of macOS has no affinity
    monkeypatch.setattr(psutil, "cpu_count", lambda: 64)
    monkeypatch.setattr(machine, "core_limits", lambda: iter(limits))
    assert machine.usable_cores() == cores
