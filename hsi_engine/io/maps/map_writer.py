"""Writing a raster window by window, in any order and any size of windows.

GDAL compresses a block again each time a part of it is written and appends what no longer fits: windows of
50 pixels made a compressed map of 4000×4000 pixels eight times larger than needed, in row order. The pixels
are therefore gathered in a file of plain numbers and compressed once when the map is closed. The bytes
of a map then do not depend on how it was cut into windows, and memory not on its size.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ...errors import HsiError, OutputError
from ...phrases import writing_hint
from ...pixels.grid import Grid
from ...pixels.window import Window
from ..files.temporary_files import target_of, temporary_beside
from ..rasters.open_raster import gdal_settings
from ..rasters.rasterio_values import rasterio_window
from .pixel_file import PixelFile
from .raster_check import check_raster

WriterT = TypeVar("WriterT", bound="MapWriter")

# Gathered pixels that are compressed at once.
_PIECE_BYTES = 16 * 2**20
_COMPRESS_ON_ALL_CORES = {"NUM_THREADS": "ALL_CPUS"}


class MapWriter:
    """A tiled, DEFLATE-compressed GeoTIFF with overviews, written through a file of plain numbers.

    DEFLATE, because builds of GDAL without ZSTD are still in use.

    Parameters
    ----------
    pixels : the file that gathers the pixels. If one is given, it is not removed, and what it holds already need not
        be written again; otherwise it is a temporary one next to the map.
    tags : what the file states about itself, by name.
    """

    def __init__(
        self,
        path: str | Path,
        grid: Grid,
        *,
        count: int,
        dtype: np.dtype[Any],
        nodata: float | None,
        predictor: int,
        overviews: Resampling,
        tile: int,
        pixels: Path | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        if tile < 16 or tile % 16:
            raise ValueError(f"the blocks of a GeoTIFF must be a multiple of 16 pixels wide: {tile}")
        self.path = Path(path)
        self.grid = grid
        self.dtype = dtype
        self._overviews = overviews
        self._kept_pixels = pixels
        self._tags = dict(tags or {})
        self._profile: dict[str, Any] = {
            "driver": "GTiff",
            "height": grid.shape[0],
            "width": grid.shape[1],
            "count": count,
            "dtype": dtype.name,
            "nodata": nodata,
            "crs": grid.crs,
            "transform": grid.transform if grid.is_georeferenced else None,
            "tiled": True,
            "blockxsize": tile,
            "blockysize": tile,
            "interleave": "band",
            "compress": "deflate",
            "predictor": predictor,
            "BIGTIFF": "IF_SAFER",
            **_COMPRESS_ON_ALL_CORES,
        }
        self._stack = ExitStack()
        self._pixels: Any = None

    def __enter__(self: WriterT) -> WriterT:
        with as_output_error(self.path), ExitStack() as stack:
            file = self._kept_pixels or stack.enter_context(temporary_beside(self.path))
            shape = (self._profile["count"], *self.grid.shape)
            self._pixels = stack.enter_context(PixelFile(file, shape, self.dtype, self._profile["nodata"] or 0))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with as_output_error(self.path), self._stack:
            if kind is None:
                self._finish()

    def _finish(self) -> None:
        require_threads()
        with rasterio.open(self.path, "w", **self._profile) as file:
            file.update_tags(**self._tags)
            self.describe_bands(file)
            for window in self._pieces():
                file.write(
                    self._pixels.read(window),
                    window=rasterio_window(window),
                )
        factors = _overview_factors(self.grid.shape, self._profile["blockxsize"])
        if factors:
            with rasterio.open(self.path, "r+", **_COMPRESS_ON_ALL_CORES) as finished:
                finished.build_overviews(factors, self._overviews)
        check_raster(self.path, self._pieces(), self._pixels.read, factors)

    def _pieces(self) -> Iterator[Window]:
        """Windows of whole blocks of the file, in the order of the blocks."""
        edge, (rows, cols) = self._profile["blockxsize"], self.grid.shape
        block_bytes = self._profile["count"] * edge * edge * self.dtype.itemsize
        width = max(1, _PIECE_BYTES // block_bytes) * edge
        for row in range(0, rows, edge):
            for col in range(0, cols, width):
                yield Window(row=row, col=col, height=edge, width=width).clip(self.grid.shape)

    def describe_bands(self, file: Any) -> None:
        """Set what belongs to the bands, before any pixel is written."""

    def write_bands(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols) to ``window``, which must lie inside the map."""
        if window.clip(self.grid.shape) != window or data.shape != (self._profile["count"], *window.shape):
            raise ValueError(f"{data.shape} values do not fit {window} of a map of {self.grid.shape}")
        if window.is_empty:
            return
        with as_output_error(self.path):
            self._pixels.write(window, data)

    def sync(self) -> None:
        """Return when all pixels written so far are on the disk, where a loss of power does not reach them."""
        with as_output_error(self.path):
            self._pixels.sync()


@contextlib.contextmanager
def quiet_about_georeferencing() -> Iterator[None]:
    """Keep rasterio from warning about rasters without a transform, which are allowed here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _overview_factors(shape: tuple[int, int], tile: int) -> list[int]:
    """Halvings until the smallest overview fits into one block."""
    factors = []
    factor = 2
    while max(shape) > tile * factor // 2:
        factors.append(factor)
        factor *= 2
    return factors


def require_threads() -> None:
    """Make sure that the system starts as many threads as GDAL compresses with: it waits for ever for one that is not started.

    Raises
    ------
    HsiError : a limit on memory or processes leaves no room for them.
    """
    end = threading.Event()
    started = list[threading.Thread]()
    try:
        for _ in range(os.cpu_count() or 1):
            thread = threading.Thread(target=end.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        raise HsiError(
            f"The system started {len(started)} of the {os.cpu_count()} threads that compress the output: {error}.",
            code="threads",
            hint="Close other programs, or raise the limits on memory and processes (ulimit -v, ulimit -u).",
        ) from error
    finally:
        end.set()
        for thread in started:
            thread.join()


@contextlib.contextmanager
def as_output_error(path: Path, noun: str = "Raster") -> Iterator[None]:
    """Turn what stops GDAL from writing into an OutputError; ``noun`` is what the message calls the file."""
    try:
        with gdal_settings(), quiet_about_georeferencing():
            yield
    except (RasterioError, CPLE_BaseError, OSError) as error:
        # The message of the system if there is one; rasterio's own only refer to the cause.
        reason = getattr(error, "strerror", None) or str(error.__cause__ or error).rstrip(".")
        free = shutil.disk_usage(path.parent).free if path.parent.is_dir() else 0
        raise OutputError(
            f"{noun} '{target_of(path)}' cannot be written: {reason} ({free / 2**20:.0f} MiB free on its disk).",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error
