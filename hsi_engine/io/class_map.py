"""Class maps and rasters of probabilities or components: writing them window by window, and reading class maps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError

from ..errors import LabelError, SceneError
from ..grid import Grid
from ..legend import NODATA_VALUE, Legend
from ..window import Window
from .map_writer import MapWriter, quiet_about_georeferencing
from .pam import read_pam_classes
from .raster_source import gdal_settings, open_raster, resolve_raster_path


class ClassMapWriter(MapWriter):
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
    pixels : file that gathers the pixels and outlasts a job that ends early, see :class:`~.map_writer.MapWriter`.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(
        self, path: str | Path, grid: Grid, legend: Legend, *, tile: int = 256, pixels: Path | None = None
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


class FloatMapWriter(MapWriter):
    """Writes a float32 raster of one or more named bands: confidence, probabilities, components.

    Parameters
    ----------
    path, grid, tile, pixels : as for :class:`ClassMapWriter`.
    bands : the names of the bands, which become their descriptions.
    nodata : value of pixels without data, also of those that are never written.

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
        nodata: float = float("nan"),
        tile: int = 256,
        pixels: Path | None = None,
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
            pixels=pixels,
        )
        self.bands = tuple(bands)

    def write(self, window: Window, data: npt.NDArray[Any]) -> None:
        """Write ``data`` (bands, rows, cols), or (rows, cols) for a single band, to ``window``."""
        self.write_bands(window, data[None] if data.ndim == 2 else data)

    def describe_bands(self, file: Any) -> None:
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
    try:
        path = resolve_raster_path(path)
        with gdal_settings(), quiet_about_georeferencing(), open_raster(path)[0] as file:
            if file.count != 1 or np.dtype(file.dtypes[0]).kind not in "iu":
                raise LabelError(
                    f"Class map '{path}' must hold one band of whole numbers;"
                    f" found {file.count} band(s) of type {file.dtypes[0]}.",
                    code="not_a_class_map",
                    hint="Choose the map itself, not its confidence or a scene.",
                )
            values = file.read(1)
            values[file.read_masks(1) == 0] = NODATA_VALUE
            grid = _grid_of(file)
            legend = _legend_of(file, path, values)
    except SceneError as error:
        code = error.code.partition(".")[2]
        hint = "A class map is a raster; polygons can be its reference." if code == "not_a_raster" else error.hint
        raise LabelError(f"The class map cannot be read: {error.message}", code=code, hint=hint) from error
    except RasterioError as error:
        raise LabelError(
            f"Class map '{path}' cannot be read: {str(error.__cause__ or error).rstrip('.')}.",
            code="unreadable",
            hint="The file is truncated or damaged; copy it again.",
        ) from error
    return values, grid, legend


def read_grid(path: str | Path) -> Grid:
    """Where the pixels of a map lie.

    Raises
    ------
    LabelError
        The file cannot be read.
    """
    with _opened(path) as file:
        return _grid_of(file)


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


def _grid_of(file: Any) -> Grid:
    return Grid(
        crs=file.crs.to_wkt() if file.crs else None,
        transform=file.transform,
        shape=cast("tuple[int, int]", file.shape),
    )


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
