"""The description of a scene, and the open handle that reads its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.windows
from rasterio.enums import Interleaving, MaskFlags

from ..bands import BandTable
from ..errors import SceneError
from ..grid import Grid
from ..window import Window
from .block_windows import block_windows
from .envi import EnviLayout, EnviPixels
from .last_block import LastBlock
from .pixel_interleaved import read_pixel_interleaved
from .pixel_values import PixelValues, value_dtype
from .raster_source import gdal_settings, open_raster


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is known of a scene without reading its pixels. Can be pickled.

    Parameters
    ----------
    path : the data file.
    grid : CRS, transform and shape.
    bands : one entry per band of the file.
    dtype : data type of the numbers in the file.
    nodata : value that means no data, or None.
    scale, offset : per band; a physical value is ``number * scale + offset``.
    driver : GDAL's name of the format.
    block_shape : (rows, cols) that the file stores together.
    envi : layout of an ENVI data file, else None.
    warnings : what is missing, was guessed or looks wrong, one sentence each.
    """

    path: Path
    grid: Grid
    bands: BandTable
    dtype: str
    nodata: float | None
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    driver: str
    block_shape: tuple[int, int]
    envi: EnviLayout | None = None
    warnings: tuple[str, ...] = ()

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel, all bands, as they are read."""
        return len(self.bands) * value_dtype(self.dtype).itemsize


@dataclass(frozen=True)
class SceneBlock:
    """The pixels of one window.

    Parameters
    ----------
    data : (bands, rows, cols), float32 (float64 for wide types), scaled; invalid pixels are 0 in every band. Bands
        may be the axis that changes fastest in memory, where the file is interleaved by pixel.
    valid : (rows, cols); True where every band that was asked for holds a finite number that is not nodata
        and not masked.
    """

    data: npt.NDArray[np.floating[Any]]
    valid: npt.NDArray[np.bool_]


class SceneReader:
    """An open scene. A context manager; to be used by one thread at a time."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        tiled = scene.block_shape[1] != scene.grid.shape[1]
        with gdal_settings(tiled=tiled), ExitStack() as stack:
            self._dataset, _ = open_raster(scene.path)
            stack.callback(self._dataset.close)
            self._envi = EnviPixels(scene.envi) if scene.envi else None
            if self._envi:
                stack.callback(self._envi.close)
            self._blocks = LastBlock(scene.grid.shape, scene.block_shape, self._read_dataset)
            self._straight = tiled and self._dataset.driver == "GTiff" and self._dataset.compression is None
            flags = self._dataset.mask_flag_enums
            self._has_mask = any(MaskFlags.per_dataset in of_band for of_band in flags)
            self._stack = stack.pop_all()  # all is open; from here on close() answers for it

    def __enter__(self) -> SceneReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Further reads fail."""
        self._stack.close()

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        """Read a window of some bands in one pass over the file.

        Parameters
        ----------
        window : inside the scene.
        bands : 0-based, at least one, in the order wanted.

        Raises
        ------
        SceneError : the file ends early or is damaged there.
        """
        numbers = self._numbers(window, bands)
        data, valid = self._values(bands).of(numbers, self._mask(window))
        return SceneBlock(data=data, valid=valid)

    def read_validity(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_]:
        """True where a band holds a finite number that is not nodata and not masked; (bands, rows, cols)."""
        numbers = self._numbers(window, bands)
        valid, mask = self._values(bands).valid(numbers), self._mask(window)
        return valid if mask is None else valid & mask

    def block_windows(self, max_pixels: int) -> Iterator[Window]:
        """Windows that cover the scene once, of whole blocks of the file where they hold no more than ``max_pixels``.

        See :func:`hsi_engine.io.block_windows.block_windows`.
        """
        return block_windows(self.scene.grid.shape, self.scene.block_shape, max_pixels)

    def _numbers(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        if not bands or window.is_empty or window.clip(self.scene.grid.shape) != window:
            raise ValueError(f"nothing to read, or beyond the scene: {window}, {len(bands)} bands")
        if min(bands) < 0 or max(bands) >= len(self.scene.bands):
            raise ValueError(f"bands are counted from 0 to {len(self.scene.bands) - 1}: {list(bands)}")
        if self._envi:
            return self._envi.read(window, bands)
        if self._straight:  # parts of a block cost no more than the block
            return self._read_dataset(window, bands)
        return self._blocks.read(window, bands, np.dtype(self.scene.dtype))

    def _read_dataset(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        indexes, place = [band + 1 for band in bands], _rasterio_window(window)
        try:
            with gdal_settings():
                if self._straight and self._dataset.interleaving is Interleaving.pixel:
                    return read_pixel_interleaved(self._dataset, window, bands)
                if len(set(self._dataset.dtypes)) == 1:
                    numbers: npt.NDArray[Any] = self._dataset.read(indexes, window=place)
                    return numbers
                # rasterio reads bands of different types one by one only.
                return np.stack([self._dataset.read(i, window=place).astype(self.scene.dtype) for i in indexes])
        except rasterio.errors.RasterioError as error:
            reason = str(error.__cause__ or error).rstrip(".")
            raise SceneError(
                f"Reading rows {window.row}–{window.row_end - 1}, columns {window.col}–{window.col_end - 1} of"
                f" {self.scene.path} failed: {reason}.",
                code="read_failed",
                hint="The file is truncated or damaged, or a file that it refers to is missing; copy it again.",
            ) from error

    def _mask(self, window: Window) -> npt.NDArray[np.bool_] | None:
        """False where the file's own mask says no data, (rows, cols); None where it has no mask."""
        if not self._has_mask:
            return None
        with gdal_settings():
            mask: npt.NDArray[np.bool_] = self._dataset.dataset_mask(window=_rasterio_window(window)) > 0
        return mask

    def _values(self, bands: Sequence[int]) -> PixelValues:
        scene, nodata = self.scene, self._dataset.nodatavals
        return PixelValues(
            scene.dtype,
            nodata=[nodata[band] for band in bands],
            scale=[scene.scale[band] for band in bands],
            offset=[scene.offset[band] for band in bands],
        )


def _rasterio_window(window: Window) -> Any:
    return rasterio.windows.Window(window.col, window.row, window.width, window.height)
