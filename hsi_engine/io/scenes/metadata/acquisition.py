"""What a file states about the sensor, the day and the time of the scene."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from ..source import Scene

_SENSORS = ("sensor_type", "sensor", "instrument", "nc_global_instrument", "sensor_name")
_DATES = ("acquisition_time", "acquisition_date", "start_time", "nc_global_time_coverage_start", "tifftag_datetime")
_UNKNOWN = frozenset({"", "unknown", "none", "n/a"})
_DAY = re.compile(r"(\d{4})[-:/]?(\d{2})[-:/]?(\d{2})")
# The time in that of a TIFF file is when the file was written, in no zone.
_TIMES = tuple(key for key in _DATES if key != "tifftag_datetime")
_TIME = re.compile(
    _DAY.pattern
    + r"[T ]+(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?(?![\d:]|\s*[ap]m)",
    re.IGNORECASE,
)
# Names of product files say more than most of their tags.
_PRODUCTS = (
    (re.compile(r"^ENMAP\d\d-"), "EnMAP"),
    (re.compile(r"^DESIS-HSI-"), "DESIS"),
    (re.compile(r"^PRS_L\d"), "PRISMA"),
    (re.compile(r"^EMIT_L\d"), "EMIT"),
    (re.compile(r"^AV3\d{8}"), "AVIRIS-3"),
)


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """Sensor, day as YYYY-MM-DD, and the start in time; None if the file does not say.

    ``start`` is in UTC, or has no zone if the file states none.
    """

    sensor: str | None
    day: str | None
    start: datetime | None = None


def acquisition_of(scene: Scene) -> Acquisition:
    """Read what a scene states as text, and the name of a product; nothing is guessed from pixels."""
    by_name = next((sensor for pattern, sensor in _PRODUCTS if pattern.match(scene.path.name)), None)
    day = _day(_first(scene.texts, _DATES))
    return Acquisition(sensor=by_name or _first(scene.texts, _SENSORS), day=day, start=_start(scene.texts, day))


def _first(texts_by_key: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    texts = (" ".join(texts_by_key.get(key, "").strip(" {}").split()) for key in keys)
    return next((text for text in texts if text.lower() not in _UNKNOWN), None)


def _day(text: str | None) -> str | None:
    found = None if text is None else _DAY.search(text)
    return None if found is None else "-".join(found.groups())


def _start(texts: Mapping[str, str], day: str | None) -> datetime | None:
    """The first time that is stated for this day; None if there is none, or it cannot be one."""
    for key in _TIMES:
        text = _first(texts, (key,))
        found = None if text is None or _day(text) != day else _TIME.search(text)
        if found is not None and (start := _moment(*found.groups())) is not None:
            return start
    return None


def _moment(
    year: str, month: str, day: str, hour: str, minute: str, second: str | None, part: str | None, zone: str | None
) -> datetime | None:
    micros = (part or "").ljust(6, "0")[:6]
    sign = {None: "", "Z": "+0000", "UTC": "+0000", "GMT": "+0000"}.get(zone and zone.upper(), zone)
    text = f"{year}{month}{day}{hour}{minute}{second or '00'}.{micros}{(sign or '').replace(':', '')}"
    try:
        found = datetime.strptime(text, "%Y%m%d%H%M%S.%f%z" if zone else "%Y%m%d%H%M%S.%f")
        return found.astimezone(timezone.utc) if zone else found
    except (ValueError, OverflowError):
        return None
