"""What a file states about the sensor and the day of the scene."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...files.source_names import is_gdal_name
from ...rasters.band_tags import RasterTags
from ...rasters.envi_pairs import describes, header_of_geotiff, read_header
from ...rasters.open_raster import gdal_settings, open_raster, resolve_raster_path

_SENSORS = ("sensor_type", "sensor", "instrument", "nc_global#instrument", "sensor_name")
_DATES = ("acquisition_time", "acquisition_date", "start_time", "nc_global#time_coverage_start", "tifftag_datetime")
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


def acquisition_of(path: Path) -> Acquisition:
    """Read tags, an ENVI header next to a GeoTIFF, and the name of a product; nothing is guessed from pixels.

    Raises
    ------
    SceneError : the file cannot be opened.
    """
    path = resolve_raster_path(path)
    with gdal_settings():
        dataset, _ = open_raster(path)
        with dataset:
            tags = RasterTags.of(dataset)
            found = {**tags.dataset, **tags.envi}
            header = header_of_geotiff(path) if dataset.driver == "GTiff" and not is_gdal_name(path) else None
            if header is not None:
                entries = read_header(header)
                if describes(entries, (dataset.count, *dataset.shape)):
                    found |= entries
    by_name = next((sensor for pattern, sensor in _PRODUCTS if pattern.match(path.name)), None)
    return Acquisition(sensor=by_name or _first(found, _SENSORS), day=_day(_first(found, _DATES)))


def _first(tags: dict[str, str], keys: tuple[str, ...]) -> str | None:
    texts = (" ".join(tags.get(key, "").strip(" {}").split()) for key in keys)
    return next((text for text in texts if text.lower() not in _UNKNOWN), None)


def _day(text: str | None) -> str | None:
    found = None if text is None else _DAY.search(text)
    return None if found is None else "-".join(found.groups())
