"""What a file states in addition to its numbers about where it holds data: masks and bands of transparency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import MaskFlags

from ...pixels.window import Window
from .rasterio_values import rasterio_window


class FileMasks:
    """The masks of an open rasterio dataset: one of all bands, or one of some bands each.

    Masks that only repeat the nodata value are none, nor is transparency, for which GDAL makes up a mask only in
    files of two or four bands: see :func:`transparent_bands`.
    """

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        flags = dataset.mask_flag_enums
        whole = [i for i, of_band in enumerate(flags) if MaskFlags.per_dataset in of_band]
        self._whole = next((i for i in whole if MaskFlags.alpha not in flags[i]), None)
        self._own = frozenset(i for i, of_band in enumerate(flags) if not of_band)

    def of(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        """True where a band holds data, (bands, rows, cols) or (1, rows, cols); None if there is no mask.

        Raises
        ------
        rasterio.errors.RasterioError : a mask is damaged, or its file is missing.
        """
        own = [band for band in bands if band in self._own]
        if self._whole is None and not own:
            return None
        mask = self._read(self._whole, window)[None] if self._whole is not None else None
        if not own:
            return mask
        of_bands = np.ones((len(bands), *window.shape), bool)
        for position, band in enumerate(bands):
            if band in self._own:
                of_bands[position] = self._read(band, window)
        return of_bands if mask is None else of_bands & mask

    def _read(self, band: int, window: Window) -> npt.NDArray[np.bool_]:
        place = rasterio_window(window)
        mask: npt.NDArray[np.bool_] = self._dataset.read_masks(band + 1, window=place) > 0
        return mask


def transparent_bands(dataset: Any) -> tuple[int, ...]:
    """0-based bands that the file marks as transparency (alpha); where one of them is 0 there is no data."""
    return tuple(i for i, role in enumerate(dataset.colorinterp) if role.name == "alpha")
