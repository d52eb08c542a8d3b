"""Reading the class values of an open raster, label raster or map, whatever type it stores them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp
from rasterio.windows import Window as RasterioWindow

from ....classes.legend import NODATA_VALUE
from ....errors import LabelError
from ...legends.class_values import check_class_values
from ...rasters.file_masks import transparent_bands

# Read at once, and numbered: some 40 MB.
_STRIP_PX = 2**20
_COLOURS = {ColorInterp.red, ColorInterp.green, ColorInterp.blue}


def require_one_band(dataset: Any, path: Path) -> None:
    """Raise :class:`LabelError` if a raster is a picture or has several bands, an alpha band aside."""
    roles = list(dataset.colorinterp)
    if set(roles) >= _COLOURS:
        raise LabelError(
            f"{path} is a picture in {'RGBA' if ColorInterp.alpha in roles else 'RGB'} colours,"
            " not a raster of class values.",
            code="rgb",
            hint="Export the classes as raw data in one band (QGIS: Export, Raw data, not Rendered image).",
        )
    if len([role for role in roles if role != ColorInterp.alpha]) != 1:
        raise LabelError(
            f"{path} has {dataset.count} bands; a raster of class values has one.",
            code="bands",
            hint="Extract the band that holds the classes.",
        )


def class_strips(dataset: Any, place: str) -> Iterator[tuple[int, npt.NDArray[np.int32], int]]:
    """First row and class values (rows, cols) of each strip of whole blocks, 0 if the file says nothing.

    The third of each is how many pixels hold the value 0 without being nodata.

    Raises
    ------
    LabelError : a value is not whole, negative or larger than 65535; ``place`` names the file.
    """
    rows, cols = dataset.shape
    block_rows = min(dataset.block_shapes[0][0], rows)
    height = max(1, _STRIP_PX // (block_rows * cols)) * block_rows
    transparent = transparent_bands(dataset)
    band = next(number for number in dataset.indexes if number - 1 not in transparent)
    for top in range(0, rows, height):
        window = RasterioWindow(0, top, cols, min(height, rows - top))
        stored = dataset.read(band, window=window)
        if stored.dtype == np.uint8 and not stored.any() and dataset.nodata == 0 and not transparent:
            yield top, np.zeros(stored.shape, dtype=np.int32), 0  # most of a large raster, as a rule
            continue
        said = dataset.read_masks(band, window=window) > 0
        for alpha in transparent:
            said &= dataset.read(alpha + 1, window=window) > 0
        if np.issubdtype(stored.dtype, np.floating):
            said &= ~np.isnan(stored)
        values = np.where(said, stored, stored.dtype.type(NODATA_VALUE))
        if values.dtype not in (np.uint8, np.uint16):  # whose values are classes, all of them
            values = check_class_values(values, place)
        yield top, values.astype(np.int32), int(np.count_nonzero((values == NODATA_VALUE) & said))


def declared_nodata(dataset: Any) -> float | None:
    """The nodata value that a raster declares; None if it is 0, or there is none."""
    return None if dataset.nodata in (None, NODATA_VALUE) else float(dataset.nodata)
