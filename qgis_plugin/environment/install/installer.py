"""Installs the engine's packages: with uv if it is available and does what pip would, otherwise with pip."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import SetUpError
from ..programs import program
from ..pythons.locked import write_tool
from .failures import explain_installation
from .pip_settings import PipSettings, parse_pip_settings
from .progress import InstallProgress, is_progress_line
from .tools import EnvironmentTools
from .uv_program import get_uv


@dataclass(frozen=True)
class InstallRequest:
    """What is to be installed, and where it comes from.

    Attributes
    ----------
    requirements : file with one requirement per line
    wheels : folder that is the only source; None: the usual sources
    torch_index : address of a further index, for PyTorch
    cache : folder for downloads
    expected_bytes : what will be written, for the progress
    hashed : the requirements are complete, and each file has to have one of their hashes
    """

    requirements: Path
    wheels: Path | None
    torch_index: str | None
    cache: Path
    expected_bytes: int
    hashed: bool = False

    @property
    def flags(self) -> list[str]:
        """Options that pip and uv have in common."""
        return ["--requirement", str(self.requirements), *(["--require-hashes", "--no-deps"] if self.hashed else [])]


class _WithoutUv(Exception):
    """uv cannot do this installation; the text explains why."""


def install(tools: EnvironmentTools, request: InstallRequest) -> str:
    """Install everything, and return the installer's name and version.

    Raises
    ------
    SetUpError : it failed; the message says why
    SetUpCancelled : the user stopped
    """
    if request.wheels is not None:
        _check_wheels(tools, request.wheels, request.requirements)
    try:
        return _with_uv(tools, request)
    except _WithoutUv as reason:
        tools.journal.log("warning", f"pip is used instead of uv, which takes about three times as long: {reason}.")
    return _with_pip(tools, request)


def _with_uv(tools: EnvironmentTools, request: InstallRequest) -> str:
    settings = _pip_settings(tools, request)
    unknown = settings.unknown_to_uv()
    if unknown:
        raise _WithoutUv(f"pip's settings include some that uv does not support ({', '.join(unknown)})")
    uv, version = get_uv(tools, request.wheels)
    if uv is None:
        raise _WithoutUv(f"there is no uv here ({version})")
    command = [str(uv), "pip", "install", "--python", str(tools.python), *request.flags]
    status, lines = _watch(
        tools, request, [*command, *_uv_sources(settings, request)], _uv_variables(tools, settings, request)
    )
    if status != 0:
        raise _WithoutUv(str(explain_installation("uv", status, lines).message).rstrip("."))
    return f"uv {version}"


def _uv_sources(settings: PipSettings, request: InstallRequest) -> list[str]:
    if request.wheels is not None:
        return ["--offline", "--no-index", "--find-links", str(request.wheels)]
    return settings.uv_flags()


def _uv_variables(tools: EnvironmentTools, settings: PipSettings, request: InstallRequest) -> dict[str, str]:
    """The settings of pip for uv; variables of uv that the user has set stay as they are."""
    variables = settings.for_uv()
    # Certificates that a firm added to the system; under its old name too.
    variables.update(NO_COLOR="1", UV_CACHE_DIR=str(request.cache), UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    chosen = {name: value for name, value in tools.variables.items() if name.startswith("UV_")}
    variables.update(chosen)
    if request.torch_index is not None:
        variables["UV_INDEX"] = f"{chosen.get('UV_INDEX', '')} {request.torch_index}".strip()
    return variables


def _with_pip(tools: EnvironmentTools, request: InstallRequest) -> str:
    # Modules are compiled into a separate folder when the engine first loads them, so not here.
    options = ["--no-input", "--no-compile", "--disable-pip-version-check", *request.flags]
    if request.wheels is None:
        variables = {"PIP_CACHE_DIR": str(request.cache)}
        progress = _raw_progress(tools, variables)
        source = [] if request.torch_index is None else ["--extra-index-url", request.torch_index]
        command = tools.module("pip", "install", *options, "--progress-bar", progress, *source)
    else:
        # The folder is the only source: neither files nor variables of pip's settings may name another.
        variables = {"PIP_CONFIG_FILE": os.devnull}
        source = ["--no-cache-dir", "--no-index", "--find-links", str(request.wheels)]
        command = tools.module("pip", "--isolated", "install", *options, "--progress-bar", "off", *source)
    status, lines = _watch(tools, request, command, variables)
    if status != 0:
        raise explain_installation("pip", status, lines)
    _, version = tools.ask(tools.module("pip", "--version"))
    return " ".join(version[0].split()[:2]) if version else "pip"


def _raw_progress(tools: EnvironmentTools, variables: Mapping[str, str]) -> str:
    """Bring pip to a version that tells programs how far a download is; the kind of progress it then has."""
    wanted = ["--require-hashes", "--no-deps", "--requirement", str(write_tool(tools.folder, "pip"))]
    if tools.run(tools.module("pip", "install", "--quiet", "--upgrade", *wanted), variables) == 0:
        return "raw"
    tools.journal.log("warning", "pip could not be updated; progress will seem to stop at times.")
    return "off"


def _watch(
    tools: EnvironmentTools, request: InstallRequest, command: Sequence[str], variables: Mapping[str, str]
) -> tuple[int, list[str]]:
    """Run an installer with moving progress: its exit status and all its lines."""
    progress = InstallProgress(request.expected_bytes)
    lines: list[str] = []
    free = shutil.disk_usage(tools.folder).free

    def on_line(line: str) -> None:
        progress.line(line)
        if not is_progress_line(line):
            lines.append(line)
            tools.say(line)

    def on_tick() -> None:
        progress.grown(free - shutil.disk_usage(tools.folder).free)
        tools.journal.progress(progress.fraction, progress.message)

    return tools.run(command, variables, on_line, on_tick), lines


def pip_settings(tools: EnvironmentTools) -> tuple[PipSettings | None, str]:
    """The settings of pip in the environment; None and the reason if they cannot be read."""
    status, lines = tools.ask(tools.module("pip", "config", "list"))
    if status != 0:
        return None, f"pip's settings cannot be read ({lines[-1] if lines else f'exit code {status}'})"
    return parse_pip_settings(lines), ""


def _pip_settings(tools: EnvironmentTools, request: InstallRequest) -> PipSettings:
    if request.wheels is not None:
        return PipSettings({})
    settings, problem = pip_settings(tools)
    if settings is None:
        raise _WithoutUv(problem)
    handed_over = sorted(settings.for_uv())
    tools.journal.log("info", f"pip's settings passed to uv: {', '.join(handed_over)}.")
    return settings


def _check_wheels(tools: EnvironmentTools, wheels: Path, requirements: Path) -> None:
    if not any(wheels.glob("*.whl")):
        raise SetUpError(
            f"There are no wheels (*.whl) in the folder {wheels}.",
            "Choose the folder that 'python -m pip wheel --requirement … --wheel-dir …' filled on a computer with a "
            "network.",
        )
    command = [str(tools.python), "-I", program("missing_wheels"), str(wheels), str(requirements)]
    status, lines = tools.ask(command)
    if status != 0:
        said = lines[-1] if lines else f"exit code {status}"
        raise SetUpError(
            f"The wheels in {wheels} cannot be read: {said}.",
            "Fetch them again; one of the files may be damaged.",
            "\n".join(lines),
        )
    missing = json.loads(lines[-1])
    if missing:
        named = "; ".join(_missing_text(wheel) for wheel in missing)
        raise SetUpError(
            f"The folder {wheels} lacks {len(missing)} of the required wheels: {named}.",
            "Fetch them on a computer with a network, the same system and the same version of Python: "
            f"python -m pip wheel --requirement {requirements} --wheel-dir FOLDER.",
        )


def _missing_text(wheel: Mapping[str, str]) -> str:
    found = f", found only {wheel['found']}" if wheel["found"] else ""
    return f"{wheel['requirement']} (for {wheel['required_by']}{found})"
