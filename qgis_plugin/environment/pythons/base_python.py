"""Finds a Python that the engine's environment can be made from."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...paths import ABSENT, is_file, why_no_file
from ..errors import SetUpError
from ..install.process import ProgramTimeout, run_program
from ..programs import program

OLDEST = (3, 10)
NEWEST = (3, 14)  # the last for which all packages offer wheels
# First those for which wheels have existed longest.
_NAMES = ("python3.12", "python3.13", "python3.11", "python3.10", "python3.14", "python3", "python")
_PROBE_S = 30.0


@dataclass(frozen=True)
class Candidate:
    """A Python that may do, and how it was found."""

    path: Path
    origin: str


@dataclass(frozen=True)
class PythonFacts:
    """What a Python reports about itself."""

    path: Path
    version: tuple[int, int, int]
    implementation: str
    bits: int
    machine: str
    platform: str
    free_threaded: bool
    has_venv: bool
    has_ensurepip: bool
    packages: Mapping[str, str]

    @property
    def version_text(self) -> str:
        return ".".join(map(str, self.version))

    @property
    def tag(self) -> str:
        """As in the names of wheels: cp311."""
        return f"cp{self.version[0]}{self.version[1]}"


class ProbeError(Exception):
    """A Python gave no usable answer; the text explains why."""


def probe(path: Path, environment: Mapping[str, str], is_cancelled: Callable[[], bool]) -> PythonFacts:
    """Ask a Python what it is.

    Raises
    ------
    ProbeError : it does not exist, does not start, or does not answer
    SetUpCancelled : the user stopped
    """
    problem = why_no_file(path)
    if problem:
        raise ProbeError("the file does not exist" if problem == ABSENT else problem)
    lines: list[str] = []
    command = [str(path), "-I", program("describe_python")]
    try:
        status = run_program(path, command, environment, is_cancelled, lines.append, timeout_s=_PROBE_S)
    except ProgramTimeout:
        raise ProbeError(f"it did not answer within {_PROBE_S:.0f} s") from None
    except OSError as error:
        raise ProbeError(f"it cannot be started ({error.strerror or error})") from None
    if status != 0 or not lines:
        said = f": {lines[-1]}" if lines else ""
        raise ProbeError(f"it does not answer as Python {_dotted(OLDEST)} or newer does (exit code {status}{said})")
    try:
        return _facts(path, json.loads(lines[-1]))
    except (ValueError, KeyError, TypeError):
        raise ProbeError(f"its answer was not understood: {lines[-1][:200]}") from None


def _facts(path: Path, answer: Mapping[str, Any]) -> PythonFacts:
    major, minor, micro = answer["version"]
    return PythonFacts(
        path=path,
        version=(int(major), int(minor), int(micro)),
        implementation=str(answer["implementation"]),
        bits=int(answer["bits"]),
        machine=str(answer["machine"]),
        platform=str(answer["platform"]),
        free_threaded=bool(answer["free_threaded"]),
        has_venv=bool(answer["venv"]),
        has_ensurepip=bool(answer["ensurepip"]),
        packages=dict(answer["packages"]),
    )


def why_unfit_for_engine(facts: PythonFacts) -> str | None:
    """Why the engine cannot run in this Python; None if it can."""
    if facts.implementation != "cpython":
        return f"it is {facts.implementation}; PyTorch needs the usual CPython"
    if facts.version[:2] < OLDEST:
        return f"it is Python {facts.version_text}; {_dotted(OLDEST)} or newer is needed"
    if facts.bits != 64:
        return f"it is a {facts.bits}-bit Python; PyTorch exists for 64 bit only"
    if facts.free_threaded:
        return "it is a free-threaded build, for which some packages have no wheels"
    if facts.platform == "darwin" and facts.machine == "x86_64":
        return "it is made for Intel processors, for which PyTorch has no current version on macOS"
    return None


def why_unfit_as_base(facts: PythonFacts) -> str | None:
    """Why no environment can be made from this Python; None if it can."""
    unfit = why_unfit_for_engine(facts)
    if unfit is not None:
        return unfit
    if facts.version[:2] > NEWEST:
        return f"it is Python {facts.version_text}; packages exist up to {_dotted(NEWEST)}"
    lacking = [name for name, there in (("venv", facts.has_venv), ("ensurepip", facts.has_ensurepip)) if not there]
    if lacking:
        return f"it cannot make environments: its module {' and '.join(lacking)} is missing"
    return None


def candidates(environ: Mapping[str, str] | None = None) -> list[Candidate]:
    """Pythons worth a look: the one QGIS itself uses, then those on PATH.

    sys.executable is not one of them: inside QGIS it is QGIS, or whatever python3 comes first.
    """
    search = (os.environ if environ is None else environ).get("PATH", "")
    found = [Candidate(path, "the Python of QGIS") for path in _of_qgis()]
    for name in _NAMES:
        path = shutil.which(name, path=search)
        if path is not None:
            found.append(Candidate(Path(path), f"{name} on PATH"))
    found += [Candidate(path, "an installed Python") for path in _registered()]
    unique: dict[str, Candidate] = {}
    for candidate in found:
        if is_file(candidate.path):
            unique.setdefault(os.path.realpath(candidate.path), candidate)
    return list(unique.values())


def _of_qgis() -> list[Path]:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    folders = [Path(folder) for folder in dict.fromkeys((sys.base_prefix, sys.base_exec_prefix, sys.prefix))]
    if sys.platform == "win32":
        return [folder / "python.exe" for folder in folders]
    return [folder / "bin" / name for folder in folders for name in (version, "python3")]


def _registered() -> list[Path]:
    """Pythons that their installers entered into the registry of Windows."""
    found: list[Path] = []
    if sys.platform == "win32":
        import winreg

        for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            for name in _NAMES:
                key = rf"SOFTWARE\Python\PythonCore\{name[len('python') :]}\InstallPath"
                try:
                    found.append(Path(winreg.QueryValue(root, key)) / "python.exe")
                except OSError:  # this version is not installed
                    continue
    return found


def choose_base_python(
    named: Path | None,
    among: Iterable[Candidate],
    environment: Mapping[str, str],
    is_cancelled: Callable[[], bool],
) -> tuple[PythonFacts, str]:
    """The first Python that will do, and how it was found.

    A Python that the user named is the only one that is looked at.

    Raises
    ------
    SetUpError : none will do; the message lists what was tried and why each was refused
    SetUpCancelled : the user stopped
    """
    refused = []
    for candidate in [Candidate(named, "named by you")] if named is not None else among:
        try:
            facts = probe(candidate.path, environment, is_cancelled)
            reason = why_unfit_as_base(facts)
        except ProbeError as error:
            reason = str(error)
        if reason is None:
            return facts, candidate.origin
        refused.append(f"{candidate.path} ({candidate.origin}): {reason}.")
    raise SetUpError(_nothing_found(named, refused), _advice(refused))


def _nothing_found(named: Path | None, refused: list[str]) -> str:
    if named is not None:
        return f"The engine's environment cannot be made from the Python you named. {refused[0]}"
    if not refused:
        return f"No Python was found: neither that of QGIS nor one of {', '.join(_NAMES)} on PATH."
    return "No Python was found from which the engine's environment can be made. Tried: " + " ".join(refused)


def _advice(refused: list[str]) -> str:
    if sys.platform.startswith("linux"):
        lacking = [match for text in refused for match in re.findall(r"python3\.\d+(?=.*module)", text)]
        package = f"{lacking[0]}-venv" if lacking else "python3-venv"
        advice = f"Install Python {_dotted(OLDEST)} or newer with its module venv (Debian, Ubuntu: sudo apt install {package})"
    else:
        advice = "Install a 64-bit Python 3.12 (from python.org)"
    return f"{advice}, then run 'Set up engine' again, or give the path of another Python as 'Base Python'."


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
