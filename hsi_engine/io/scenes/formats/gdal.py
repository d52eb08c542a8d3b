"""Scenes that GDAL describes and reads: GeoTIFF first, and whatever else it opens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...files.source_names import is_gdal_name
from ...rasters.band_tags import split_list
from ...rasters.contents import check_cube, listed_contents
from ...rasters.envi_headers import envi_header_notes, headers_of
from ...rasters.envi_pairs import describes, header_of_geotiff, read_header
from ...rasters.file_masks import transparent_bands
from ...rasters.open_raster import gdal_settings, open_raster, resolve_raster_path
from ...rasters.product_files import unread_metadata
from ...rasters.rasterio_values import grid_of
from ..metadata.band_metadata import RasterTags, read_band_table
from ..metadata.netcdf_dimensions import axes_are_unknown, check_axes, is_about_bands
from ..metadata.nodata import declared_nodata, without_unreadable, word_notes
from ..metadata.scaling import scale_and_offset
from ..source import Scene, SceneFormat
from . import block_cache as last_block
from .gdal_pixels import GdalPixels

# GDAL's remark on nodata values of 64 bits, which are read with all their digits.
_EXACT_NODATA = "returns an approximate value of the true nodata value"


def describe(path: Path, *, bands_stated_elsewhere: bool = False) -> Scene:
    """Describe what GDAL opens under a name.

    ``bands_stated_elsewhere`` as in :func:`describe_dataset`.

    Raises
    ------
    SceneError : the file is missing, a folder, not a raster, truncated, without bands, of complex numbers, holds several
        rasters, or does not say which of its axes holds the bands.
    """
    path = resolve_raster_path(path)
    with gdal_settings():
        dataset, messages = open_raster(path)
        with dataset:
            return describe_dataset(dataset, messages, path, bands_stated_elsewhere=bands_stated_elsewhere)


def describe_dataset(
    dataset: Any, messages: Sequence[str], path: Path, *, bands_stated_elsewhere: bool = False
) -> Scene:
    """Describe an open rasterio dataset.

    Parameters
    ----------
    messages : what GDAL warned of while it opened it.
    bands_stated_elsewhere : the metadata of a product state bands, scale and no data: what the image itself states about
        them, and lacks, is not worth a note.
    """
    tags, header_notes = _tags_of(dataset, path)
    check_axes(tags, messages, str(path))
    grid = grid_of(dataset)
    check_cube(dataset, path, axes_unknown=axes_are_unknown(tags, messages, has_place=grid.is_georeferenced))
    bands, band_notes = read_band_table(tags)
    scale, offset, scale_notes = scale_and_offset(dataset, tags)
    dtype = str(np.result_type(*dataset.dtypes))
    declared, nodata_notes = without_unreadable(declared_nodata(dataset), tags.envi.get("data_ignore_value"), dtype)
    alpha = transparent_bands(dataset)
    spectral = bands.select([i for i in range(len(bands)) if i not in alpha])
    return Scene(
        path=path,
        grid=grid,
        bands=bands,
        dtype=dtype,
        nodata=declared[0],
        band_nodata=declared,
        scale=scale,
        offset=offset,
        shown_scaling=tuple(map(_shown, dataset.scales, dataset.offsets)),
        driver=dataset.driver,
        block_shape=dataset.block_shapes[0],
        transparent=alpha,
        texts={**tags.envi, **tags.dataset},
        files=tuple(dict.fromkeys((str(path), *dataset.files))),
        warnings=(
            *_place_notes(dataset),
            *(
                ()
                if bands_stated_elsewhere
                else (
                    *header_notes,
                    *band_notes,
                    *(() if spectral.has_wavelengths else unread_metadata(path)),
                    *scale_notes,
                    *word_notes(dataset),
                    *nodata_notes,
                )
            ),
            *_storage_notes(dataset, dtype),
            *_remarks(messages, tags),
        ),
    )


def _shown(scale: float, offset: float) -> tuple[float, float]:
    """As a GIS applies them: numbers that are none leave values as they are."""
    return (float(scale), float(offset)) if math.isfinite(scale) and math.isfinite(offset) else (1.0, 0.0)


def _remarks(messages: Sequence[str], tags: RasterTags) -> list[str]:
    """What GDAL warned of, but for what is no concern here."""
    told = [m for m in messages if not (is_about_bands(m, tags) or _EXACT_NODATA in m)]
    return [f"GDAL says: {message.rstrip('.')}." for message in told]


def _tags_of(dataset: Any, path: Path) -> tuple[RasterTags, tuple[str, ...]]:
    """The tags, with the entries of an ENVI header next to a GeoTIFF, which GDAL does not read."""
    tags = RasterTags.of(dataset)
    header = header_of_geotiff(path) if dataset.driver == "GTiff" and not is_gdal_name(path) else None
    if dataset.driver == "ENVI" and not is_gdal_name(path) and not any(tags.descriptions):
        tags = replace(tags, descriptions=_names_in_header(path, dataset.count))
    if header is None:
        return tags, envi_header_notes(path) if dataset.driver == "ENVI" and not is_gdal_name(path) else ()
    entries = read_header(header)
    if not describes(entries, (dataset.count, *dataset.shape)):
        return tags, (f"The header {header.name} next to the scene states another size and is not used.",)
    used = f"Band information missing from the file was taken from the ENVI header {header.name} next to it."
    return replace(tags, envi=entries), (used,)


def _names_in_header(path: Path, count: int) -> tuple[str | None, ...]:
    """The names of bands in an ENVI header, also one in the encoding of an old program; None for all if it has none."""
    names = next((split_list(read_header(header).get("band_names", "")) for header in headers_of(path)), [])
    return tuple(names) if len(names) == count else (None,) * count


def _place_notes(dataset: Any) -> tuple[str, ...]:
    """What the file says of its place that is not used."""
    if grid_of(dataset).is_georeferenced or not (dataset.gcps[0] or dataset.rpcs):
        return ()
    return (
        "The scene has ground control points or rational polynomials instead of a geotransform; they are not "
        "used. Warp the scene first to get a map in map coordinates.",
    )


def _storage_notes(dataset: Any, dtype: str) -> tuple[str, ...]:
    """What about the way the numbers are stored a user should know."""
    notes = []
    block_bytes = math.prod(dataset.block_shapes[0]) * dataset.count * np.dtype(dtype).itemsize
    if dataset.compression is not None and block_bytes > last_block.MAX_BYTES:
        height, width = dataset.block_shapes[0]
        notes.append(
            f"The file is compressed in blocks of {height}×{width} pixels, {block_bytes / 1e6:.0f} MB with all bands, "
            f"which are decompressed again for each part that is read. Store it in tiles of 256×256 pixels to save "
            f"time."
        )
    if dataset.subdatasets:
        inside = listed_contents(dataset)
        notes.append(f"The file holds several rasters; the first was used. To use another, name it: {inside}.")
    return tuple(notes)


GDAL = SceneFormat(name="gdal", recognises=lambda path: True, describe=describe, open=GdalPixels)
