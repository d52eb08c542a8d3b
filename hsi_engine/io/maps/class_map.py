"""Class maps and rasters of probabilities or components: writing them window by window, and reading class maps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError

from ...classes.legend import MAX_VALUE, NODATA_VALUE, Legend
from ...errors import LabelError, SceneError
from ...phrases import counted
from ...pixels.grid import Grid
from ...pixels.window import Window
from ..labels.class_zero import judge_zero
from ..labels.rasters.class_strips import class_strips, declared_nodata, require_one_band
from ..labels.rasters.classes import read_raster_classes
from ..labels.rasters.raster_classes import RasterClasses
from ..rasters.open_raster import gdal_settings, open_raster, resolve_raster_path
from ..rasters.rasterio_values import grid_of
from .class_map_reader import reading_class_map
from .map_writer import MapWriter, quiet_about_georeferencing


class ClassMapWriter(MapWriter):
    """Writes a class map: one band of raster values, 0 without data, colours in the file.

    uint8 with a colour table if every value fits into it; uint16 without one beyond that, because
    programs show a uint16 colour table as 65,536 classes. Names and style are separate files, see
    :func:`hsi_engine.io.legends.style_files.write_class_map_style`.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    grid : where the pixels lie.
    legend : the classes; values are written as they stand in it.
    tile : edge of the blocks of the file in pixels, a multiple of 16.
    pixels : file that gathers the pixels and outlasts a job that ends early, see :class:`~.map_writer.MapWriter`.
    tags : what the file states about itself, by name.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(
        self,
        path: str | Path,
        grid: Grid,
        legend: Legend,
        *,
        tile: int = 256,
        pixels: Path | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            path,
            grid,
            count=1,
            dtype=legend.dtype,
            nodata=NODATA_VALUE,
            predictor=1,
            overviews=Resampling.nearest,
            tile=tile,
            pixels=pixels,
            tags=tags,
        )
        self.legend = legend

    def write(self, window: Window, values: npt.NDArray[Any]) -> None:
        """Write raster values (rows, cols) of the legend, or 0, to ``window``."""
        largest = np.iinfo(self.dtype).max
        if values.size and (values.min() < 0 or values.max() > largest):
            raise ValueError(f"class values must lie between 0 and {largest}")
        self.write_bands(window, values[None])

    def describe_bands(self, file: Any) -> None:
        file.set_band_description(1, "class")
        if self.dtype == np.uint8:
            table = dict.fromkeys(range(256), (0, 0, 0, 0))
            table.update({c.value: (*c.rgb, 255) for c in self.legend})
            file.write_colormap(1, table)
            file.colorinterp = [ColorInterp.palette]


class NumberMapWriter(MapWriter):
    """Writes a raster of one or more named bands of numbers: confidence, probabilities, components.

    Parameters
    ----------
    path, grid, tile, pixels, tags : as for :class:`ClassMapWriter`.
    bands : the names of the bands, which become their descriptions.
    dtype : of the numbers.
    nodata : value of pixels without data, also of those that are never written; None: these hold 0, which is a value like others.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(
        self,
        path: str | Path,
        grid: Grid,
        bands: Sequence[str],
        *,
        dtype: str = "float32",
        nodata: float | None = float("nan"),
        tile: int = 256,
        pixels: Path | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        is_real = np.issubdtype(dtype, np.floating)
        super().__init__(
            path,
            grid,
            count=len(bands),
            dtype=np.dtype(dtype),
            nodata=nodata,
            predictor=3 if is_real else 2,
            overviews=Resampling.average if is_real else Resampling.nearest,
            tile=tile,
            pixels=pixels,
            tags=tags,
        )
        self.bands = tuple(bands)

    def write(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols), or (rows, cols) for a single band, to ``window``."""
        self.write_bands(window, data[None] if data.ndim == 2 else data)

    def describe_bands(self, file: Any) -> None:
        for number, name in enumerate(self.bands, start=1):
            file.set_band_description(number, name)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassMap:
    """A raster of class values, as this engine or another program wrote it.

    Parameters
    ----------
    values : (rows, cols), uint16, 0 if the file has no data.
    occurring : the class values in them, ascending, without 0.
    grid : where they lie.
    legend : names and colours from the file and those next to it; None if neither names a class nor colours it.
    zeros : how many pixels hold the value 0 without being nodata.
    warnings : what may well be a mistake.
    tags : what the file states about itself, by name.
    """

    values: npt.NDArray[np.uint16]
    occurring: tuple[int, ...]
    grid: Grid
    legend: Legend | None
    zeros: int
    warnings: tuple[str, ...]
    tags: Mapping[str, str]


def read_class_map(path: str | Path) -> ClassMap:
    """Read a class map.

    Raises
    ------
    LabelError
        The file is missing, no raster, does not hold whole numbers from 0 to 65535 in a single band, or calls 0 a class.
    """
    with reading_class_map(path):
        path = resolve_raster_path(path)
        with open_raster(path)[0] as file:
            values, zeros = np.empty(file.shape, dtype=np.uint16), 0
            occurs = np.zeros(MAX_VALUE + 1, dtype=np.bool_)
            for top, strip, zero in _class_strips(file, path):
                values[top : top + len(strip)] = strip
                occurs[strip] = True
                zeros += zero
            grid = grid_of(file)
            occurring = np.flatnonzero(occurs).tolist()
            classes = read_raster_classes(file, path, occurring)
            nodata, tags = declared_nodata(file), file.tags()
    _, warnings = judge_zero(zeros, what="pixels", place=path.name, name=classes.names.get(NODATA_VALUE), nodata=nodata)
    legend = _legend_of(classes, occurring)
    return ClassMap(
        values=values,
        occurring=tuple(value for value in occurring if value != NODATA_VALUE),
        grid=grid,
        legend=legend,
        zeros=zeros,
        warnings=warnings,
        tags=tags,
    )


def read_grid(path: str | Path) -> Grid:
    """Where the pixels of a map lie.

    Raises
    ------
    LabelError
        The file cannot be read.
    """
    with _opened(path) as file:
        return grid_of(file)


def read_thinned_class_map(path: str | Path, step: int) -> npt.NDArray[Any]:
    """About every ``step``-th value of a map that :class:`ClassMapWriter` wrote, in both directions.

    Shape (rows / step, cols / step), rounded up. The map is never held as a whole, so it may be of any size.

    Raises
    ------
    LabelError
        The file cannot be read.
    """
    with _opened(path) as file:
        rows, cols = (math.ceil(edge / step) for edge in file.shape)
        values: npt.NDArray[Any] = file.read(1, out_shape=(rows, cols), resampling=Resampling.nearest)
    return values


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    try:
        with gdal_settings(), quiet_about_georeferencing(), open_raster(resolve_raster_path(path))[0] as file:
            yield file
    except (SceneError, RasterioError) as error:
        raise LabelError(
            f"Class map '{path}' cannot be read: {str(error.__cause__ or error).rstrip('.')}.", code="unreadable"
        ) from error


def _class_strips(file: Any, path: Path) -> Iterator[tuple[int, npt.NDArray[np.int32], int]]:
    """As :func:`~.class_raster.class_strips`; what holds other numbers is named as something that is not a class map."""
    try:
        require_one_band(file, path)
        yield from class_strips(file, path.name)
    except LabelError as error:
        raise LabelError(
            f"Class map '{path}' must hold one band of whole numbers from 1 to {MAX_VALUE};"
            f" found {counted(file.count, 'band')} of type {file.dtypes[0]}. {error.message}",
            code="not_a_class_map",
            hint="Choose the class map, not its confidence or a scene.",
        ) from error


def _legend_of(classes: RasterClasses, occurring: Sequence[int]) -> Legend | None:
    names = {value: name for value, name in classes.names.items() if value != NODATA_VALUE}
    if not names and not classes.colours:
        return None
    # A colour table has an entry for every possible value: the classes are those that occur.
    return Legend.of({v: str(v) for v in occurring if v != NODATA_VALUE} | names, classes.colours)
