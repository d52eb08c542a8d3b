"""Makes a fraction of what pip and uv print while they install."""

from __future__ import annotations

import re

_RAW = re.compile(r"^Progress (\d+) of (\d+)$")
_PIP_FILE = re.compile(r"^(?:Downloading|Using cached|Processing)\s+(\S+)")
_UV_FILE = re.compile(r"^(?:Downloading|Downloaded|Building|Built)\s+(\S+)")
_MILESTONES = (
    (re.compile(r"^Resolved (\d+) packages"), 0.05, "Downloading packages"),
    (re.compile(r"^Prepared (\d+) packages"), 0.85, "Installing packages"),
    (re.compile(r"^Installing collected packages"), 0.85, "Installing packages"),
    (re.compile(r"^Installed (\d+) packages"), 1.0, "Packages installed"),
    (re.compile(r"^Successfully installed"), 1.0, "Packages installed"),
)
_LAST_BYTES = 0.8  # what the arrival of bytes alone can reach


class InstallProgress:
    """How far an installation is.

    Parameters
    ----------
    expected_bytes : what the whole is about; the fraction counts what arrived against it
    """

    def __init__(self, expected_bytes: int) -> None:
        self._expected = expected_bytes
        self._arrived = 0
        self._of_file = 0
        self.fraction = 0.0
        self.message = "Finding packages"

    def line(self, text: str) -> None:
        """Take in a line of the installer."""
        raw = _RAW.match(text)
        if raw:
            self._file_reached(int(raw[1]))
            return
        for pattern, fraction, message in _MILESTONES:
            if pattern.match(text):
                self._reach(fraction, message)
                return
        file = _PIP_FILE.match(text) or _UV_FILE.match(text)
        if file:
            name = re.split(r"[\\/]", file[1])[-1]
            self._arrived += self._of_file
            self._of_file = 0
            self._reach(self.fraction, f"Downloading packages: {name}")

    def grown(self, total_bytes: int) -> None:
        """Take in how much has been written in all; uv prints nothing while a large file arrives."""
        self._reach(_LAST_BYTES * min(total_bytes / self._expected, 1.0), self.message)

    def _file_reached(self, file_bytes: int) -> None:
        self._of_file = file_bytes
        self.grown(self._arrived + self._of_file)

    def _reach(self, fraction: float, message: str) -> None:
        self.fraction = max(self.fraction, fraction)
        self.message = message


def is_progress_line(text: str) -> bool:
    """Whether a line is meant for a program, and would only fill the log."""
    return _RAW.match(text) is not None
