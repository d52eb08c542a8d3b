"""PROJ finds its database wherever GDAL asks it, so that nothing is printed about it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine


def test_a_crs_in_kilometres_is_read_without_words_of_proj(tmp_path: Path) -> None:
    path = tmp_path / "km.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=3,
        width=3,
        dtype="uint8",
        crs="+proj=utm +zone=33 +datum=WGS84 +units=km",
        transform=Affine(0.01, 0, 500, 0, -0.01, 4500),
    ) as file:
        file.write(np.ones((1, 3, 3), np.uint8))
    reading = f"from hsi_engine.io.rasters import open_raster; import rasterio; print(rasterio.open({str(path)!r}).crs)"
    environment = {name: value for name, value in os.environ.items() if name not in ("PROJ_DATA", "PROJ_LIB")}
    done = subprocess.run(
        [sys.executable, "-c", reading], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert "kilometre" in done.stdout.lower()
    assert done.stderr == ""
