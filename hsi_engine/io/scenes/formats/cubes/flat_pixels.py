"""An HDF5 dataset of spectra, one after another, as a cube of three axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class FlatPixels:
    """Looks like a dataset of (cols, rows, bands), or of (bands, cols, rows) if the pixels come last. Pixels go down the columns.

    Parameters
    ----------
    dataset : (pixels, bands) or (bands, pixels) of HDF5.
    shape : that of three axes.
    """

    chunks = None

    def __init__(self, dataset: Any, shape: tuple[int, int, int]) -> None:
        self._dataset, self.shape, self.dtype = dataset, shape, dataset.dtype
        self._pixels_first = dataset.shape[0] == shape[0] * shape[1]

    def __getitem__(self, selection: tuple[slice, slice, slice]) -> npt.NDArray[Any]:
        if self._pixels_first:
            cols, rows, bands = selection
            height = self.shape[1]
            parts = [
                self._dataset[col * height + rows.start : col * height + rows.stop, bands]
                for col in range(cols.start, cols.stop)
            ]
            return np.stack(parts)
        bands, cols, rows = selection
        height = self.shape[2]
        parts = [
            self._dataset[bands, col * height + rows.start : col * height + rows.stop]
            for col in range(cols.start, cols.stop)
        ]
        return np.stack(parts, axis=1)
