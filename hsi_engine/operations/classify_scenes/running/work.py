"""The tasks that are left, and what became of the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from ....bundle.model_bundle import ModelBundle
from ....errors import OutputError
from ....remaining_time import RemainingTime
from ....reporting import PhaseReporter, Reporter
from ..manifest import Row
from ..tasks import Task
from .one_scene import MEMORY_CODES, map_one
from .scene_process import LOST

ATTEMPTS = 3
"""At one scene in a run, at most."""
_LEAST_MEMORY_MB = 64
# No other scene could be written either.
_END_ALL = frozenset({"output.write_failed", "output.not_writable", "output.no_folder"})


class Work:
    """Tasks in their order; those that may succeed at another attempt come again, at most twice.

    Parameters
    ----------
    note : keeps the row of each attempt.

    Attributes
    ----------
    rows : the last row of each scene.
    """

    def __init__(self, tasks: Sequence[Task], note: Callable[[Row], None], reporter: Reporter) -> None:
        self._left = deque((task, 1) for task in tasks)
        self._total = len(tasks)
        self._note = note
        self._reporter = reporter
        self._remaining = RemainingTime()
        self.rows: dict[str, Row] = {}

    def __len__(self) -> int:
        return len(self._left)

    def limit_memory(self, memory_mb: int) -> None:
        """Let each scene that is left use this many MiB for its tiles."""
        self._left = deque((task.with_memory(memory_mb), attempt) for task, attempt in self._left)

    def take(self) -> tuple[Task, int] | None:
        """The next task and which attempt at it this is; None if none is left for now."""
        self._reporter.check_cancelled()
        return self._left.popleft() if self._left else None

    def settle(self, task: Task, row: Row) -> None:
        """Note what became of a task.

        Raises
        ------
        OutputError : the output folder no longer takes files; the remaining tasks are not begun.
        """
        self._note(row)
        if row.transient and row.attempt < ATTEMPTS:
            if row.code in (*MEMORY_CODES, LOST):
                task = task.with_memory(max(_LEAST_MEMORY_MB, task.params.memory_mb // 2))
            self._reporter.log(
                f"{task.scene}: {row.message} Attempt {row.attempt + 1} of {ATTEMPTS} follows.", "warning"
            )
            self._left.append((task, row.attempt + 1))
            return
        self.rows[task.scene] = row
        if row.status != "done":
            self._reporter.log(f"{task.scene} {row.status}: {row.message} {row.hint}".rstrip(), "warning")
        if row.code in _END_ALL:
            raise OutputError(
                f"{row.message} {self._count('done')} of {self._total} scenes have been mapped in this run; the others were not"
                " begun or are lost.",
                code=row.code.partition(".")[2],
                hint=f"{row.hint} Start it again to continue.".lstrip(),
            )
        self.show(0.0)

    def note_lost(self, row: Row) -> None:
        """Note an attempt that ended with the worker; another one has begun already."""
        self._note(row)
        self._reporter.log(f"{row.scene}: {row.message} Attempt {row.attempt + 1} of {ATTEMPTS} follows.", "warning")

    def show(self, within: float, words: str = "") -> None:
        """Report the progress; ``within`` is the share of the scene in work that is done."""
        share = (len(self.rows) + within) / max(1, self._total)
        done = f"{len(self.rows)} of {self._total} scenes finished"
        self._reporter.progress(share, f"Classifying scenes: {done}{words}{self._remaining.after(share)}")
        done_now = self._count("done")
        self._reporter.if_cancelled(
            f"Cancelled. {done_now} {'map is' if done_now == 1 else 'maps are'} finished and kept; start it again to continue."
        )

    def _count(self, status: str) -> int:
        return sum(row.status == status for row in self.rows.values())


def work_here(work: Work, model: ModelBundle, reporter: Reporter) -> None:
    """Map one scene after the other in this process.

    Raises
    ------
    Cancelled : finished maps stay.
    OutputError : as :meth:`Work.settle`.
    """
    work.show(0.0)
    while (taken := work.take()) is not None:
        task, attempt = taken
        work.settle(task, map_one(task, model, _SceneReporter(reporter, work, task), attempt))


class _SceneReporter(PhaseReporter):
    """Of one scene among many: its notes go into its Item, and the progress is that of all scenes."""

    def __init__(self, parent: Reporter, work: Work, task: Task) -> None:
        super().__init__(parent, 0.0, 1.0)
        self._work = work
        self._name = task.params.scene.name

    def progress(self, fraction: float, message: str = "") -> None:
        self._work.show(fraction, f", now {self._name}")

    def log(self, message: str, level: str = "info") -> None: ...

    def artifact(self, kind: str, path: object) -> None: ...

    def if_cancelled(self, message: str = "") -> None: ...
