"""What a file states about the sensor and the day of the scene."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..source import Scene

_SENSORS = ("sensor_type", "sensor", "instrument", "nc_global_instrument", "sensor_name")
_DATES = ("acquisition_time", "acquisition_date", "start_time", "nc_global_time_coverage_start", "tifftag_datetime")
_UNKNOWN = frozenset({"", "unknown", "none", "n/a"})
_DAY = re.compile(r"(\d{4})[-:/]?(\d{2})[-:/]?(\d{2})")
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
    """Sensor, and day as YYYY-MM-DD; None if the file does not say."""

    sensor: str | None
    day: str | None


def acquisition_of(scene: Scene) -> Acquisition:
    """Read what a scene states as text, and the name of a product; nothing is guessed from pixels."""
    by_name = next((sensor for pattern, sensor in _PRODUCTS if pattern.match(scene.path.name)), None)
    return Acquisition(sensor=by_name or _first(scene.texts, _SENSORS), day=_day(_first(scene.texts, _DATES)))


def _first(texts_by_key: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    texts = (" ".join(texts_by_key.get(key, "").strip(" {}").split()) for key in keys)
    return next((text for text in texts if text.lower() not in _UNKNOWN), None)


def _day(text: str | None) -> str | None:
    found = None if text is None else _DAY.search(text)
    return None if found is None else "-".join(found.groups())
