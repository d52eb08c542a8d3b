"""Which pixels of a scene lie inside a mask: polygons, or a raster on the grid of the scene."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError

from ...errors import LabelError, MismatchError, SceneError
from ...pixels.grid import Grid
from ...pixels.scene_part import ScenePart, bounds_of
from ...pixels.window import Window
from ..labels.labels import is_vector, locate
from ..rasters.open_raster import gdal_settings, open_raster
from ..rasters.rasterio_values import grid_of, rasterio_window

# Read at once: some 10 MB.
_STRIP_PX = 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskedPart:
    """The part of a scene that a mask leaves, and what was changed or left out on the way, in sentences."""

    part: ScenePart
    notes: tuple[str, ...]


def read_mask(path: Path, grid: Grid, extent: Window | None) -> MaskedPart:
    """The pixels of a scene that lie inside a mask.

    A polygon takes the pixels whose centres it covers. A raster has the grid of the scene, and takes the pixels where it
    is neither 0 nor nodata nor NaN. Memory follows the part: one byte per pixel of it.

    Parameters
    ----------
    path : a file, or a name that GDAL resolves; ``file.gpkg|layername=fields`` names one layer of several.
    extent : the pixels that the map covers; the smallest rectangle around the mask if None.

    Raises
    ------
    LabelError : the file is missing or unreadable, holds no polygons, or has no CRS although the scene has one.
    MismatchError : no pixel, or none of the extent, lies inside the mask; a raster is on another grid.
    """
    try:
        source, layer = locate(path, None)
        is_polygons = is_vector(source)
    except LabelError as error:
        raise _as_mask_error(error) from error
    try:
        if is_polygons:
            from .polygon_mask import read_polygon_mask

            found, notes = read_polygon_mask(source, layer, grid, extent)
        else:
            found, notes = _read_raster_mask(source, grid, extent), ()
    except SceneError as error:
        raise _as_mask_error(error) from error
    inside = found.inside
    if inside is None:
        raise TypeError("a mask was read without its pixels")
    bounds = bounds_of(inside)
    if bounds.is_empty:
        raise MismatchError(
            f"No pixel of the {'scene' if extent is None else 'extent'} lies inside the mask {path.name}.",
            code="empty_mask",
            hint=(
                "Polygons must cover the centre of a pixel; a raster must have non-zero pixels."
                if extent is None
                else "Choose an extent and a mask that overlap, or leave one of them out."
            ),
        )
    if extent is None:
        found = ScenePart(window=bounds.absolute(found.window), inside=inside[bounds.slices()].copy())
    return MaskedPart(part=found, notes=notes)


def _read_raster_mask(path: Path, grid: Grid, extent: Window | None) -> ScenePart:
    try:
        with gdal_settings():
            dataset, _ = open_raster(path)
            with dataset:
                band = _only_band(dataset, path)
                _require_grid(dataset, path, grid)
                window = _bounds_of_raster(dataset, band) if extent is None else extent
                inside = np.zeros(window.shape, bool)
                for strip, values in _strips(dataset, band, window):
                    inside[strip.relative_to(window).slices()] = values
                return ScenePart(window=window, inside=inside)
    except RasterioError as error:
        raise LabelError(
            f"The mask {path} cannot be read: {str(error.__cause__ or error).rstrip('.')}.",
            code="unreadable",
            hint="Copy the file again; it may be damaged.",
        ) from error


def _bounds_of_raster(dataset: Any, band: int) -> Window:
    whole = Window.of_shape(dataset.shape)
    rows, cols = np.zeros(whole.height, bool), np.zeros(whole.width, bool)
    for strip, values in _strips(dataset, band, whole):
        rows[strip.row : strip.row_end] = values.any(axis=1)
        cols |= values.any(axis=0)
    if not rows.any():
        return Window(row=0, col=0, height=0, width=0)
    found = bounds_of(rows[:, None])
    return replace(found, col=(across := bounds_of(cols[None])).col, width=across.width)


def _strips(dataset: Any, band: int, window: Window) -> Iterator[tuple[Window, npt.NDArray[np.bool_]]]:
    """Windows over the width of ``window``, from top to bottom, and True where the mask has a value but 0."""
    if window.is_empty:
        return
    height = max(1, _STRIP_PX // window.width)
    for row in range(window.row, window.row_end, height):
        strip = replace(window, row=row, height=height).intersect(window)
        place = rasterio_window(strip)
        stored = dataset.read(band, window=place)
        values = (stored != 0) & (dataset.read_masks(band, window=place) > 0)
        yield strip, values & ~np.isnan(stored) if np.issubdtype(stored.dtype, np.floating) else values


def _only_band(dataset: Any, path: Path) -> int:
    bands = [i for i, role in enumerate(dataset.colorinterp, start=1) if role != ColorInterp.alpha]
    if len(bands) != 1:
        raise LabelError(
            f"The mask {path} has {len(bands)} bands; a mask has one.",
            code="bands",
            hint="Extract the band that says what is inside, or draw polygons.",
        )
    return bands[0]


def _require_grid(dataset: Any, path: Path, grid: Grid) -> None:
    difference = grid.explain_mismatch(grid_of(dataset))
    if difference:
        raise MismatchError(
            f"The mask {path.name} is not on the grid of the scene: {difference} (scene against mask).",
            code="grid",
            hint="Resample it to the grid of the scene (QGIS: Align rasters; gdalwarp -te … -ts …), or use polygons.",
        )


def _as_mask_error(error: SceneError | LabelError) -> LabelError:
    code = error.code.partition(".")[2]
    hint = (
        "A mask consists of polygons (such as .gpkg, .shp, .geojson) or is a raster."
        if code == "not_a_raster"
        else error.hint
    )
    return LabelError(f"The mask cannot be read: {error.message}", code=code, hint=hint)
