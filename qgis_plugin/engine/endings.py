"""What the exit code of a worker without a last message means, as sentences for people."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from .clean_environment import compiled_modules
from .failures import EngineDied, EngineFailure, EngineMissing

_MEMORY = (
    "memory",
    "most likely because the computer ran out of memory",
    "Close other programs, lower the memory limit, batch size or patch size, or work on part of the scene.",
)
_CRASH = (
    "crash",
    "because one of its libraries or the graphics driver crashed",
    "Try the device 'cpu' and an updated graphics driver; if it happens again, run 'Set up engine' to repair it.",
)
_PROCESSOR = (
    "processor",
    "because one of its libraries was built for a newer processor than this machine has",
    "Set up the engine with versions of its packages that were built for this processor.",
)
_OUTSIDE = (
    "ended",
    "because another program or the system asked it to",
    "Run the job again.",
)
_LIBRARY = (
    "library",
    "because a library it needs could not be loaded, or a virus scanner blocked it",
    "Run 'Set up engine' to repair it; if that does not help, allow its folder in the virus scanner.",
)
_UNKNOWN = (
    "died",
    "without saying why",
    "Run it again; if it happens again, report it with the log of this job.",
)

_SIGNALS = {
    "SIGKILL": _MEMORY,
    "SIGABRT": _CRASH,
    "SIGBUS": _CRASH,
    "SIGFPE": _CRASH,
    "SIGSEGV": _CRASH,
    "SIGILL": _PROCESSOR,
    "SIGHUP": _OUTSIDE,
    "SIGINT": _OUTSIDE,
    "SIGTERM": _OUTSIDE,
}
# The status with which Windows ends a program; Python gives it as an unsigned number.
_WINDOWS = {
    0xC0000005: _CRASH,  # access violation
    0xC0000374: _CRASH,  # damaged heap
    0xC0000409: _CRASH,  # damaged stack, or abort()
    0xC0000017: _MEMORY,
    0xC000012D: _MEMORY,  # the page file is full
    0xC000001D: _PROCESSOR,  # illegal instruction
    0xC000013A: _OUTSIDE,  # Ctrl-C, or the window was closed
    0xC000007B: _LIBRARY,  # library for another kind of processor
    0xC0000135: _LIBRARY,  # library not found
    0xC0000142: _LIBRARY,  # library did not start
}


# Python up to 3.12 keeps what a full disk cut off, and fails on it from then on.
_CUT_SHORT = "marshal data too short"


def explain_end(exit_code: int | None, printed: str) -> EngineDied:
    """Why a worker ended in the middle of a job.

    Parameters
    ----------
    exit_code : as :class:`subprocess.Popen` gives it, negative for a signal; None if the worker had to be killed
        because it neither spoke nor ended.
    printed : the last lines that it printed.
    """
    code, reason, hint = _reason(exit_code)
    return EngineDied(
        f"The engine ended {reason} ({_name(exit_code)}). No output was finished by this job.",
        hint=hint,
        code=f"engine.{code}",
        details=printed,
    )


def explain_failed_start(python: Path, exit_code: int | None, printed: str) -> EngineFailure:
    """Why a program that was started as the engine's Python ended before the worker spoke."""
    code, reason, hint = _reason(exit_code)
    if code != "died":
        return EngineDied(
            f"The engine ended during start-up, {reason} ({_name(exit_code)}).",
            hint=hint,
            code=f"engine.{code}",
            details=printed,
        )
    last = printed.splitlines()[-1].strip() if printed else "it printed nothing"
    if last.endswith(_CUT_SHORT):
        shutil.rmtree(compiled_modules(), ignore_errors=True)
        return EngineDied(
            "The engine did not start: a module that Python had compiled and kept was incomplete, as happens when the disk is full. "
            "All compiled modules were removed.",
            hint=f"Make sure that there is space on the disk of '{compiled_modules()}', then run the job again.",
            code="engine.compiled_modules",
            details=printed,
        )
    return EngineMissing(
        f"'{python}' does not run the engine ({_name(exit_code)}: {last[:200]}).",
        hint="The engine needs Python 3.10 or newer with its packages: run 'Set up engine', or choose another Python in"
        " the options of HSI Classifier.",
        code="engine.not_started",
        details=printed,
    )


def _reason(exit_code: int | None) -> tuple[str, str, str]:
    if exit_code is None:
        return _UNKNOWN
    if exit_code in _WINDOWS:
        return _WINDOWS[exit_code]
    return _SIGNALS.get(_signal_name(exit_code), _UNKNOWN)


def _signal_name(exit_code: int) -> str:
    # A shell between the worker and this process, as in a start script, turns signal n into 128 + n.
    number = -exit_code if exit_code < 0 else exit_code - 128
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


def _name(exit_code: int | None) -> str:
    if exit_code is None:
        return "it closed its output but did not end"
    name = _signal_name(exit_code)
    if name in _SIGNALS:
        return f"signal {name}"
    return f"exit code {exit_code:#x}" if exit_code > 255 else f"exit code {exit_code}"
