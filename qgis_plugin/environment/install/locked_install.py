"""Installs the engine's packages as the list with hashes has them, and says before what will be downloaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..programs import program
from ..pythons.locked import LockedPackage, engine_lock, write_entries
from .installer import InstallRequest, install, pip_settings
from .tools import EnvironmentTools

_MEGABYTE = 10**6
# What is unpacked is about three times as large as the wheels; both are written.
_GROWTH = 4
_OTHER_SOURCES = ("index-url", "extra-index-url", "find-links")
_OTHER_SOURCES_OF_UV = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_TORCH_BACKEND",
)


def install_engine(tools: EnvironmentTools, request: InstallRequest) -> str:
    """Install everything, and return the installer's name and version.

    Each file has to have one of the hashes in the list. PyTorch is the exception where its build comes from another source
    than the usual index: its files differ there. A folder of wheels is taken as it is. Both are said.

    Parameters
    ----------
    request : its ``requirements`` are used for a folder of wheels only

    Raises
    ------
    SetUpError, SetUpCancelled : as for install
    """
    if request.wheels is not None:
        tools.journal.log(
            "info", "The files in the folder of wheels are used as they are; their hashes are not compared."
        )
        return install(tools, request)
    lock = [package for package in engine_lock() if not package.is_tool]
    other = _other_source_of_torch(tools, request)
    hashed = [package for package in lock if not (other and package.of_torch)]
    file = write_entries(tools.folder / "locked.txt", hashed)
    rest = replace(request, requirements=file, hashed=True, torch_index=None)
    wanted = _to_fetch(tools, rest.requirements, hashed)
    tools.journal.log("info", announcement(wanted))
    if not other:
        return install(tools, rest)
    torch = next(package for package in lock if package.name == "torch")
    tools.journal.log(
        "info",
        f"PyTorch {torch.version} and the packages that its build needs are downloaded without comparing hashes, because"
        f" {other}. The installed engine takes about {request.expected_bytes / 10**9:.1f} GB.",
    )
    expected = _GROWTH * sum(package.most_bytes for package in wanted)
    tools.journal.step(0.1, 0.5, "Installing packages")
    install(tools, replace(rest, expected_bytes=max(expected, _MEGABYTE)))
    tools.journal.step(0.5, 0.85, "Installing PyTorch")
    last = tools.folder / "torch.txt"
    last.write_text(f"torch=={torch.version}\n", encoding="utf-8")
    return install(tools, replace(request, requirements=last))


def announcement(packages: Sequence[LockedPackage]) -> str:
    """What will be downloaded, with versions and sizes, in one paragraph."""
    if not packages:
        return "No package has to be downloaded."
    named = ", ".join(
        f"{package.name} {package.version}{_size(package.most_bytes) if package.most_bytes >= _MEGABYTE else ''}"
        for package in packages
    )
    total = sum(package.most_bytes for package in packages) / _MEGABYTE
    return (
        f"To be downloaded: {len(packages)} packages, {total:,.0f} MB at most; each file is compared with the hash of the one"
        f" that this version of the plugin was made with: {named}."
    )


def _size(size: int) -> str:
    return f" ({size / _MEGABYTE:,.0f} MB)"


def _to_fetch(tools: EnvironmentTools, file: Path, packages: Sequence[LockedPackage]) -> list[LockedPackage]:
    """Those that this Python lacks, in the version for it; all of them where that cannot be found out."""
    status, lines = tools.ask([str(tools.python), "-I", program("packages_to_fetch"), str(file)])
    if status != 0 or not lines:
        tools.journal.log("warning", "Which packages are there already could not be found out; all are named.")
        return list(packages)
    pins = set(json.loads(lines[-1]))
    return [package for package in packages if f"{package.name}=={package.version}" in pins]


def _other_source_of_torch(tools: EnvironmentTools, request: InstallRequest) -> str:
    """Why the files of PyTorch may differ from those of the usual index; empty if they may not."""
    if request.torch_index is not None:
        return f"they come from {request.torch_index}, whose files differ from those of the usual index"
    settings, problem = pip_settings(tools)
    if settings is None:
        return f"{problem}, so other sources may be named there"
    named = [key for key in _OTHER_SOURCES if settings.many(key)]
    named += [name for name in _OTHER_SOURCES_OF_UV if tools.variables.get(name)]
    if named:
        return f"the settings of pip or uv name other sources ({', '.join(named)}), which may offer another build"
    return ""
