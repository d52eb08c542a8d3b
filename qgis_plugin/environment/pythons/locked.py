"""The packages of an environment with the hashes of their files, as ``engine_lock.txt`` lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...engine.source import lock_text

TOOLS = ("pip>=24.1", "uv>=0.5")
"""What installs the others: a pip that tells programs how far a download is, and a uv that knows the options used here."""

_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)( ; (?P<marker>[^\\]+?))?( \\)?$")
_SIZE = re.compile(r"^# up to (\d+) bytes$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
# What torch brings along for NVIDIA's GPUs; which of them, and which versions, depends on its build.
_BESIDE_TORCH = re.compile(r"^(torch|triton|(nvidia|cuda)-.+)$")


@dataclass(frozen=True)
class LockedPackage:
    """One package in one version.

    Attributes
    ----------
    marker : for which Pythons and systems, as in a requirement; empty: all
    entry : its lines, as pip and uv read them
    most_bytes : of the largest of its files
    """

    name: str
    version: str
    marker: str
    entry: str
    most_bytes: int

    @property
    def of_torch(self) -> bool:
        """Whether its files depend on the build of PyTorch."""
        return _BESIDE_TORCH.match(self.name) is not None

    @property
    def is_tool(self) -> bool:
        """Whether it only installs the others."""
        return self.name in {re.split("[<>=]", tool)[0] for tool in TOOLS}


def engine_lock() -> tuple[LockedPackage, ...]:
    """The list that travels with the plugin.

    Raises
    ------
    EngineMissing : the plugin is not complete
    """
    return parse_lock(lock_text())


def write_entries(path: Path, packages: Iterable[LockedPackage]) -> Path:
    """A file of requirements with hashes, for ``--requirement`` of pip and uv."""
    path.write_text("".join(package.entry for package in packages), encoding="utf-8")
    return path


def write_tool(folder: Path, name: str) -> Path:
    """The same for pip or uv alone, in a folder."""
    return write_entries(folder / f"{name}.txt", (package for package in engine_lock() if package.name == name))


def parse_lock(text: str) -> tuple[LockedPackage, ...]:
    """The packages of such a list, in its order.

    Raises
    ------
    ValueError : a line is unlike those that ``tools/write_lock.py`` writes, or a package has no hash
    """
    found: list[LockedPackage] = []
    size, pin, lines = 0, None, list[str]()
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if _HASH.match(line) and pin is not None:
            lines.append(line)
        elif pin is not None and len(lines) < 2:
            raise ValueError(f"Line {number} of the list of packages: {pin['name']} has no hash")
        elif _PIN.match(line) and pin is None:
            pin, lines = _PIN.match(line), [line]
        elif line and not line.startswith("#"):
            raise ValueError(f"Line {number} of the list of packages is not understood: {line!r}")
        elif pin is not None:
            entry = "\n".join(lines) + "\n"
            found.append(LockedPackage(pin["name"], pin["version"], pin["marker"] or "", entry, size))
            size, pin = 0, None
        if _SIZE.match(line):
            size = int(line.split()[3])
    return tuple(found)
