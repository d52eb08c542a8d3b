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
        # GDAL names a factor by the sizes, rounded: 127 of one that is smaller by 128. So sizes are compared.
        wanted = [tuple(-(-length // factor) for length in file.shape) for factor in factors]
        _check(file, pieces, pixels_of, wanted)


def _check(
    file: Any,
    pieces: Iterable[Window],
    pixels_of: Callable[[Window], npt.NDArray[Any]],
    wanted: Sequence[tuple[int, ...]],
) -> None:
    """The same with the sizes (rows, cols) of the overviews."""
    found = _overview_shapes(file)
    if found != list(wanted):
        raise OSError(f"of its overviews {_sizes(wanted)} only {_sizes(found)} were written")
    for window in pieces:
        pixels = file.read(window=rasterio_window(window))
        if not np.array_equal(_bits(pixels), _bits(pixels_of(window))):
            raise OSError(f"what was written from row {window.row} and column {window.col} on cannot be read back")
    size = Path(file.name).stat().st_size
    for level, shape in enumerate(wanted):
        if not all(end is not None and end <= size for end in _block_ends(file, level)):
            raise OSError(f"the overview of {_sizes([shape])} is not complete")


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

        with rasterio.open(path) as copy:
            _check(copy, pieces, pixels_of, _overview_shapes(source))


def _overview_shapes(file: Any) -> list[tuple[int, ...]]:
    """Rows and columns of each overview, the largest first."""
    shapes = []
    for level in range(len(file.overviews(1))):
        with rasterio.open(file.name, OVERVIEW_LEVEL=level) as overview:
            shapes.append(tuple(overview.shape))
    return shapes


def _sizes(shapes: Sequence[tuple[int, ...]]) -> str:
    """``75 × 45 and 38 × 23 pixels``, or ``none``."""
    named = [f"{rows:,} × {cols:,}" for rows, cols in shapes]
    return f"{' and '.join(filter(None, [', '.join(named[:-1]), named[-1]]))} pixels" if named else "none"


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
