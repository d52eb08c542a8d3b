"""The places of files in the folder of the engine."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


def environment_python(environment: Path, platform: str = sys.platform) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "Scripts" / "python.exe" if platform == "win32" else environment / "bin" / "python"


@dataclass(frozen=True)
class Location:
    """The folder that holds the environment and what is known about it; see ``engine_home``."""

    folder: Path

    @property
    def environment(self) -> Path:
        return self.folder / "environment"

    @property
    def python(self) -> Path:
        return environment_python(self.environment)

    @property
    def record(self) -> Path:
        """What was built and checked; exists only next to an environment that passed its check."""
        return self.folder / "env.json"

    @property
    def existing_record(self) -> Path:
        """The same about an existing Python of the user."""
        return self.folder / "existing.json"

    @property
    def marker(self) -> Path:
        """Stands while a set-up runs, or when one was cut off; holds its step."""
        return self.folder / ".installing"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def requirements(self) -> Path:
        """What the installer is asked for."""
        return self.folder / "requirements.txt"

    @property
    def cache(self) -> Path:
        """Downloads of an unfinished set-up, so that a repair need not fetch them again."""
        return self.folder / "cache"

    @property
    def log(self) -> Path:
        """What the last set-up said."""
        return self.folder / "set_up.log"

    @property
    def failures(self) -> Path:
        """The last failures, for the report to the maintainers."""
        return self.folder / "failures.json"
