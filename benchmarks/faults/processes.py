"""Surroundings that a process has from its start: each job runs in a new Python."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from .running import End
from .trials import Outcome, Trial, fresh

_ROOT = Path(__file__).resolve().parents[2]
_JOB = """
import os, sys
from pathlib import Path
if os.environ.get("FAULTS_COMMA"):
    import locale
    locale.setlocale(locale.LC_ALL, "")
    if locale.localeconv()["decimal_point"] != ",":
        sys.exit("the locale has no comma")
from benchmarks.faults.jobs import JOBS
from benchmarks.faults.running import REPORT, _run
job = next(job for job in JOBS if job.name == sys.argv[1])
end = _run(lambda: job.run(Path(sys.argv[2]), Path(sys.argv[3]), True))
Path(sys.argv[4]).write_text(end.how + "\\n" + end.said, encoding="utf-8", errors="backslashreplace")
"""


_PLAIN = {"LANG": "C", "LC_ALL": "C"}


def plain_c(trial: Trial) -> Outcome:
    """LANG=C, with paths that ASCII does not have."""
    return _in_process(trial, _PLAIN)


def plain_c_for_good(trial: Trial) -> Outcome:
    """The same, and Python may do nothing about it."""
    return _in_process(trial, {**_PLAIN, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})


def comma(trial: Trial) -> Outcome:
    """A locale in which decimals have a comma, set for all libraries of the process."""
    folder = comma_locale()
    if folder is None:
        return trial.outcome("missed", "localedef made no locale")
    return _in_process(trial, {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8", "FAULTS_COMMA": "1"})


@functools.cache
def comma_locale() -> Path | None:
    """A folder with a German locale; None if this machine has no sources of locales."""
    folder = Path(tempfile.gettempdir()) / "faults-locales"
    name = folder / "de_DE.UTF-8"
    folder.mkdir(exist_ok=True)
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(name)]
    try:
        subprocess.run(command, check=False, capture_output=True)
    except OSError:
        return None
    return folder if (name / "LC_NUMERIC").exists() else None


def _in_process(trial: Trial, variables: dict[str, str]) -> Outcome:
    moved = replace(trial, out=fresh(trial.out.with_name("odd é ñ 中 🛰")))
    said = moved.out.with_name("said")
    said.unlink(missing_ok=True)
    words = [moved.known.job.name, str(moved.known.inputs), str(moved.out), str(said)]
    done = subprocess.run(
        [sys.executable, "-c", _JOB, *words],
        env={**os.environ, "PYTHONPATH": str(_ROOT), **variables},
        capture_output=True,
        check=False,
        timeout=600,
    )
    if not said.exists():
        return moved.outcome("lost", f"exit code {done.returncode}: {done.stderr[-1500:].decode('utf-8', 'replace')}")
    how, _, words_of_it = said.read_text(encoding="utf-8").partition("\n")
    return moved.judged(End(how, words_of_it))
