"""Limits of the control groups a process runs in: those of containers and of batch systems on Linux."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_OWN_GROUPS = Path("/proc/self/cgroup")
_MOUNTED = Path("/sys/fs/cgroup")


def memory_limits(own_groups: Path = _OWN_GROUPS, mounted: Path = _MOUNTED) -> Iterator[tuple[int, int]]:
    """(limit, available) in bytes of every control group with a memory limit that this process belongs to.

    File cache that the kernel can drop counts as available. Nothing is yielded on systems without control groups.
    """
    for group, is_first in _groups("memory", own_groups, mounted):
        limit, used, cache = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            if is_first
            else ("memory.max", "memory.current", "inactive_file")
        )
        try:
            most = int((group / limit).read_text())  # "max" if there is none
            fields = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            yield most, max(0, most - int((group / used).read_text()) + int(fields.get(cache, 0)))
        except (OSError, ValueError):
            continue


def core_limits(own_groups: Path = _OWN_GROUPS, mounted: Path = _MOUNTED) -> Iterator[float]:
    """Cores whose time every control group with such a quota may use, such as 1.5; otherwise as in memory_limits."""
    for group, is_first in _groups("cpu", own_groups, mounted):
        files = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if is_first else ("cpu.max",)
        try:
            quota, period = map(int, " ".join((group / name).read_text() for name in files).split())
        except (OSError, ValueError):  # "max" if there is none
            continue
        if quota > 0 and period > 0:  # -1 if there is none
            yield quota / period


def _groups(controller: str, own_groups: Path, mounted: Path) -> Iterator[tuple[Path, bool]]:
    """Folders of the group and of those above it, and whether they are of the first version of control groups."""
    try:
        lines = own_groups.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        root = mounted / controller if controllers else mounted
        # Inside a container its own group is mounted as the root, and the path may name a group that is not there.
        group = root / path.lstrip("/")
        for folder in (group, *group.parents[: len(group.parts) - len(root.parts)]):
            yield folder, bool(controllers)
