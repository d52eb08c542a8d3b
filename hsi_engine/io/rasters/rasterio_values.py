"""Between rasterio's values and those of the engine."""

from __future__ import annotations

from typing import Any

from rasterio.windows import Window as RasterioWindow

from ...pixels.grid import Grid
from ...pixels.window import Window


def rasterio_window(window: Window) -> RasterioWindow:
    """The same rectangle as rasterio takes it."""
    return RasterioWindow(window.col, window.row, window.width, window.height)


def grid_of(dataset: Any) -> Grid:
    """The grid of the pixels of an open raster."""
    rows, cols = dataset.shape
    return Grid(crs=dataset.crs.to_wkt() if dataset.crs else None, transform=dataset.transform, shape=(rows, cols))
