"""Describe and open a hyperspectral scene: anything GDAL reads, GeoTIFF and ENVI first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...pixels.grid import Grid
from ...spectrum.bands import BandTable, named_bands
from ..files.source_names import is_gdal_name
from ..rasters.envi_headers import envi_header_notes
from ..rasters.envi_pairs import describes, header_of_geotiff, read_header
from ..rasters.file_masks import transparent_bands
from ..rasters.open_raster import gdal_settings, open_raster, resolve_raster_path
from ..rasters.product_files import unread_metadata
from ..rasters.rasterio_values import grid_of
from .formats import block_cache as last_block
from .formats.envi import EnviLayout
from .formats.netcdf_dimensions import check_axes, is_about_bands
from .metadata.band_metadata import RasterTags, read_band_table
from .metadata.nodata import declared_nodata, unusable_note, without_unreadable, word_notes
from .metadata.scaling import scale_and_offset
from .reader import Scene, SceneBlock, SceneReader
from .usable_bands import UsableBands, find_usable_bands

__all__ = [
    "Scene",
    "SceneBlock",
    "SceneReader",
    "UsableBands",
    "describe_scene",
    "find_usable_bands",
    "open_scene",
]

# GDAL's remark on nodata values of 64 bits, which are read with all their digits.
_EXACT_NODATA = "returns an approximate value of the true nodata value"


def describe_scene(path: str | Path, *, nodata: float | None = None) -> Scene:
    """Read everything about a scene but its pixels.

    Parameters
    ----------
    path : a raster file, an ENVI header, or a name that GDAL resolves (``NETCDF:"file.nc":variable``).
    nodata : a number that means no data in every band, besides those that the file declares.

    Raises
    ------
    SceneError : the file is missing, a folder, not a raster, truncated, without bands, of complex numbers, or
        holds several rasters.
    """
    path = resolve_raster_path(path)
    with gdal_settings():
        dataset, messages = open_raster(path)
        with dataset:
            tags, header_notes = _tags_of(dataset, path)
            check_axes(tags, messages, str(path))
            alpha = transparent_bands(dataset)
            bands, warnings = read_band_table(tags, transparent=alpha)
            bands, alpha_warnings = _without_alpha(bands, alpha)
            scale, offset, scale_warnings = scale_and_offset(dataset, tags)
            dtype = str(np.result_type(*dataset.dtypes))
            ignored = tags.envi.get("data_ignore_value")
            declared, nodata_notes = without_unreadable(declared_nodata(dataset), ignored, dtype)
            envi = None
            if dataset.driver == "ENVI" and not is_gdal_name(path):
                envi = EnviLayout.of(path, (dataset.count, *dataset.shape), dtype, tags.envi)
                envi.check()
            return Scene(
                path=path,
                grid=grid_of(dataset),
                bands=bands,
                dtype=dtype,
                nodata=declared[0],
                band_nodata=declared,
                also_nodata=() if nodata is None else (nodata,),
                scale=scale,
                offset=offset,
                driver=dataset.driver,
                block_shape=dataset.block_shapes[0],
                envi=envi,
                transparent=tuple(alpha),
                warnings=(
                    *_place_warnings(dataset),
                    *header_notes,
                    *warnings,
                    *(() if bands.has_wavelengths else unread_metadata(path)),
                    *alpha_warnings,
                    *scale_warnings,
                    *word_notes(dataset),
                    *nodata_notes,
                    *filter(None, (unusable_note(nodata, dtype, "that was given"),)),
                    *_storage_warnings(dataset, dtype, envi),
                    *_remarks(messages, tags),
                ),
            )


def open_scene(source: str | Path | Scene, *, nodata: float | None = None) -> SceneReader:
    """Open a scene for reading; a context manager. A :class:`Scene` is not described again.

    ``nodata`` as in :func:`describe_scene`, for a path.
    """
    return SceneReader(source if isinstance(source, Scene) else describe_scene(source, nodata=nodata))


def _remarks(messages: Sequence[str], tags: RasterTags) -> list[str]:
    """What GDAL warned of, except for what does not matter here."""
    told = [m for m in messages if not (is_about_bands(m, tags) or _EXACT_NODATA in m)]
    return [f"GDAL says: {message.rstrip('.')}." for message in told]


def _tags_of(dataset: Any, path: Path) -> tuple[RasterTags, tuple[str, ...]]:
    """The tags, with the entries of an ENVI header next to a GeoTIFF, which GDAL does not read."""
    tags = RasterTags.of(dataset)
    header = header_of_geotiff(path) if dataset.driver == "GTiff" and not is_gdal_name(path) else None
    if header is None:
        return tags, envi_header_notes(path) if dataset.driver == "ENVI" and not is_gdal_name(path) else ()
    entries = read_header(header)
    if not describes(entries, (dataset.count, *dataset.shape)):
        return tags, (f"The header {header.name} next to the scene states another size and is not used.",)
    used = f"Band information missing from the file was taken from the ENVI header {header.name} next to it."
    return replace(tags, envi=entries), (used,)


def _without_alpha(bands: BandTable, alpha: Sequence[int]) -> tuple[BandTable, tuple[str, ...]]:
    """Flag transparency as a bad band: it is a mask, and its numbers are not measurements."""
    if not alpha:
        return bands, ()
    good = tuple(flag and i not in alpha for i, flag in enumerate(bands.good))
    shown, one = named_bands(alpha), len(alpha) == 1
    note = (
        f"B{shown[1:]} {'is' if one else 'are'} marked as transparency (alpha) and used as a mask, not as"
        f" {'a band' if one else 'bands'}."
    )
    return replace(bands, good=good), (note,)


def _place_warnings(dataset: Any) -> tuple[str, ...]:
    """What the file does not state about where its pixels lie."""
    grid = Grid(crs=None, transform=dataset.transform, shape=dataset.shape)
    if grid.is_georeferenced and dataset.crs:
        return ()
    if not grid.is_georeferenced and (dataset.gcps[0] or dataset.rpcs):
        return (
            "The scene has ground control points or rational polynomials instead of a geotransform; they are not "
            "used. Warp the scene first to get a map in map coordinates.",
        )
    if not grid.is_georeferenced:
        return ("The scene has no map coordinates; pixel coordinates are used.",)
    return ("The scene has no CRS; its coordinates are used as they are.",)


def _storage_warnings(dataset: Any, dtype: str, envi: EnviLayout | None) -> tuple[str, ...]:
    """What about the way the numbers are stored a user should know."""
    notes = []
    if envi and envi.compressed:
        notes.append(
            "The data file is compressed as a whole: it is uncompressed into a temporary file each time it is"
            f" opened ({envi.expected_bytes / 1e6:.0f} MB). Uncompress it to save time."
        )
    if envi and envi.excess_bytes:
        notes.append(
            f"The data file is {envi.excess_bytes} bytes longer than its header says; check size and data type in it."
        )
    block_bytes = math.prod(dataset.block_shapes[0]) * dataset.count * np.dtype(dtype).itemsize
    if dataset.compression is not None and block_bytes > last_block.MAX_BYTES:
        height, width = dataset.block_shapes[0]
        notes.append(
            f"The file is compressed in blocks of {height}×{width} pixels, {block_bytes / 1e6:.0f} MB with all bands, "
            f"which are decompressed again for each part that is read. Store it in tiles of 256×256 pixels to save "
            f"time."
        )
    if dataset.subdatasets:
        shown = ", ".join(dataset.subdatasets[:8])
        notes.append(f"The file holds several rasters; the first was used. To use another, name it: {shown}.")
    return tuple(notes)
