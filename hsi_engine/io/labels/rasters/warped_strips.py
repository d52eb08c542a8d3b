"""Class values of a raster on another grid, strip by strip: neither raster is ever held whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from ....pixels.grid import Grid

_METHODS = {"nearest": Resampling.nearest, "majority": Resampling.mode}
# Any one CRS on both sides makes GDAL's warper compare the transforms alone.
_NO_CRS = "EPSG:3857"
# Of a pixel of the file: how far a place may be off between two CRS, if GDAL interpolates between exact places.
_TOLERANCE_PX = 0.01
_STRIP_PX = 2**20
# 32 bits: of 16 bits, GDAL's majority empties 65536 counters for every pixel and takes five times as long.
_KEPT = {"driver": "GTiff", "dtype": "int32", "count": 1, "compress": "deflate", "zlevel": 1, "bigtiff": "if_safer"}
_TILES = {"tiled": True, "blockxsize": 256, "blockysize": 256}

ValueArray = npt.NDArray[np.int32]


def warped_strips(
    strips: Iterator[tuple[int, ValueArray, int]],
    shape: tuple[int, int],
    own: tuple[Grid, ...],
    grid: Grid,
    rule: Literal["nearest", "majority"],
) -> Iterator[tuple[int, ValueArray, int]]:
    """The same values on another grid: first row and values (rows, cols) of each strip, 0 if they say nothing.

    The values are kept compressed in between, because each may be needed by several strips. Unlabelled pixels (0) take
    part in the majority. What a pixel gets that the edge of the raster crosses is up to GDAL.

    Parameters
    ----------
    strips : first row, values (rows, cols) from 0 to 65535 and a count, of each strip of a raster of ``shape``. The sum of
        the counts comes with the first strip.
    own : the grids these values lie on; the first that has a value for a pixel takes precedence.
    grid : the grid asked for.
    rule : "nearest" takes the value at each pixel centre, "majority" the most frequent value in each pixel.
    """
    with ExitStack() as stack:
        file = stack.enter_context(MemoryFile())
        count = _keep(strips, shape, own[0], file)
        kept = stack.enter_context(file.open())
        layers = [stack.enter_context(_warped(kept, source, grid, rule)) for source in own]
        rows, cols = grid.shape
        block_rows = min(layers[0].block_shapes[0][0], rows)
        height = max(1, _STRIP_PX // (block_rows * cols)) * block_rows
        for top in range(0, rows, height):
            window = RasterioWindow(0, top, cols, min(height, rows - top))
            found = layers[0].read(1, window=window).astype(np.int32)
            for layer in layers[1:]:
                found = np.where(found == 0, layer.read(1, window=window), found)
            yield top, found, count if top == 0 else 0


def _keep(strips: Iterator[tuple[int, ValueArray, int]], shape: tuple[int, int], own: Grid, file: MemoryFile) -> int:
    """Write the values into the file; the sum of the counts."""
    rows, cols = shape
    place = {"crs": own.crs or _NO_CRS, "transform": own.transform, "height": rows, "width": cols}
    total = 0
    with file.open(**_KEPT, **_TILES, **place) as target:
        for top, values, count in strips:
            window = RasterioWindow(0, top, cols, len(values))
            target.write(values, 1, window=window)
            total += count
    return total


def _warped(kept: Any, own: Grid, grid: Grid, rule: Literal["nearest", "majority"]) -> WarpedVRT:
    rows, cols = grid.shape
    return WarpedVRT(
        kept,
        src_crs=own.crs or _NO_CRS,
        src_transform=own.transform,
        crs=grid.crs or _NO_CRS,
        transform=grid.transform,
        height=rows,
        width=cols,
        resampling=_METHODS[rule],
        tolerance=_TOLERANCE_PX,
    )
