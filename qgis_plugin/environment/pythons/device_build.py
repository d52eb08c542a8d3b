"""Which build of PyTorch suits this computer, and where it comes from.

The default index carries one build for each platform; PyTorch's own index carries the others.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...paths import is_file
from ..install.process import ProgramTimeout, run_program
from ..programs import program
from .base_python import PythonFacts

BUILDS = ("auto", "cpu", "gpu")
_INDEX = "https://download.pytorch.org/whl"
_ANSWER_S = 8.0
_DRIVER_S = 10.0
# Builds for CUDA with the oldest driver each needs (NVIDIA, CUDA Compatibility, minor version compatibility).
_CUDA_BUILDS = (("cu130", 580), ("cu126", 525))
_MAIN_VERSION = re.compile(r"^(\d+)\.\d+")
_DEFAULT_BUILD = {"linux": "gpu", "win32": "cpu", "darwin": "cpu"}


@dataclass(frozen=True)
class TorchSource:
    """The source of PyTorch.

    Attributes
    ----------
    build : "cpu" or "gpu", what was decided
    index : address of an additional index, None for the usual sources
    reason : why, for the log
    warning : what the user should know before gigabytes arrive, or empty
    """

    build: str
    index: str | None
    reason: str
    warning: str = ""


def nvidia_driver(environment: Mapping[str, str], supervisor: Path, is_cancelled: Callable[[], bool]) -> int | None:
    """Main version of the NVIDIA driver; 0 if there is one of unknown version, None if there is none."""
    version = None
    smi = shutil.which("nvidia-smi", path=environment.get("PATH", ""))
    if smi is not None:
        lines: list[str] = []
        command = [smi, "--query-gpu=driver_version", "--format=csv,noheader"]
        try:
            status = run_program(supervisor, command, environment, is_cancelled, lines.append, timeout_s=_DRIVER_S)
        except ProgramTimeout:
            status = 1
        if status == 0:
            version = next((int(match[1]) for match in map(_MAIN_VERSION.match, lines) if match), 0)
    if version is None and sys.platform.startswith("linux"):
        module = Path("/proc/driver/nvidia/version")
        if is_file(module):
            found = re.search(r"\s(\d+)\.\d+", module.read_text(encoding="utf-8", errors="replace"))
            version = int(found[1]) if found else 0
    return version


def decide_build(wanted: str, driver: int | None, platform: str = sys.platform) -> tuple[str, str]:
    """The build ("cpu" or "gpu"), and why."""
    if platform == "darwin":
        return "cpu", "On macOS there is one build of PyTorch; it uses the GPU of Apple processors too."
    if wanted != "auto":
        return wanted, f"Build of PyTorch: {wanted.upper()}, as chosen."
    if driver is None:
        return "cpu", "Build of PyTorch: CPU, because no NVIDIA driver was found."
    if 0 < driver < _CUDA_BUILDS[-1][1]:
        return "cpu", f"Build of PyTorch: CPU, because the NVIDIA driver {driver} is older than {_CUDA_BUILDS[-1][1]}."
    return "gpu", f"Build of PyTorch: GPU, because there is an NVIDIA driver{f' ({driver})' if driver else ''}."


def variant(build: str, driver: int | None) -> str:
    """Name of the build in PyTorch's index."""
    if build == "cpu":
        return "cpu"
    fitting = [name for name, oldest in _CUDA_BUILDS if not driver or driver >= oldest]
    return fitting[0] if fitting else _CUDA_BUILDS[-1][0]


def choose_torch_source(
    wanted: str,
    driver: int | None,
    torch_version: str,
    ask_index: Callable[[str], str],
    platform: str = sys.platform,
) -> TorchSource:
    """Decide on build and source.

    Parameters
    ----------
    ask_index : the problem with an index as text, empty if it has the version
    """
    build, reason = decide_build(wanted, driver, platform)
    name = variant(build, driver)
    # On Linux the default is made for the newest CUDA, which an older driver cannot run.
    is_default = build == _DEFAULT_BUILD.get(platform, "gpu") and name in ("cpu", _CUDA_BUILDS[0][0])
    if is_default:
        return TorchSource(build, None, reason)
    index = f"{_INDEX}/{name}"
    problem = ask_index(index)
    if not problem:
        return TorchSource(build, index, reason)
    other = (
        "the GPU build, several gigabytes larger; it also computes on the CPU"
        if build == "cpu"
        else (
            "the CPU build" if platform == "win32" else "a build for a newer driver, which may compute on the CPU only"
        )
    )
    return TorchSource(
        build,
        None,
        reason,
        f"The {build.upper()} build of PyTorch {torch_version} should come from {index}, but {problem}. "
        f"The usual package sources are used instead; without a local source they may give {other}.",
    )


def ask_torch_index(
    index: str,
    torch_version: str,
    facts: PythonFacts,
    environment: Mapping[str, str],
    is_cancelled: Callable[[], bool],
) -> str:
    """The problem with an index of PyTorch as text; empty if it has the version for this Python."""
    system = {"win32": "win_", "darwin": "macosx"}.get(facts.platform, "linux")
    lines: list[str] = []
    arguments = [index, torch_version, facts.tag, f"{system}\\S*{facts.machine.lower()}", str(_ANSWER_S)]
    command = [str(facts.path), "-I", program("torch_index"), *arguments]
    try:
        # Looking up a name is not bound by the time limit of the request itself.
        run_program(facts.path, command, environment, is_cancelled, lines.append, timeout_s=_ANSWER_S + 2)
        return str(json.loads(lines[-1])["problem"])
    except ProgramTimeout:
        return f"it did not answer within {_ANSWER_S:.0f} s"
    except (IndexError, KeyError, ValueError):
        return "it could not be reached" + (f" ({lines[-1]})" if lines else "")
