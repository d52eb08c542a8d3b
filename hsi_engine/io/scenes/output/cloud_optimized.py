"""From a GeoTIFF to one that is cloud optimized: overviews first, and blocks in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import rasterio
import rasterio.shutil
from rasterio.enums import Resampling

from ....pixels.window import TilePlan
from ...files.temporary_files import temporary_beside
from ...maps.map_writer import as_output_error, quiet_about_georeferencing, require_threads
from ...maps.raster_check import check_copy
from ...rasters.open_raster import gdal_settings

# All bands of a pixel lie together in a COG: of 512×512 pixels and 224 bands, a block would have more than 100 MB.
_BLOCK_PX = 128
_SMALLEST_PX = 512
_OF_ONE_BAND_PX = 512


def to_cloud_optimized(
    source: Path,
    target: Path,
    check_cancelled: Callable[[], None],
    progress: Callable[[float], None],
    *,
    block_px: int = _BLOCK_PX,
    predictor: bool = True,
    what: str = "Scene",
) -> None:
    """Copy a GeoTIFF with all it states; GDAL holds no more than its cache.

    The overviews are made in the source, band by band: made in the copy, of which every block holds all bands, they take ten
    times as long.

    Parameters
    ----------
    source : a temporary file, which gets overviews, of nearest pixels, if it has none.
    check_cancelled, progress : called before overviews and copy begin; GDAL reports nothing in between.
    block_px : edge of the blocks.
    predictor : whether differences of neighbours are compressed, which suits measurements and not codes.
    what : what messages call the file.

    Raises
    ------
    OutputError : a file cannot be written.
    """
    options = {
        "COMPRESS": "DEFLATE",
        "PREDICTOR": "YES" if predictor else "NO",
        "BLOCKSIZE": str(block_px),
        "BIGTIFF": "IF_SAFER",
        "NUM_THREADS": "ALL_CPUS",
    }
    with ExitStack() as stack:
        stack.enter_context(as_output_error(target, what))
        stack.enter_context(gdal_settings())
        stack.enter_context(quiet_about_georeferencing())
        overviews = {
            "GDAL_NUM_THREADS": "ALL_CPUS",
            "GDAL_TIFF_OVR_BLOCKSIZE": block_px,
            "COMPRESS_OVERVIEW": "DEFLATE",
        }
        require_threads()
        check_cancelled()
        progress(0.0)
        with rasterio.Env(**overviews), rasterio.open(source, "r+") as file:
            factors = _factors(file.shape)
            if factors and not file.overviews(1):
                file.build_overviews(factors, Resampling.nearest)
        check_cancelled()
        progress(0.4)
        with rasterio.open(source) as file:
            rasterio.shutil.copy(file, target, driver="COG", **options)


def make_cloud_optimized(
    raster: Path, check_cancelled: Callable[[], None], progress: Callable[[float], None], *, predictor: bool
) -> None:
    """Replace a raster by a copy of it that is cloud optimized, and read that back; otherwise as :func:`to_cloud_optimized`."""
    with temporary_beside(raster) as plain:
        with as_output_error(raster):
            raster.replace(plain)
            with quiet_about_georeferencing(), rasterio.open(plain) as file:
                shape, block = file.shape, _OF_ONE_BAND_PX if file.count == 1 else _BLOCK_PX
        to_cloud_optimized(plain, raster, check_cancelled, progress, block_px=block, predictor=predictor, what="Raster")
        # GDAL is silent about what it could not write while it closed a file.
        with as_output_error(raster):
            pieces = TilePlan(shape=shape, strip_rows=_OF_ONE_BAND_PX, tile_cols=_OF_ONE_BAND_PX)
            check_copy(raster, plain, pieces, check_cancelled)


def _factors(shape: tuple[int, int]) -> list[int]:
    """By how much each overview is smaller than the scene of ``shape`` (rows, cols); the last fits into a picture."""
    factors: list[int] = []
    while max(shape) // (2 ** len(factors)) > _SMALLEST_PX:
        factors.append(2 ** (len(factors) + 1))
    return factors
