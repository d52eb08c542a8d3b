"""Remembers the last failures for the engine's report, since the log of QGIS is gone when it closes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..install.pip_settings import without_credentials
from .record import read_json, write_json

_KEPT = 5
_DETAIL_LINES = 30


def remember_failure(path: Path, what: str, message: str, details: str = "") -> None:
    """Add a failure to the file and drop the oldest of more than five; passwords in addresses are left out.

    Parameters
    ----------
    what : the algorithm
    details : of these the last thirty lines are kept
    """
    entry = {
        "time": now(),
        "what": what,
        "message": without_credentials(message),
        "details": without_credentials("\n".join(details.splitlines()[-_DETAIL_LINES:])),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, [*last_failures(path), entry][-_KEPT:])


def last_failures(path: Path) -> list[dict[str, str]]:
    """The failures, oldest first; none if the file is missing or damaged."""
    data = read_json(path)
    entries = data if isinstance(data, list) else []
    return [{str(key): str(value) for key, value in entry.items()} for entry in entries if isinstance(entry, dict)]


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
