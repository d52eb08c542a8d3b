"""Gets uv, the fast installer, if it is available."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from ...paths import is_file
from ..pythons.locked import write_tool
from .process import ProgramTimeout
from .tools import EnvironmentTools

_OLDEST = (0, 5)
_REQUIREMENT = "uv>=0.5"
_ANSWER_S = 10.0
_NAME = "uv.exe" if sys.platform == "win32" else "uv"


def get_uv(tools: EnvironmentTools, wheels: Path | None) -> tuple[Path | None, str]:
    """The program uv and its version; or None and the reason as text.

    Looked for on PATH, next to the base Python, in the folder of uv's installer and in the environment; otherwise installed there.
    """
    for path in [*_places(tools), tools.python.with_name(_NAME)]:
        version = _version(tools, path)
        if version is not None:
            return path, version
    if wheels is None:
        source = ["--require-hashes", "--no-deps", "--requirement", str(write_tool(tools.folder, "uv"))]
    else:
        source = ["--no-index", "--find-links", str(wheels), _REQUIREMENT]
    if wheels is not None and not any(wheels.glob("uv-*.whl")):
        return None, "the folder of wheels holds none"
    command = tools.module("pip", "install", "--no-input", "--progress-bar", "off", *source)
    status, lines = tools.ask(command)
    for line in lines:
        tools.say(line)
    path = tools.python.with_name(_NAME)
    version = _version(tools, path) if status == 0 else None
    if version is not None:
        return path, version
    errors = [line for line in lines if line.startswith("ERROR")]
    return None, (errors or lines or [f"pip ended with exit code {status}"])[-1]


def _places(tools: EnvironmentTools) -> list[Path]:
    on_path = shutil.which(_NAME, path=tools.variables.get("PATH", ""))
    folders = [tools.supervisor.parent, tools.supervisor.parent / "Scripts"]
    folders += [Path.home() / ".local" / "bin", Path.home() / ".cargo" / "bin"]
    return ([Path(on_path)] if on_path else []) + [folder / _NAME for folder in folders]


def _version(tools: EnvironmentTools, path: Path) -> str | None:
    """As text; None if there is no uv, or one too old to know the options that are used."""
    if not is_file(path):
        return None
    lines: list[str] = []
    try:
        tools.run([str(path), "--version"], on_line=lines.append, timeout_s=_ANSWER_S)
    except (ProgramTimeout, OSError):
        return None
    match = re.match(r"uv (\d+)\.(\d+)\S*", lines[0]) if lines else None
    return match[0][3:] if match and (int(match[1]), int(match[2])) >= _OLDEST else None
