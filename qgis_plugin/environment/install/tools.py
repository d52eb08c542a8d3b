"""Programs that belong to the environment under construction, run with one set of variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..records.journal import Journal
from .process import run_program


@dataclass(frozen=True)
class EnvironmentTools:
    """What every step of a set-up needs to run a program.

    Attributes
    ----------
    supervisor : the base Python; it watches the programs
    python : of the environment
    variables : of the environment of the process, cleaned, with QGIS's proxy
    folder : the engine's folder; programs work there
    journal : receives what they print
    """

    supervisor: Path
    python: Path
    variables: Mapping[str, str]
    folder: Path
    journal: Journal

    def run(
        self,
        command: Sequence[str],
        extra: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        on_tick: Callable[[], None] | None = None,
        timeout_s: float | None = None,
    ) -> int:
        """Run a program and return its exit status; without `on_line` its output goes to the journal.

        Raises
        ------
        SetUpCancelled, ProgramTimeout, OSError : see run_program
        """
        return run_program(
            self.supervisor,
            command,
            {**self.variables, **(extra or {})},
            self.journal.is_cancelled,
            on_line if on_line is not None else self.say,
            on_tick,
            timeout_s,
            self.folder,
        )

    def ask(self, command: Sequence[str], extra: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
        """Run a program whose output is meant for the plugin: exit status and lines."""
        lines: list[str] = []
        return self.run(command, extra, lines.append), lines

    def say(self, line: str) -> None:
        self.journal.log("console", line)

    def module(self, name: str, *arguments: str) -> list[str]:
        """The command for a module of the environment. -I: no file of the working folder can stand in for a module."""
        return [str(self.python), "-I", "-X", "utf8", "-m", name, *arguments]
