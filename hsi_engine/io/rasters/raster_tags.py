"""What a raster states about itself, without its pixels."""

from __future__ import annotations

from pathlib import Path

from rasterio.errors import RasterioError

from ...errors import SceneError
from .open_raster import gdal_settings, open_raster


def read_tags(path: Path) -> dict[str, str]:
    """The tags of a raster by name; empty if it is missing, damaged or no raster."""
    if not path.is_file():
        return {}
    try:
        with gdal_settings(), open_raster(path)[0] as file:
            found: dict[str, str] = file.tags()
            return found
    except (SceneError, RasterioError):
        return {}
