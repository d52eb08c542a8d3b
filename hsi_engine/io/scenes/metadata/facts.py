"""What a file states of its scene besides pixels, place and bands: when, by which sensor, in which unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..source import Scene

_LONGEST = 160
# Keys by which programs and archives call a fact, the most exact first; a key may stand behind a prefix such as NC_GLOBAL.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "Acquired": (
        "start_time",
        "product_starttime",
        "product_start_time",
        "datatake_sensing_start",
        "time_coverage_start",
        "sensing_time",
        "acquisition_time",
        "acquisition_datetime",
        "acquisition_date_time",
        "acquisition_date",
        "acquisitiondatetime",
        "date_acquired",
        "beginning_date_time",
        "datetime",
        "date",
    ),
    "Sensor": ("sensor_type", "sensor", "instrument", "instrument_name", "sensor_id"),
    "Platform": ("platform", "spacecraft_id", "spacecraft", "satellite", "mission"),
    "Title": ("title", "product_name", "product_id"),
    "Processing level": ("processing_level", "product_type", "level"),
    "Description": ("description", "tifftag_imagedescription", "summary"),
    "Unit of the values": ("data_units", "units", "unit"),
    "Cloud cover": ("cloud_cover", "cloudy_pixels_percentage", "cloud_coverage", "cloud_cover_percentage"),
    "Sun elevation": ("sun_elevation", "sun_elevation_angle"),
    "Sun zenith angle": ("sun_zenith_angle", "solar_zenith_angle"),
    "Last written": ("tifftag_datetime",),
}
# What programs write if they have nothing to state.
_SAYS_NOTHING = re.compile(r"|unknown|none|null|n/?a|-|file imported into envi\.?|.*\bcreate new file result\b.*", re.I)


@dataclass(frozen=True)
class SceneFacts:
    """Facts as (title, text), in a fixed order; only those that the file states."""

    stated: tuple[tuple[str, str], ...] = ()

    def get(self, title: str) -> str | None:
        """The text of a fact, None if the file does not state it."""
        return dict(self.stated).get(title)


def facts_of(scene: Scene) -> SceneFacts:
    """What a scene states of itself as a whole."""
    return SceneFacts(tuple(_found(scene.texts)))


def _found(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for title, keys in _KEYS.items():
        for key in keys:
            text = next((t for k, v in texts.items() if _is(k, key) and (t := _clean(v))), None)
            if text:
                yield title, text
                break


def _is(key: str, wanted: str) -> bool:
    return key == wanted or (key.endswith(f"_{wanted}") and key.startswith(("nc_global_", "hdfeos_")))


def _clean(text: str) -> str:
    """One line without the braces of ENVI; empty if it states nothing."""
    line = " ".join(text.strip().strip("{}").split())
    if _SAYS_NOTHING.fullmatch(line):
        return ""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
