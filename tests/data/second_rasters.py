"""A second raster of the place of a test scene: heights and roughness that follow the land cover, float32, with a hole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine

import make_scenes

HEIGHTS = {2: 31.0, 5: 35.0, 11: 52.0}
NODATA = -9999.0


def heights(rows: int, cols: int, *, bands: int = 2, seed: int = 0, noise: float = 1.0) -> npt.NDArray[np.float32]:
    """(bands, rows, cols): height in m by land cover, then roughness, then more of both."""
    cover = make_scenes.land_cover(rows, cols, seed)
    base = np.select([cover == value for value in HEIGHTS], list(HEIGHTS.values()))
    rng = np.random.default_rng(seed + 5)
    layers = [base * (1 if band % 2 == 0 else -0.02) + noise * rng.normal(size=base.shape) for band in range(bands)]
    return np.stack(layers).astype(np.float32)


def write_second(
    path: Path,
    *,
    like: Path,
    bands: int = 2,
    values: npt.NDArray[Any] | None = None,
    hole: tuple[slice, slice] | None = None,
    transform: Affine | None = None,
    crs: str | None = None,
    nodata: float | None = NODATA,
) -> Path:
    """Write a second raster on the grid of ``like``, or with another transform or CRS; ``hole`` is without data."""
    with rasterio.open(like) as scene:
        grid: dict[str, Any] = {"crs": crs or scene.crs, "transform": transform or scene.transform}
        values = heights(scene.height, scene.width, bands=bands) if values is None else values.copy()
    if hole is not None:
        values[(slice(None), *hole)] = nodata
    count, height, width = values.shape
    size = {"count": count, "height": height, "width": width, "dtype": values.dtype, "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", tiled=True, blockxsize=16, blockysize=16, **size, **grid) as target:
        target.write(values)
    return path
