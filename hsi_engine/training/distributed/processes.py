"""Training one network in several processes: starts them, forwards the messages of the first one, and ends them all."""

from __future__ import annotations

import json
import os
import queue
import subprocess  # nosec B404
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import HsiError, TrainingError, error_from_dict
from ...reporting import Reporter
from ..checkpoint import Checkpoint
from ..loop import TrainingData
from ..state import TrainingState
from .rank_job import RankJob, read_outcome, write_job

# A module that is run by its name, as those of operations are: it lies above this one.
_RANK_MODULE = "hsi_engine.rank"
_LOST = "training.process_lost"
_POLL_S = 0.1
# A rank notices the end of its input while it computes; it is killed if it has not ended after this.
_END_S = 3.0
# A lost rank breaks the connections of the others, which may be reported first.
_CAUSE_S = 2.0


def train_in_processes(
    job: RankJob,
    data: TrainingData,
    reporter: Reporter,
    *,
    command: Sequence[str] = (sys.executable, "-m", _RANK_MODULE),
) -> tuple[TrainingState, dict[str, Tensor]]:
    """Train a network in one process per device; returns the state and the best weights.

    All of them have ended when this returns, also by an error or a cancel.

    Parameters
    ----------
    data : the pages of its cube lie in memory, not in a file.
    command : starts a rank; its number is added.

    Raises
    ------
    HsiError : of a rank: the first that has failed. TrainingError if one ends without a word, as it does when the
        system kills it.
    Cancelled : asked ten times a second; the checkpoint of finished epochs stays.
    """
    # The first rank removes the folder too, if this process has not.
    with tempfile.TemporaryDirectory(prefix="hsi-ranks-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        before = None if job.checkpoint is None else _written(job.checkpoint)
        group = _Group(command, write_job(folder, job, data), job.world_size)
        try:
            outcome = read_outcome(folder, group.listen(reporter))
        except TrainingError as error:
            if error.code == _LOST and job.checkpoint is not None and _written(job.checkpoint) not in (before, None):
                error.hint = f"{error.hint} {job.checkpoint.kept_epochs}"
            raise
        finally:
            group.end()
        return outcome


def _written(checkpoint: Checkpoint) -> int | None:
    """When a checkpoint was written; None if there is none."""
    return checkpoint.path.stat().st_mtime_ns if checkpoint.exists() else None


class _Group:
    """The processes of one job."""

    def __init__(self, command: Sequence[str], request: str, size: int) -> None:
        self._inbox: queue.SimpleQueue[tuple[int, dict[str, Any] | None]] = queue.SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        environment = _environment(size)
        try:
            for rank in range(size):
                process = subprocess.Popen(  # noqa: S603  # nosec B603
                    [*command, str(rank)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
                self._processes.append(process)
                threading.Thread(target=self._read, args=(rank, process), daemon=True).start()
                self._tell(process, request)
        except OSError as error:
            self.end()
            raise TrainingError(
                f"Process {len(self._processes) + 1} of {size} cannot be started: {error}.",
                code="process_start",
                hint="Use fewer processes.",
            ) from error

    @staticmethod
    def _tell(process: subprocess.Popen[bytes], request: str) -> None:
        with suppress(BrokenPipeError):  # it has ended; that is noticed when messages are read
            process.stdin.write(request.encode() + b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]

    def _read(self, rank: int, process: subprocess.Popen[bytes]) -> None:
        """Runs in a separate thread: messages of one rank, then None."""
        for line in process.stdout or ():
            self._inbox.put((rank, json.loads(line)))
        self._inbox.put((rank, None))

    def listen(self, reporter: Reporter) -> dict[str, Any]:
        """Forward the messages of the first rank until all have finished; returns its outcome."""
        unfinished = set(range(len(self._processes)))
        outcome: dict[str, Any] = {}
        while unfinished:
            reporter.check_cancelled()
            try:
                rank, message = self._inbox.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if message is None:
                if rank in unfinished:
                    raise self._lost(rank)
            elif message["type"] == "error":
                raise self._cause(error_from_dict(message["error"]))
            elif message["type"] == "finished":
                unfinished.discard(rank)
                outcome = message["outcome"] or outcome
            else:
                _pass_on(message, reporter)
        return outcome

    def _cause(self, error: HsiError) -> HsiError:
        """``error``, or that of a rank without which it would not have come about."""
        until = time.monotonic() + _CAUSE_S
        while error.code == "engine.unexpected" and (left := until - time.monotonic()) > 0:
            with suppress(queue.Empty):
                rank, message = self._inbox.get(timeout=left)
                if message is None:
                    return self._lost(rank)
                if message["type"] == "error":
                    error = error_from_dict(message["error"])
        return error

    def _lost(self, rank: int) -> TrainingError:
        code = self._processes[rank].wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return TrainingError(
            f"Training process {rank + 1} of {len(self._processes)} {how} before it had finished.",
            code=_LOST.partition(".")[2],
            hint="The machine may have run out of memory: use fewer processes, or smaller batches or patches.",
        )

    def end(self) -> None:
        """End all processes, whatever they do."""
        for process in self._processes:
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]
        until = time.monotonic() + _END_S
        for process in self._processes:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _pass_on(message: dict[str, Any], reporter: Reporter) -> None:
    kind = message.pop("type")
    if kind == "progress":
        reporter.progress(message["fraction"], message["message"])
    elif kind == "log":
        reporter.log(message["message"], message["level"])
    elif kind == "metric":
        reporter.metric(message["name"], message["value"], message["step"])
    elif kind == "if_cancelled":
        reporter.if_cancelled(message["message"])


def _environment(size: int) -> dict[str, str]:
    """That of this process, with the cores shared out and this very engine found first."""
    root = str(Path(__file__).parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = max(1, torch.get_num_threads() // size)
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": str(threads)}
