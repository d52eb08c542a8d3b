"""Memory limits of the control groups a process runs in: those of containers and of batch systems on Linux."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OWN_GROUPS = Path("/proc/self/cgroup")
_MOUNTED = Path("/sys/fs/cgroup")


@dataclass(frozen=True, kw_only=True)
class _Version:
    """How a version of control groups names its files, and the field of the cache that is given back on demand."""

    limit: str
    used: str
    cache: str


_V1 = _Version(limit="memory.limit_in_bytes", used="memory.usage_in_bytes", cache="total_inactive_file")
_V2 = _Version(limit="memory.max", used="memory.current", cache="inactive_file")


def memory_limits(own_groups: Path = _OWN_GROUPS, mounted: Path = _MOUNTED) -> Iterator[tuple[int, int]]:
    """(limit, available) in bytes of every control group with a memory limit that this process belongs to.

    File cache that the kernel can drop counts as available. Nothing is yielded on systems without control groups.
    """
    try:
        lines = own_groups.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, version = mounted, _V2
        elif "memory" in controllers.split(","):
            root, version = mounted / "memory", _V1
        else:
            continue
        # Inside a container its own group is mounted as the root, and the path may name a group that is not there.
        group = root / path.lstrip("/")
        for folder in (group, *group.parents[: len(group.parts) - len(root.parts)]):
            found = _limit_of(folder, version)
            if found is not None:
                yield found


def _limit_of(group: Path, version: _Version) -> tuple[int, int] | None:
    try:
        limit = int((group / version.limit).read_text())  # "max" if there is none
        used = int((group / version.used).read_text())
        fields = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return limit, max(0, limit - used + int(fields.get(version.cache, 0)))
