"""One process that maps scenes, as seen by the process that has started it."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....runtime.child_process import ChildProcess
from ..manifest import Row
from ..tasks import Task

# A module that is run by its name, as those of operations are: it lies above this one.
COMMAND = (sys.executable, "-m", "hsi_engine.scene_worker")
LOST = "engine.worker_lost"


@dataclass(kw_only=True)
class InWork:
    """What a process is doing."""

    task: Task
    attempt: int
    started: float


class SceneProcess(ChildProcess):
    """Starts ``python -m hsi_engine.scene_worker``.

    Parameters
    ----------
    model : file of the model, which it loads once.
    threads, folder, errors : as for :class:`.ChildProcess`.

    Attributes
    ----------
    in_work : the scene it maps.
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
        super().__init__(command, threads, folder=folder, errors=errors)
        self.in_work: InWork | None = None
        self.tell(model=str(model.absolute()))

    def map(self, task: Task, attempt: int) -> None:
        """Hand it a scene; a row follows among its messages."""
        self.in_work = InWork(task=task, attempt=attempt, started=time.perf_counter())
        self.writes_to = task.params.output.parent
        self.tell(task=task.to_json(), attempt=attempt)

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
