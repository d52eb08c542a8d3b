"""Opening a raster file, and explaining why it cannot be opened."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ...errors import SceneError
from ...pixels.grid import TRANSFORM_HINT, transform_fault
from ..files.archives import (
    archive_fault,
    archive_prefix,
    inside_hint,
    is_foreign_archive,
    unpack_hint,
    unpacking_program,
)
from ..files.isolation.declared_size import check_declared_size
from ..files.isolation.formats import RASTERS, check_format
from ..files.isolation.source import check_source
from ..files.near_names import near_names
from ..files.source_names import SourcePath, file_behind, is_gdal_name, raster_name, without_file_address
from .contents import none_chosen
from .envi_headers import check_envi_classes, check_envi_header, explain_envi, is_spectral_library
from .envi_pairs import data_file_of, header_hint
from .hdf5_files.inside import listed_arrays
from .hdf5_files.opening import check_inside, opening_fault
from .matlab_files.files import is_matlab
from .matlab_files.matrices import open_matrix
from .pcraster import check_cells
from .product_files import product_hint, stac_hint
from .raster_sidecars import check_metadata_size, check_raster_sidecars
from .whole_files import missing_end

TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_VECTOR_SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".kml", ".gml", ".fgb")
_PROJECT_SUFFIXES = (".qgz", ".qgs", ".qlr", ".lyr", ".lyrx", ".aprx", ".mxd")
_NOT_RECOGNISED = "not recognized as being in a supported file format"
# GDAL's own default is 5 % of the memory, which is far too much on a large machine and hidden from any budget.
_BLOCK_CACHE_MB = 256


@contextmanager
def gdal_settings(*, tiled: bool = False) -> Iterator[None]:
    """GDAL settings under which rasters are opened and read; what the user set in the environment wins.

    Parameters
    ----------
    tiled : open a GeoTIFF of tiles for reading. Uncompressed tiles are then read past GDAL's cache, into which they
        would be sorted band by band: a sixth of the time for tiles of 512×512 pixels, interleaved by pixel. Not for
        strips: of those that a truncated file lacks, GDAL would say nothing and leave the memory as it was.
    """
    # Of raw files that are too short, GDAL makes up zeros for whatever it reads at once, and reports missing lines.
    # Of a compressed archive it notes the size in a file next to it, unasked.
    settings: dict[str, Any] = {
        "GDAL_CACHEMAX": _BLOCK_CACHE_MB,
        "GDAL_ONE_BIG_READ": "NO",
        "CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO",
    }
    if tiled:
        settings["GTIFF_DIRECT_IO"] = "YES"
    with rasterio.Env(**{name: value for name, value in settings.items() if name not in os.environ}):
        yield


def resolve_raster_path(path: str | Path) -> Path:
    """The data file a person means: an ENVI header stands for its data file.

    Raises
    ------
    SceneError : the file is missing (near names are listed), is a folder or cannot be read, or :func:`.check_source` refuses it.
    """
    path = SourcePath(without_file_address(Path(path)))
    check_source(path)
    if is_gdal_name(path):
        return path
    if path.is_dir():
        raise SceneError(
            f"{path} is a folder, not a raster file.",
            code="is_folder",
            hint="Choose the file inside it, such as the .tif, .hdr or .mat file.",
        )
    if not path.exists():
        raise SceneError(f"The file {path} does not exist.", code="not_found", hint=near_names(path))
    if not os.access(path, os.R_OK):
        raise SceneError(f"Permission denied: cannot read {path}.", code="no_permission", hint="Check its permissions.")
    return data_file_of(path) if path.suffix.lower() == ".hdr" else path


def opens_as_raster(path: Path) -> bool:
    """True for a file that GDAL opens as a raster with bands, or takes for one that it cannot read."""
    try:
        check_source(path)
        check_envi_classes(path)
        with _gdal_warnings([]), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(raster_name(path)) as dataset:
                return bool(dataset.count)
    except (SceneError, UnicodeDecodeError):
        return True  # the reason is given where it is opened
    except RasterioError as error:
        foreign = _NOT_RECOGNISED in str(error) or path.suffix.lower() in _VECTOR_SUFFIXES or not path.is_file()
        return not foreign


def open_raster(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Open a resolved path with rasterio, within :func:`gdal_settings`.

    Returns
    -------
    The open dataset, and what GDAL warned of.

    Raises
    ------
    SceneError : not a raster, truncated, without bands, complex numbers, or a container of several rasters.
    """
    if is_matlab(path):  # labels or a mask: scenes have their own format
        return open_matrix(path), ()
    check_source(path)
    if (file := file_behind(path)) is not None and file.is_file():
        check_inside(file)
    if not is_gdal_name(path):
        check_metadata_size(path)
        check_envi_classes(path)
    messages: list[str] = []
    try:
        # rasterio compares a nodata value beyond float32 with limits that it casts, which numpy calls an overflow.
        with _gdal_warnings(messages), warnings.catch_warnings(), np.errstate(over="ignore"):
            # A scene without map coordinates is legal here and reported in our own words.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(raster_name(path))
    except RasterioError as error:
        raise _cannot_open(path, str(error)) from error
    except UnicodeDecodeError as error:  # what GDAL takes over from the header of a file, rasterio reads as UTF-8
        raise SceneError(
            f"{path} cannot be read: its CRS holds text that is not UTF-8 ({error.reason}).",
            code="crs_text",
            hint="Assign the CRS again, for example with QGIS (Raster – Projections – Assign Projection), or correct the header.",
        ) from error
    try:
        check_format(dataset.driver, str(path), RASTERS)
        _check_content(dataset, path)
        check_declared_size(dataset, path)
        if any("IO error during reading" in message for message in messages):
            raise _truncated(path, messages[0])
        missing = missing_end(dataset, path)
        if missing is not None:
            raise _truncated(path, missing)
        if not is_gdal_name(path):
            check_raster_sidecars(dataset, path)
        if dataset.driver == "PCRaster":
            check_cells(path)
        if dataset.driver == "ENVI" and not is_gdal_name(path):
            check_envi_header(path)
        list(dataset.colorinterp)  # looks again at a file of which something could not be read above
    except CPLE_BaseError as error:
        dataset.close()
        raise _truncated(path, str(error)) from error
    except BaseException:
        dataset.close()
        raise
    return dataset, tuple(dict.fromkeys(messages))


def _check_content(dataset: Any, path: Path) -> None:
    if dataset.count == 0 and dataset.subdatasets:
        raise none_chosen(dataset, path)
    if dataset.count == 0 or dataset.width == 0 or dataset.height == 0:
        inside = listed_arrays(path)
        raise SceneError(
            f"{path} has no bands.{f' It holds {inside}.' if inside else ''}",
            code="no_band",
            hint="Choose a raster file with at least one band.",
        )
    fault = transform_fault(dataset.transform)
    if fault:
        raise SceneError(
            f"The map coordinates of {path} cannot be used: {fault}.", code="transform", hint=TRANSFORM_HINT
        )
    complex_type = next((d for d in dataset.dtypes if "complex" in d), None)
    if complex_type:
        raise SceneError(
            f"{path} holds complex numbers ({complex_type}); whole or real numbers are expected.",
            code="complex",
            hint="First convert the raster to its amplitude or real part.",
        )


def _cannot_open(path: Path, reason: str) -> SceneError:
    if is_gdal_name(path):
        archive = file_behind(path)
        hint = inside_hint(archive) if archive is not None and archive_prefix(archive) else "Check the name."
        return SceneError(f"{path} cannot be opened: {reason}", code="not_a_raster", hint=hint)
    if not path.exists():
        return SceneError(
            f"The file {path} no longer exists.", code="not_found", hint="Restore it, or choose another file."
        )
    if path.stat().st_size == 0:
        return SceneError(f"{path} is empty: it has 0 bytes.", code="truncated", hint="Copy or download it again.")
    if is_spectral_library(path):
        return SceneError(
            f"{path} is an ENVI spectral library: a list of spectra that belong to no place, not an image.",
            code="spectral_library",
            hint="Choose the image itself; spectral libraries are not read.",
        )
    fault = explain_envi(path)
    if fault is not None:
        return SceneError(f"{path} cannot be read: {fault[0]}.", code="envi_header", hint=fault[1])
    with path.open("rb") as file:
        start = file.read(4)
    if start in TIFF_MAGIC or "too small" in reason:
        return _truncated(path, reason)
    if (damage := opening_fault(path)) is not None:
        return _truncated(path, damage)
    if is_foreign_archive(path):
        return SceneError(
            f"{path} is an archive of a kind in which GDAL cannot read.", code="archive", hint=unpack_hint(path)
        )
    program = unpacking_program(path)
    inner = Path(path.stem).suffix.lower()
    if program is not None and (path.suffix.lower() != ".gz" or inner in (".tif", ".tiff", *_VECTOR_SUFFIXES)):
        what = "a compressed GeoTIFF" if inner in (".tif", ".tiff") else "a compressed file"
        return SceneError(f"{path} is {what}.", code="compressed", hint=f"Uncompress it with {program} first.")
    if archive_prefix(path) is not None:
        if (damage := archive_fault(path)) is not None:
            return _truncated(path, damage)
        return SceneError(f"{path} is an archive, not a raster.", code="archive", hint=inside_hint(path))
    suffix = path.suffix.lower()
    if suffix in (".json", ".geojson") and (described := stac_hint(path)):
        hint = described
    elif suffix in _VECTOR_SUFFIXES:
        hint = "It is a vector file; it can serve as labels, not as a scene."
    elif suffix in _PROJECT_SUFFIXES:
        return SceneError(
            f"{path} is a project or layer file, which holds no data.",
            code="project_file",
            hint="Choose the file that its layer shows; in QGIS, the properties of the layer name it under Information.",
        )
    elif suffix == ".hsimodel":
        hint = "It is a model file; choose the scene here, and this file as the model."
    else:
        hint = product_hint(path) or header_hint(path)
    said = "" if _NOT_RECOGNISED in reason else f" GDAL says: {reason.rstrip('.')}."
    return SceneError(f"{path} is not a raster that GDAL can read.{said}", code="not_a_raster", hint=hint)


def _truncated(path: Path, reason: str) -> SceneError:
    return SceneError(
        f"{path} is truncated or damaged ({reason.rstrip('.')}).",
        code="truncated",
        hint="Copy or download the file again.",
    )


# What rasterio puts before GDAL's own words: the kind of the warning.
_NUMBERED = re.compile(r"^CPLE_\w+ in ")


class _Collector(logging.Handler):
    """Keeps GDAL's warnings, which rasterio writes to the log and nowhere else."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(_NUMBERED.sub("", record.getMessage()))


@contextmanager
def _gdal_warnings(messages: list[str]) -> Iterator[None]:
    log = logging.getLogger("rasterio._env")
    collector = _Collector(messages)
    propagate, log.propagate = log.propagate, False
    log.addHandler(collector)
    try:
        yield
    finally:
        log.removeHandler(collector)
        log.propagate = propagate
