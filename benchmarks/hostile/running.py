"""Running trials in forked processes that are watched, and judging what came of each.

A process runs one trial after the other and sends a line before and after each. The parent ends it when a trial takes too long or too
much memory, and starts another one for the trials that remain.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import random
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hsi_engine.errors import HsiError
from hsi_engine.failures import as_hsi_error
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.function import call
from hsi_engine.reporting import SilentReporter

from . import outputs, project
from .kinds import KINDS, Kind, Trial

GOOD = ("ok", "refused")
BAD = ("traceback", "crash", "hang", "memory", "broken")
CPU_LIMIT_S, IDLE_LIMIT_S = 20.0, 20.0
MEMORY_LIMIT = 2 << 30
# Beyond it a process gets no memory at all, should it take it faster than the parent looks.
_ADDRESS_SPACE = 12 << 30
_TICK_S = 0.2
_WORDS = 25
_NOT_MADE = 3
# What operations import when they need it.
_ALSO = (
    "geopandas", "matplotlib.pyplot", "onnxruntime", "sklearn.ensemble", "sklearn.svm", "scipy.ndimage", "safetensors.torch",
    "hsi_engine.bundle.onnx.reading", "hsi_engine.io.labels.vector_labels", "hsi_engine.report.html", "defusedxml.ElementTree",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial: one of :data:`GOOD` or :data:`BAD`, and what was said or went wrong."""

    kind: str
    number: int
    outcome: str
    said: str = ""
    seconds: float = 0.0
    trial: dict[str, Any] = field(default_factory=dict)


def preload() -> None:
    """Import what trials need, once for all processes that are forked from this one."""
    for name in CATALOGUE:
        with contextlib.suppress(ImportError):
            CATALOGUE[name].load_run()
    for module in _ALSO:
        importlib.import_module(module)


def make_clean(folder: Path) -> None:
    """Make the clean folder in a separate process, which leaves threads and open files behind."""
    folder.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if not child:
        try:
            os.chdir(folder)
            warnings.simplefilter("ignore")
            project.make(folder)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("The clean files could not be made.")


def outcomes(name: str, numbers: Sequence[int], seed: str, clean: Path, failures: Path | None) -> Iterator[Outcome]:
    """The outcome of each trial of a kind; inputs of bad ones are kept in ``failures``."""
    left = list(numbers)
    with tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True) as scratch:
        while left:
            for outcome in _in_a_process(name, left, seed, clean, Path(scratch)):
                left.remove(outcome.number)
                if outcome.outcome in BAD and failures is not None:
                    _keep(outcome, seed, clean, failures)
                yield outcome


def folder_of(name: str, number: int, seed: str, clean: Path, folder: Path) -> Trial:
    """Make the input of a trial in an empty folder."""
    kind: Kind = KINDS[name]
    project.copy(clean, folder, kind.files)
    return kind.make(random.Random(f"{seed} {name} {number}"), folder)


def _keep(outcome: Outcome, seed: str, clean: Path, failures: Path) -> None:
    """Write the input of a bad trial out: the files that are not as they were clean, and the request."""
    target = failures / f"{outcome.kind}-{outcome.number}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    child = os.fork()  # libraries that damage files may themselves stumble over them
    if not child:
        with contextlib.suppress(BaseException):
            folder_of(outcome.kind, outcome.number, seed, clean, target)
        os._exit(0)
    os.waitpid(child, 0)
    for file in target.rglob("*"):
        original = clean / file.relative_to(target)
        if (
            file.is_file()
            and not file.is_symlink()
            and original.is_file()
            and original.read_bytes() == file.read_bytes()
        ):
            file.unlink()
    (target / "trial.json").write_text(json.dumps(asdict(outcome), indent=1))


def _in_a_process(name: str, numbers: Sequence[int], seed: str, clean: Path, scratch: Path) -> Iterator[Outcome]:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _run_all(name, numbers, seed, clean, scratch, writer)
    os.close(writer)
    watched = _Watched(child)
    current: int | None = None
    ended = ""
    buffer = b""
    try:
        while not ended:
            if select.select([reader], [], [], _TICK_S)[0]:
                piece = os.read(reader, 1 << 20)
                if not piece:
                    break
                *lines, buffer = (buffer + piece).split(b"\n")
                for line in lines:
                    message = json.loads(line)
                    if "begin" in message:
                        current = message["begin"]
                        watched.begin()
                    else:
                        current = None
                        yield Outcome(**message)
            if current is not None:
                ended = watched.fault()
    finally:
        os.close(reader)
        if ended or sys.exc_info()[0] is not None:
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    if current is not None:
        if not ended and os.WIFEXITED(status) and os.WEXITSTATUS(status) == _NOT_MADE:
            raise RuntimeError(f"trial {current} of {name} could not be made: {_last_words(scratch)}")
        said = ended or f"the process ended with status {status}: {_last_words(scratch)}"
        yield Outcome(
            kind=name, number=current, outcome=ended.partition(":")[0] or "crash", said=said, seconds=watched.seconds()
        )


def _last_words(scratch: Path) -> str:
    with contextlib.suppress(OSError):
        return (scratch / "stderr").read_text(encoding="utf-8", errors="replace")[-1500:]
    return ""


class _Watched:
    """How long and on how much memory a process works on a trial. Time is that of its processor: others may use it, too."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.begin()

    def begin(self) -> None:
        self._began = time.monotonic()
        self._cpu, self._rss = self._used()
        self._busy = self._began, self._cpu

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def fault(self) -> str:
        """``hang: …`` or ``memory: …``; empty if there is none."""
        now, (cpu, rss) = time.monotonic(), self._used()
        if cpu > self._busy[1]:
            self._busy = now, cpu
        if rss - self._rss > MEMORY_LIMIT:
            return f"memory: {(rss - self._rss) >> 20} MB more than before"
        if cpu - self._cpu > CPU_LIMIT_S:
            return f"hang: {cpu - self._cpu:.0f} s of computing"
        return f"hang: {now - self._busy[0]:.0f} s of waiting" if now - self._busy[0] > IDLE_LIMIT_S else ""

    def _used(self) -> tuple[float, int]:
        """Seconds of the processor and bytes of memory."""
        try:
            parts = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0, 0
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(parts[11]) + int(parts[12])) / ticks, int(parts[21]) * os.sysconf("SC_PAGE_SIZE")


def _run_all(name: str, numbers: Sequence[int], seed: str, clean: Path, scratch: Path, writer: int) -> None:
    """The child: never returns."""
    try:
        errors = (scratch / "stderr").open("w")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(errors.fileno(), 2)
        faulthandler.enable(errors)
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        warnings.simplefilter("ignore")
        for number in numbers:
            folder = scratch / f"t{number}"
            folder.mkdir()
            os.chdir(folder)
            _send(writer, {"begin": number})
            trial = folder_of(name, number, seed, clean, folder)
            _send(writer, asdict(_outcome(name, number, trial, folder)))
            os.chdir(scratch)
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        os._exit(_NOT_MADE)


def _send(writer: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(writer, data) :]


def _outcome(name: str, number: int, trial: Trial, folder: Path) -> Outcome:
    before = outputs.contents(folder)
    began = time.monotonic()
    outcome, said = run_trial(trial)
    if outcome in GOOD:
        problem = outputs.problem(folder, before, trial, refused=outcome == "refused")
        outcome, said = ("broken", f"{problem} [{said}]") if problem else (outcome, said)
    request = {"operation": trial.operation, "params": dict(trial.params)} if outcome in BAD else {}
    return Outcome(
        kind=name, number=number, outcome=outcome, said=said, seconds=time.monotonic() - began, trial=request
    )


def run_trial(trial: Trial) -> tuple[str, str]:
    """``ok``, ``refused`` or ``traceback``, and what was said; the answer has to be one that can be sent as JSON."""
    try:
        result = call(CATALOGUE[trial.operation], trial.params, SilentReporter())
        json.dumps(result.to_json(), allow_nan=False)
        result.to_text()
        return "ok", ""
    except HsiError as error:
        return _judged(error, error)
    except (KeyboardInterrupt, SystemExit) as error:
        return "traceback", repr(error)
    except BaseException as error:
        return _judged(as_hsi_error(error), error)


def _judged(known: HsiError, error: BaseException) -> tuple[str, str]:
    """An error that a user can read, or one that asks for a report; memory that is not there is neither."""
    said = json.dumps(known.to_dict(), ensure_ascii=False)
    if known.code.endswith((".unexpected", ".memory", ".missing_library")):
        return "traceback", f"{said}\n{''.join(traceback.format_exception(error))[-2500:]}"
    if len(known.message) < _WORDS:
        return "traceback", f"says too little: {said}"
    return "refused", said
