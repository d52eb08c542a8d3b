"""The libraries that read and write rasters, and whether they work."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS


def raster_libraries() -> dict[str, str]:
    """Versions of GDAL and PROJ as rasterio brings them."""
    return {"gdal": rasterio.__gdal_version__, "proj": rasterio.__proj_version__}


def check_crs() -> str:
    """Look up a CRS, which fails if another program's PROJ database is in the way."""
    return f"EPSG:32633 is {CRS.from_epsg(32633).to_dict(projjson=True)['name']}"


def check_raster_files() -> str:
    """Write a small compressed GeoTIFF and read it back.

    Raises
    ------
    Exception
        Whatever rasterio raises, or a ValueError if other pixels come back.
    """
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "check.tif"
        options = {"driver": "GTiff", "count": 1, "height": 3, "width": 4, "dtype": "uint8", "compress": "deflate"}
        with rasterio.open(path, "w", transform=Affine(10, 0, 0, 0, -10, 0), **options) as dataset:
            dataset.write(pixels)
        with rasterio.open(path) as dataset:
            if not np.array_equal(dataset.read(), pixels):
                raise ValueError("a GeoTIFF came back with other pixels")
    return "a GeoTIFF is written and read"
