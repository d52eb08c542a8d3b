"""The time that outputs state: now, or that of ``SOURCE_DATE_EPOCH``, so that a repeated job writes the same bytes.

See https://reproducible-builds.org/specs/source-date-epoch: seconds since 1970, in UTC.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

_VARIABLE = "SOURCE_DATE_EPOCH"


def shown_time() -> str:
    """For a page: ``2026-05-09 07:35 CEST``; in UTC if the environment states it."""
    stated = _stated()
    return (datetime.now().astimezone() if stated is None else stated).strftime("%Y-%m-%d %H:%M %Z")


def recorded_time() -> str:
    """For a record: ISO 8601 in UTC, to the second."""
    return (_stated() or datetime.now(timezone.utc)).isoformat(timespec="seconds")


def _stated() -> datetime | None:
    try:
        return datetime.fromtimestamp(int(os.environ[_VARIABLE]), timezone.utc)
    except (KeyError, ValueError, OverflowError, OSError):  # not set, or no time
        return None
