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
from rasterio.enums import MaskFlags

from ..bands import BandTable
from ..errors import SceneError
from ..grid import Grid
from ..window import Window
from .envi import EnviLayout, EnviPixels
from .raster_source import gdal_settings, open_raster

# float32 holds every number of these exactly; of the wider ones it would lose digits.
_FLOAT32_IS_EXACT = frozenset({"int8", "uint8", "int16", "uint16", "float32"})


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
    data : (bands, rows, cols), float32 (float64 for wide types), scaled; invalid pixels are 0 in every band.
    valid : (rows, cols); True where every band that was asked for holds a finite number that is not nodata
        and not masked.
    """

    data: npt.NDArray[np.floating[Any]]
    valid: npt.NDArray[np.bool_]


class SceneReader:
    """An open scene. A context manager; to be used by one thread at a time."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        with gdal_settings(), ExitStack() as stack:
            self._dataset, _ = open_raster(scene.path)
            stack.callback(self._dataset.close)
            self._envi = EnviPixels(scene.envi) if scene.envi else None
            if self._envi:
                stack.callback(self._envi.close)
            self._nodata = [_nodata_number(value, scene.dtype) for value in self._dataset.nodatavals]
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
        raw = self._numbers(window, bands)
        valid = np.logical_and.reduce(self._validity(raw, window, bands), axis=0)
        data = raw.astype(value_dtype(self.scene.dtype))
        scale, offset = self._column(self.scene.scale, bands), self._column(self.scene.offset, bands)
        if not valid.all():
            data[:, ~valid] = 0  # before scaling: an infinity must not meet arithmetic
        if np.any(scale != 1):
            data *= scale.astype(data.dtype)
        if np.any(offset != 0):
            data += offset.astype(data.dtype)
            data[:, ~valid] = 0
        return SceneBlock(data=data, valid=valid)

    def read_validity(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_]:
        """True where a band holds a finite number that is not nodata and not masked; (bands, rows, cols)."""
        return self._validity(self._numbers(window, bands), window, bands)

    def block_windows(self, max_pixels: int) -> Iterator[Window]:
        """Windows that cover the scene once, row by row, each of whole blocks of the file.

        A block that is larger than ``max_pixels`` is cut into rows; GDAL keeps it in its cache meanwhile.
        """
        rows, cols = self.scene.grid.shape
        block_rows, block_cols = (min(b, s) for b, s in zip(self.scene.block_shape, (rows, cols), strict=True))
        if block_rows * cols <= max_pixels:
            height, width = max_pixels // (block_rows * cols) * block_rows, cols
        elif block_rows * block_cols <= max_pixels:
            height, width = block_rows, max_pixels // (block_rows * block_cols) * block_cols
        else:
            height, width = max(1, max_pixels // block_cols), block_cols
        for row in range(0, rows, height):
            for col in range(0, cols, width):
                yield Window(row=row, col=col, height=height, width=width).clip((rows, cols))

    def _numbers(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        if not bands or window.is_empty or window.clip(self.scene.grid.shape) != window:
            raise ValueError(f"nothing to read, or beyond the scene: {window}, {len(bands)} bands")
        if min(bands) < 0 or max(bands) >= len(self.scene.bands):
            raise ValueError(f"bands are counted from 0 to {len(self.scene.bands) - 1}: {list(bands)}")
        if self._envi:
            return self._envi.read(window, bands)
        try:
            with gdal_settings():
                return self._read_dataset(_rasterio_window(window), [b + 1 for b in bands])
        except rasterio.errors.RasterioError as error:
            reason = str(error.__cause__ or error).rstrip(".")
            raise SceneError(
                f"Reading rows {window.row}–{window.row_end - 1}, columns {window.col}–{window.col_end - 1} of"
                f" {self.scene.path} failed: {reason}.",
                code="read_failed",
                hint="The file is truncated or damaged, or a file that it refers to is missing; copy it again.",
            ) from error

    def _read_dataset(self, window: Any, indexes: list[int]) -> npt.NDArray[Any]:
        dtype = self.scene.dtype
        if len(set(self._dataset.dtypes)) == 1:
            numbers: npt.NDArray[Any] = self._dataset.read(indexes, window=window)
            return numbers
        # rasterio reads bands of different types one by one only.
        return np.stack([self._dataset.read(i, window=window).astype(dtype) for i in indexes])

    def _validity(self, raw: npt.NDArray[Any], window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_]:
        valid = np.isfinite(raw) if raw.dtype.kind == "f" else np.ones(raw.shape, dtype=bool)
        for position, band in enumerate(bands):
            nodata = self._nodata[band]
            if nodata is not None:
                valid[position] &= raw[position] != nodata
        if self._has_mask:
            with gdal_settings():
                valid &= self._dataset.dataset_mask(window=_rasterio_window(window)) > 0
        return valid

    def _column(self, values: Sequence[float], bands: Sequence[int]) -> npt.NDArray[np.float64]:
        return np.array([values[b] for b in bands], dtype=np.float64)[:, None, None]


def value_dtype(dtype: str) -> np.dtype[Any]:
    """Type in which numbers of a file of ``dtype`` are handed out: float32, or float64 where that would round."""
    return np.dtype(np.float32 if dtype in _FLOAT32_IS_EXACT else np.float64)


def _nodata_number(value: float | None, dtype: str) -> Any:
    """The nodata value as a number of the file's type; None where there is none or NaN and infinity stand for it."""
    kind = np.dtype(dtype)
    if value is None or not np.isfinite(value):
        return None
    if kind.kind in "iu":
        return int(value) if float(value).is_integer() else None
    with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite there, as GDAL stores it
        number = kind.type(value)
    return number if np.isfinite(number) else None


def _rasterio_window(window: Window) -> Any:
    return rasterio.windows.Window(window.col, window.row, window.width, window.height)
