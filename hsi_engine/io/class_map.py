"""Writing maps window by window, and reading class maps back.

Windows may come in any order and need not be aligned to the blocks of the file. GDAL compresses a block
again each time a part of it is written and appends what no longer fits: windows of 50 pixels made a
compressed map of 4000×4000 pixels eight times larger than needed, in row order. The pixels are therefore
gathered in an uncompressed temporary file and compressed once when the map is closed. The bytes of a map
then do not depend on how it was cut into windows, and memory not on its size.
"""

from __future__ import annotations

import contextlib
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window as RasterioWindow

from ..errors import LabelError, OutputError
from ..grid import Grid
from ..legend import NODATA_VALUE, Legend
from ..window import Window
from .outputs import target_of, temporary_beside
from .pam import read_pam_classes


class _MapWriter:
    """A tiled, DEFLATE-compressed GeoTIFF with overviews, written through an uncompressed file beside it.

    DEFLATE, because builds of GDAL without ZSTD are still in use.
    """

    def __init__(
        self,
        path: str | Path,
        grid: Grid,
        *,
        count: int,
        dtype: np.dtype[Any],
        nodata: float,
        predictor: int,
        overviews: Resampling,
        tile: int,
    ) -> None:
        if tile < 16 or tile % 16:
            raise ValueError(f"the blocks of a GeoTIFF must be a multiple of 16 pixels wide: {tile}")
        self.path = Path(path)
        self.grid = grid
        self._overviews = overviews
        self._dtype = dtype
        self._layout: dict[str, Any] = {"tiled": True, "blockxsize": tile, "blockysize": tile, "interleave": "band"}
        self._profile: dict[str, Any] = {
            "driver": "GTiff",
            "height": grid.shape[0],
            "width": grid.shape[1],
            "count": count,
            "dtype": dtype.name,
            "nodata": nodata,
            "crs": grid.crs,
            "transform": grid.transform if grid.is_georeferenced else None,
            "BIGTIFF": "IF_SAFER",
        }
        self._compression = {"compress": "deflate", "predictor": predictor, "BIGTIFF": "IF_SAFER"}
        self._stack = ExitStack()
        self._file: Any = None

    def __enter__(self) -> Any:
        with _in_words(self.path), ExitStack() as stack:
            self._raw = stack.enter_context(temporary_beside(self.path))
            # Sparse: a block that is never written takes no space and reads as nodata.
            self._file = rasterio.open(self._raw, "w", **self._profile, **self._layout, SPARSE_OK=True)
            self._describe(self._file)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack, _in_words(self.path):
            self._file.close()
            if kind is None:
                self._finish()

    def _finish(self) -> None:
        copy_raster(self._raw, self.path, driver="GTiff", **self._layout, **self._compression)
        factors = _overview_factors(self.grid.shape, self._layout["blockxsize"])
        if factors:
            with rasterio.open(self.path, "r+") as finished:
                finished.build_overviews(factors, self._overviews)

    def _describe(self, file: Any) -> None:
        """Set what belongs to the bands, before any pixel is written."""

    def _write(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols) to ``window``, which must lie inside the map."""
        if window.clip(self.grid.shape) != window or data.shape != (self._profile["count"], *window.shape):
            raise ValueError(f"{data.shape} values do not fit {window} of a map of {self.grid.shape}")
        if window.is_empty:
            return
        with _in_words(self.path):
            self._file.write(
                data.astype(self._dtype, copy=False),
                window=RasterioWindow(window.col, window.row, window.width, window.height),
            )


class ClassMapWriter(_MapWriter):
    """Writes a class map: one band of raster values, 0 without data, colours in the file.

    uint8 with a colour table where every value fits into it; uint16 without one beyond that, because
    programs show a uint16 colour table as 65,536 classes. Names and style are separate files, see
    :func:`hsi_engine.io.style.write_class_map_style`.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.outputs.StagedOutputs`.
    grid : where the pixels lie.
    legend : the classes; values are written as they stand in it.
    tile : edge of the blocks of the file in pixels, a multiple of 16.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(self, path: str | Path, grid: Grid, legend: Legend, *, tile: int = 256) -> None:
        super().__init__(
            path,
            grid,
            count=1,
            dtype=legend.dtype,
            nodata=NODATA_VALUE,
            predictor=1,
            overviews=Resampling.nearest,
            tile=tile,
        )
        self.legend = legend

    def write(self, window: Window, values: npt.NDArray[Any]) -> None:
        """Write raster values (rows, cols) of the legend, or 0, to ``window``."""
        largest = np.iinfo(self._dtype).max
        if values.size and (values.min() < 0 or values.max() > largest):
            raise ValueError(f"class values must lie between 0 and {largest}")
        self._write(window, values[None])

    def _describe(self, file: Any) -> None:
        file.set_band_description(1, "class")
        if self._dtype == np.uint8:
            table = dict.fromkeys(range(256), (0, 0, 0, 0))
            table.update({c.value: (*c.rgb, 255) for c in self.legend})
            file.write_colormap(1, table)
            file.colorinterp = [ColorInterp.palette]


class FloatMapWriter(_MapWriter):
    """Writes a float32 raster of one or more named bands: confidence, probabilities, components.

    Parameters
    ----------
    path, grid, tile : as for :class:`ClassMapWriter`.
    bands : the names of the bands, which become their descriptions.
    nodata : value of pixels without data, also of those that are never written.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(
        self, path: str | Path, grid: Grid, bands: Sequence[str], *, nodata: float = float("nan"), tile: int = 256
    ) -> None:
        super().__init__(
            path,
            grid,
            count=len(bands),
            dtype=np.dtype(np.float32),
            nodata=nodata,
            predictor=3,
            overviews=Resampling.average,
            tile=tile,
        )
        self.bands = tuple(bands)

    def write(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols), or (rows, cols) for a single band, to ``window``."""
        self._write(window, data[None] if data.ndim == 2 else data)

    def _describe(self, file: Any) -> None:
        for number, name in enumerate(self.bands, start=1):
            file.set_band_description(number, name)


def read_class_map(path: str | Path) -> tuple[npt.NDArray[Any], Grid, Legend | None]:
    """Read a raster of class values, as this engine or another program wrote it.

    Returns
    -------
    values (rows, cols) with 0 where the file has no data, the grid, and the legend: names and colours
    from the file and its .aux.xml, or None where neither is there.

    Raises
    ------
    LabelError
        The file is missing, no raster, or does not hold whole numbers in a single band.
    """
    path = Path(path)
    if not path.exists():
        raise LabelError(f"Class map '{path}' does not exist.", code="missing", hint="Check the path.")
    try:
        with quiet_about_georeferencing(), rasterio.open(path) as file:
            if file.count != 1 or np.dtype(file.dtypes[0]).kind not in "iu":
                raise LabelError(
                    f"Class map '{path}' must hold one band of whole numbers;"
                    f" found {file.count} band(s) of type {file.dtypes[0]}.",
                    code="not_a_class_map",
                    hint="Choose the map itself, not its confidence or a scene.",
                )
            values = file.read(1)
            values[file.read_masks(1) == 0] = NODATA_VALUE
            grid = Grid(
                crs=file.crs.to_wkt() if file.crs else None,
                transform=file.transform,
                shape=cast("tuple[int, int]", file.shape),
            )
            legend = _legend_of(file, path, values)
    except RasterioError as error:
        raise LabelError(
            f"Class map '{path}' cannot be read as a raster: {error}",
            code="unreadable",
            hint="Choose a GeoTIFF or another raster that GDAL opens.",
        ) from error
    return values, grid, legend


@contextlib.contextmanager
def quiet_about_georeferencing() -> Iterator[None]:
    """Keep rasterio from warning about rasters without a transform, which are allowed here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _legend_of(file: Any, path: Path, values: npt.NDArray[Any]) -> Legend | None:
    try:
        colours = {v: "#{:02x}{:02x}{:02x}".format(*rgba[:3]) for v, rgba in file.colormap(1).items()}
    except ValueError:
        colours = {}
    classes = read_pam_classes(path)
    if not classes and colours:
        # A colour table has an entry for every possible value: the classes are those that occur.
        classes = {int(v): (str(v), None) for v in np.unique(values[values != NODATA_VALUE])}
    names = {value: name for value, (name, _) in classes.items()}
    known = {value: colour or colours.get(value) for value, (_, colour) in classes.items()}
    return Legend.of(names, {value: colour for value, colour in known.items() if colour}) if names else None


def _overview_factors(shape: tuple[int, int], tile: int) -> list[int]:
    """Halvings until the smallest overview fits into one block."""
    factors = []
    factor = 2
    while max(shape) > tile * factor // 2:
        factors.append(factor)
        factor *= 2
    return factors


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        with quiet_about_georeferencing():
            yield
    except (RasterioError, CPLE_BaseError, OSError) as error:
        free = shutil.disk_usage(path.parent).free if path.parent.is_dir() else 0
        raise OutputError(
            f"Raster '{target_of(path)}' cannot be written: {error} ({free / 2**20:.0f} MiB free on its disk).",
            code="write_failed",
            hint="Make room on the disk, or choose another folder.",
        ) from error
