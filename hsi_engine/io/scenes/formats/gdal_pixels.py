"""The pixels of a raster that GDAL reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import Interleaving
from rasterio.errors import RasterioError

from ....pixels.window import Window
from ...rasters.file_masks import FileMasks
from ...rasters.open_raster import gdal_settings, open_raster
from ...rasters.rasterio_values import rasterio_window
from ..source import Scene
from .block_cache import LastBlock
from .pixel_interleaved import read_pixel_interleaved


class GdalPixels:
    """An open raster. See :class:`hsi_engine.io.scenes.source.PixelSource`."""

    def __init__(self, scene: Scene) -> None:
        self._dtype = np.dtype(scene.dtype)
        tiled = scene.block_shape[1] != scene.grid.shape[1]
        with gdal_settings(tiled=tiled), ExitStack() as stack:
            self._dataset, _ = open_raster(scene.path)
            stack.callback(self._dataset.close)
            self._blocks = LastBlock(scene.grid.shape, scene.block_shape, self._read)
            self._straight = tiled and self._dataset.driver == "GTiff" and self._dataset.compression is None
            self._masks = FileMasks(self._dataset)
            stack.pop_all()  # all is open; from here on close() answers for it

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        """Numbers (bands, rows, cols); of blocks that GDAL would unpack for every part, the last is kept."""
        if self._straight:  # parts of a block cost no more than the block
            return self._read(window, bands)
        return self._blocks.read(window, bands, self._dtype)

    def mask(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        """Masks of the dataset and of bands, but for transparency, which is a band."""
        with _reading():
            return self._masks.of(window, bands)

    def close(self) -> None:
        self._dataset.close()

    def _read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        indexes, place = [band + 1 for band in bands], rasterio_window(window)
        with _reading():
            if self._straight and self._dataset.interleaving is Interleaving.pixel:
                return read_pixel_interleaved(self._dataset, window, bands)
            if len(set(self._dataset.dtypes)) == 1:
                numbers: npt.NDArray[Any] = self._dataset.read(indexes, window=place)
                return numbers
            # rasterio reads bands of different types one by one only.
            return np.stack([self._dataset.read(i, window=place).astype(self._dtype) for i in indexes])


@contextmanager
def _reading() -> Iterator[None]:
    """GDAL's settings, and its reason if something cannot be read."""
    try:
        with gdal_settings():
            yield
    except RasterioError as error:
        raise OSError(str(error.__cause__ or error)) from error
