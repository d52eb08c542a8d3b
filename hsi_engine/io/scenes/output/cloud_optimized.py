"""From a GeoTIFF to one that is cloud optimized: overviews first, and blocks in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import rasterio
import rasterio.shutil

from ...maps.map_writer import as_output_error, quiet_about_georeferencing
from ...rasters.open_raster import gdal_settings

# All bands of a pixel lie together in a COG: of 512×512 pixels and 224 bands, a block would have more than 100 MB.
_BLOCK_PX = 128


def to_cloud_optimized(source: Path, target: Path, progress: Callable[[float], None]) -> None:
    """Copy a GeoTIFF with all it states; GDAL holds no more than its cache.

    Parameters
    ----------
    progress : called before the copy begins; GDAL reports nothing in between.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    progress(0.0)
    options = {
        "COMPRESS": "DEFLATE",
        "PREDICTOR": "YES",
        "BLOCKSIZE": str(_BLOCK_PX),
        "BIGTIFF": "IF_SAFER",
        "OVERVIEW_RESAMPLING": "NEAREST",
        "NUM_THREADS": "ALL_CPUS",
    }
    with (
        as_output_error(target, "Scene"),
        gdal_settings(),
        quiet_about_georeferencing(),
        rasterio.open(source) as file,
    ):
        rasterio.shutil.copy(file, target, driver="COG", **options)
