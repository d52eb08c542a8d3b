"""The description of a scene, and the open handle that reads its pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import Interleaving

from ...errors import SceneError
from ...pixels.grid import Grid
from ...pixels.window import Window
from ...spectrum.bands import BandTable
from ..rasters.file_masks import FileMasks, transparent_bands
from ..rasters.open_raster import gdal_settings, open_raster
from ..rasters.rasterio_values import rasterio_window
from .block_windows import block_windows
from .formats.block_cache import LastBlock
from .formats.envi import EnviLayout, EnviPixels
from .formats.pixel_interleaved import read_pixel_interleaved
from .metadata.nodata import NoData
from .pixel_values import PixelValues, value_dtype


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is known of a scene without reading its pixels. Can be pickled.

    Parameters
    ----------
    path : the data file.
    grid : CRS, transform and shape.
    bands : one entry per band of the file.
    dtype : data type of the numbers in the file.
    nodata : value that means no data in the first band, or None.
    scale, offset : per band; a physical value is ``number * scale + offset``.
    driver : GDAL's name of the format.
    block_shape : (rows, cols) that the file stores together.
    band_nodata : the same for each band.
    also_nodata : further values that mean no data in every band, such as one that the user gave.
    envi : layout of an ENVI data file, else None.
    transparent : 0-based bands that are transparency (alpha), and therefore no measurements; they are not good.
    warnings : what is missing, was guessed or looks wrong, one sentence each.
    """

    path: Path
    grid: Grid
    bands: BandTable
    dtype: str
    nodata: NoData
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    driver: str
    block_shape: tuple[int, int]
    band_nodata: tuple[NoData, ...] = ()
    also_nodata: tuple[float, ...] = ()
    envi: EnviLayout | None = None
    transparent: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def nodata_text(self) -> str:
        """All values that mean no data, for people; ``none stated`` if there are none."""
        values = dict.fromkeys(value for value in (*self.band_nodata, *self.also_nodata) if value is not None)
        texts = [str(value) if isinstance(value, int) else f"{value:.10g}" for value in values]
        return ", ".join(texts) or "none stated"

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
        may be the axis that changes fastest in memory, if the file is interleaved by pixel.
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
            self._masks = FileMasks(self._dataset)
            self._alpha = transparent_bands(self._dataset)
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

    @property
    def files(self) -> tuple[str, ...]:
        """The files that GDAL reads the scene from, sidecars and the sources of a virtual raster among them."""
        return tuple(self._dataset.files)

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
        numbers, mask = self._numbers_and_mask(window, bands)
        data, valid = self._values(bands).of(numbers, None if mask is None else np.all(mask, axis=0))
        return SceneBlock(data=data, valid=valid)

    def read_validity(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_]:
        """True where a band holds a finite number that is not nodata and not masked; (bands, rows, cols)."""
        return self.read_each(window, bands)[1]

    def read_numbers(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Numbers as in the file, (bands, rows, cols), and where all bands hold data, (rows, cols)."""
        numbers, valid = self.read_each(window, bands)
        return numbers, np.all(valid, axis=0)

    def read_each(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Numbers as in the file, and where each single band holds data; both (bands, rows, cols)."""
        numbers, mask = self._numbers_and_mask(window, bands)
        valid = self._values(bands).valid(numbers)
        return numbers, valid if mask is None else valid & mask

    def shown_scaling(self, band: int) -> tuple[float, float]:
        """Scale and offset of a 0-based band as GDAL states them: a GIS shows ``number * scale + offset``.

        They differ from those of the scene if a header states more than GDAL reads of it.
        """
        scale, offset = float(self._dataset.scales[band]), float(self._dataset.offsets[band])
        return (scale, offset) if math.isfinite(scale) and math.isfinite(offset) else (1.0, 0.0)

    def block_windows(self, max_pixels: int) -> Iterator[Window]:
        """Windows that cover the scene once, of whole blocks of the file if they hold no more than ``max_pixels``.

        See :func:`hsi_engine.io.scenes.block_windows.block_windows`.
        """
        return block_windows(self.scene.grid.shape, self.scene.block_shape, max_pixels)

    def _numbers_and_mask(
        self, window: Window, bands: Sequence[int]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
        """Numbers (bands, rows, cols), and False for those that the file itself declares as no data, (bands or 1, rows, cols).

        The mask is None if the file has none. Transparency is read in the same pass.
        """
        if not bands or window.is_empty or window.clip(self.scene.grid.shape) != window:
            raise ValueError(f"nothing to read, or beyond the scene: {window}, {len(bands)} bands")
        if min(bands) < 0 or max(bands) >= len(self.scene.bands):
            raise ValueError(f"bands are counted from 0 to {len(self.scene.bands) - 1}: {list(bands)}")
        numbers = self._numbers(window, [*bands, *self._alpha])
        with self._reading(window), gdal_settings():
            mask = self._masks.of(window, bands)
        if self._alpha:
            opaque: npt.NDArray[np.bool_] = np.all(numbers[len(bands) :] > 0, axis=0, keepdims=True)
            mask = opaque if mask is None else mask & opaque
        return numbers[: len(bands)], mask

    def _numbers(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        if self._envi:
            return self._envi.read(window, bands)
        if self._straight:  # parts of a block cost no more than the block
            return self._read_dataset(window, bands)
        return self._blocks.read(window, bands, np.dtype(self.scene.dtype))

    def _read_dataset(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        indexes, place = [band + 1 for band in bands], rasterio_window(window)
        with self._reading(window), gdal_settings():
            if self._straight and self._dataset.interleaving is Interleaving.pixel:
                return read_pixel_interleaved(self._dataset, window, bands)
            if len(set(self._dataset.dtypes)) == 1:
                numbers: npt.NDArray[Any] = self._dataset.read(indexes, window=place)
                return numbers
            # rasterio reads bands of different types one by one only.
            return np.stack([self._dataset.read(i, window=place).astype(self.scene.dtype) for i in indexes])

    @contextmanager
    def _reading(self, window: Window) -> Iterator[None]:
        """Say which part of the scene could not be read."""
        try:
            yield
        except rasterio.errors.RasterioError as error:
            reason = str(error.__cause__ or error).rstrip(".")
            raise SceneError(
                f"Reading rows {window.row}–{window.row_end - 1}, columns {window.col}–{window.col_end - 1} of"
                f" {self.scene.path} failed: {reason}.",
                code="read_failed",
                hint="The file is truncated or damaged, or a file it refers to is missing; copy it again.",
            ) from error

    def _values(self, bands: Sequence[int]) -> PixelValues:
        scene = self.scene
        return PixelValues(
            scene.dtype,
            nodata=[scene.band_nodata[band] for band in bands],
            also_nodata=scene.also_nodata,
            scale=[scene.scale[band] for band in bands],
            offset=[scene.offset[band] for band in bands],
        )
