"""Reading some bands of a file that stores the bands of a pixel together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio.windows

from ....pixels.window import Window

# Numbers of all bands that are held while those of the bands wanted are picked.
_PICK_BYTES = 4 << 20


def read_pixel_interleaved(dataset: Any, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
    """A window of some bands, in memory as in the file: bands are the axis that changes fastest.

    Asked for some of the bands, or for all in another order, GDAL goes through the file once for each of them. So all
    bands are read, a few rows at a time, and those wanted are picked.

    Parameters
    ----------
    dataset : open rasterio dataset whose bands have one data type.
    window : inside the dataset.
    bands : 0-based, in the order wanted.

    Returns
    -------
    (bands, rows, cols), numbers as in the file.

    Raises
    ------
    rasterio.errors.RasterioError : the file ends early or is damaged there.
    """
    every = list(range(dataset.count))
    dtype = np.dtype(dataset.dtypes[0])
    numbers = np.empty((*window.shape, len(bands)), dtype)
    picks = list(bands) != every
    step = max(1, _PICK_BYTES // (window.width * len(every) * dtype.itemsize)) if picks else window.height
    for top in range(0, window.height, step):
        wanted = numbers[top : top + step]
        read = np.empty((*wanted.shape[:2], len(every)), dtype) if picks else wanted
        dataset.read(
            [band + 1 for band in every],
            window=rasterio.windows.Window(window.col, window.row + top, window.width, len(read)),
            out=read.transpose(2, 0, 1),
        )
        if picks:
            wanted[...] = read.take(bands, axis=2)
    return numbers.transpose(2, 0, 1)
