"""Making sure that a finished raster is whole: GDAL is silent about what it could not write while it closed a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

from ...pixels.window import Window
from ..rasters.rasterio_values import rasterio_window


def check_raster(
    path: Path, pieces: Iterable[Window], pixels_of: Callable[[Window], npt.NDArray[Any]], factors: Sequence[int]
) -> None:
    """Read a tiled GeoTIFF back and compare it with what was to be written.

    Parameters
    ----------
    pieces : windows that cover the raster.
    pixels_of : what stands in a window, (bands, rows, cols).
    factors : by how much its overviews are smaller, one after the other.

    Raises
    ------
    OSError : pixels or overviews are missing; a RasterioIOError if the file cannot be read at all.
    """
    with rasterio.open(path) as file:
        if file.overviews(1) != list(factors):
            raise OSError(f"of its overviews {list(factors)} only {file.overviews(1)} were written")
        for window in pieces:
            found = file.read(window=rasterio_window(window))
            if not np.array_equal(_bits(found), _bits(pixels_of(window))):
                raise OSError(f"what was written from row {window.row} and column {window.col} on cannot be read back")
        size = path.stat().st_size
        for level, factor in enumerate(factors):
            if not all(end is not None and end <= size for end in _block_ends(file, level)):
                raise OSError(f"the overview smaller by {factor} is not complete")


def check_copy(path: Path, original: Path, pieces: Iterable[Window], check_cancelled: Callable[[], None]) -> None:
    """Read a copy of a GeoTIFF back and compare it with the original, overviews included.

    Parameters
    ----------
    pieces : windows that cover the raster.

    Raises
    ------
    OSError : pixels or overviews are missing; a RasterioIOError if a file cannot be read at all.
    """
    with rasterio.open(original) as source:

        def pixels_of(window: Window) -> npt.NDArray[Any]:
            check_cancelled()
            pixels: npt.NDArray[Any] = source.read(window=rasterio_window(window))
            return pixels

        check_raster(path, pieces, pixels_of, source.overviews(1))


def _block_ends(file: Any, level: int) -> Iterable[int | None]:
    """Where the blocks of an overview end in the file, in bytes; None for a block that is missing."""
    with rasterio.open(file.name, OVERVIEW_LEVEL=level) as overview:
        rows, cols = (-(-length // edge) for length, edge in zip(overview.shape, overview.block_shapes[0], strict=True))
    for band in file.indexes:
        for row in range(rows):
            for col in range(cols):
                offset, length = (
                    file.get_tag_item(f"BLOCK_{item}_{col}_{row}", "TIFF", bidx=band, ovr=level)
                    for item in ("OFFSET", "SIZE")
                )
                yield None if offset is None or length is None else int(offset) + int(length)


def _bits(data: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The numbers as they are stored, so that NaN equals NaN."""
    return np.ascontiguousarray(data).view(f"u{data.dtype.itemsize}")
