"""One process that maps scenes, as seen by the process that has started it."""

from __future__ import annotations

import json
import os
import subprocess  # nosec B404
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..manifest import Row
from ..tasks import Task

# A module that is run by its name, as those of operations are: it lies above this one.
COMMAND = (sys.executable, "-m", "hsi_engine.scene_worker")
LOST = "engine.worker_lost"
# A process notices the end of its input at once; it is killed if it has not ended after this.
END_S = 1.0


@dataclass(kw_only=True)
class InWork:
    """What a process is doing."""

    task: Task
    attempt: int
    started: float


class SceneProcess:
    """Starts ``python -m hsi_engine.scene_worker``; its messages are read with :meth:`messages`.

    Parameters
    ----------
    model : file of the model, which it loads once.
    threads : of torch in it.
    folder : its working folder; None: that of this process.
    errors : open file for what libraries print; None: standard error of this process.

    Attributes
    ----------
    in_work : the scene it maps.
    is_ready : it has loaded the model.
    prefix : what the names of its temporary files begin with; empty until it is ready.

    Raises
    ------
    OSError : it cannot be started.
    """

    def __init__(
        self,
        model: Path,
        threads: int,
        *,
        command: Sequence[str] = COMMAND,
        folder: Path | None = None,
        errors: Any = None,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # nosec B603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=_environment(threads),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.in_work: InWork | None = None
        self.is_ready = False
        self.prefix = ""
        self._outputs: Path | None = None
        self._tell(model=str(model.absolute()))

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it sends, until it ends."""
        for line in self._process.stdout or ():
            yield json.loads(line)

    def note_ready(self, message: dict[str, Any]) -> None:
        """It has said that it is ready for a scene."""
        self.is_ready, self.prefix = True, message["prefix"]

    def map(self, task: Task, attempt: int) -> None:
        """Hand it a scene; a row follows among its messages."""
        self.in_work = InWork(task=task, attempt=attempt, started=time.perf_counter())
        self._outputs = task.params.output.parent
        self._tell(task=task.to_json(), attempt=attempt)

    def lost_row(self) -> Row | None:
        """What is to be noted of its scene after it has ended on its own; None if it had none."""
        if self.in_work is None:
            return None
        return Row(
            scene=self.in_work.task.scene,
            status="failed",
            attempt=self.in_work.attempt,
            seconds=round(time.perf_counter() - self.in_work.started, 3),
            code=LOST,
            message=f"The process that mapped it {self.how_it_ended()} before it had finished.",
            hint="The machine may have run out of memory: use fewer processes.",
            transient=True,
        )

    def how_it_ended(self) -> str:
        """A verb with what follows it; waits for the end."""
        code = self._process.wait()
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def close_input(self) -> None:
        """Let it end at once, whatever it does, without waiting."""
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]

    def end(self, within_s: float = END_S) -> None:
        """End it, and remove what it was writing."""
        self.close_input()
        try:
            self._process.wait(max(0.0, within_s))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            with suppress(OSError):
                self._process.stdout.close()
        if self._outputs is not None and self.prefix:
            for file in self._outputs.glob(f"{self.prefix}*"):
                with suppress(OSError):
                    file.unlink()

    def _tell(self, **content: Any) -> None:
        with suppress(BrokenPipeError):  # it has ended; that is noticed when messages are read
            self._process.stdin.write(json.dumps(content).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def _environment(threads: int) -> dict[str, str]:
    """That of this process, with the cores shared out and this very engine found first."""
    root = str(Path(__file__).parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": str(threads)}
