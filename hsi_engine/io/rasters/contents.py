"""What a file holds that holds several arrays, such as HDF5, netCDF and MATLAB 7.3; and cubes whose axes are not known."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ...errors import SceneError
from ..files.source_names import file_behind
from .hdf5_files.inside import listed_arrays

_SHOWN = 8
_SHAPE = re.compile(r"\[(\d+(?:x\d+)*)\]")
_NAME = re.compile(r"SUBDATASET_(\d+)_NAME")
# GDAL takes the last two dimensions of their arrays for rows and columns, whatever they are.
_AXES_UNKNOWN = ("HDF5", "HDF5Image")

# Between file and raster in a name: HDF5:"cube.h5"://data, NETCDF:"cube.nc":data.
_INSIDE = '":'

# What a person does who knows the order of the dimensions.
_CONVERT = (
    "Write the cube to a GeoTIFF or an ENVI file, bands first, and choose that file. In Python: with h5py.File('cube.h5') as"
    " file: cube = file['NAME'][:]; cube = numpy.moveaxis(cube, -1, 0) if the bands come last; with rasterio.open('scene.tif',"
    " 'w', driver='GTiff', count=cube.shape[0], height=cube.shape[1], width=cube.shape[2], dtype=cube.dtype) as scene:"
    " scene.write(cube)."
)

_Raster = tuple[str, tuple[int, ...]]


def listed_contents(dataset: Any) -> str:
    """The rasters in an open container with their shapes, largest first: ``HDF5:"cube.h5"://data (60×40×30)``."""
    return _listed(_contents(dataset.tags(ns="SUBDATASETS")))


def _listed(rasters: list[_Raster]) -> str:
    rasters = sorted(rasters, key=lambda named: -math.prod(named[1]))
    shown = ", ".join(f"{name} ({_times(shape)})" if shape else name for name, shape in rasters[:_SHOWN])
    return shown + (f" and {len(rasters) - _SHOWN} more" if len(rasters) > _SHOWN else "")


def none_chosen(dataset: Any, path: Path) -> SceneError:
    """The error for an open container of several rasters: which can be named, and what to do with cubes that cannot be used."""
    rasters = _contents(dataset.tags(ns="SUBDATASETS"))
    cubes = [named for named in rasters if dataset.driver in _AXES_UNKNOWN and _is_unknown_cube(*named)]
    usable = [named for named in rasters if named not in cubes]
    if not cubes:
        return SceneError(
            f"{path} holds {len(rasters)} rasters, and none was chosen.",
            code="subdatasets",
            hint=f"Choose one of them: {_listed(usable)}.",
        )
    inside = _listed([(name.rpartition(_INSIDE)[2].lstrip("/"), shape) for name, shape in rasters])
    others = f" Of the others, choose one: {_listed(usable)}." if usable else ""
    return SceneError(
        f"{path} is no product that is known here, and does not say which dimension of its cubes holds the bands. It holds"
        f" {inside}.",
        code="axes",
        hint=f"{_CONVERT}{others}",
    )


def _is_unknown_cube(name: str, shape: tuple[int, ...]) -> bool:
    """Whether an array in an HDF5 file has more than two dimensions, and no place from which rows and columns are known."""
    if sum(size > 1 for size in shape) < 3:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as cube:
                return cube.crs is None
    except RasterioError:
        return True


def check_cube(dataset: Any, path: Path, *, axes_unknown: bool) -> None:
    """Refuse an array of three dimensions if its file does not say which of them holds the bands.

    That is any in an HDF5 file but the grids of HDF-EOS, of which GDAL knows rows and columns by name, and thus the place.
    Nothing else there tells bands, rows, columns from rows, columns, bands or rows, bands, columns, and all are in use.

    Parameters
    ----------
    axes_unknown : what is known of the dimensions in another format says no more.

    Raises
    ------
    SceneError : with what the file holds.
    """
    axes_unknown = axes_unknown or dataset.driver in _AXES_UNKNOWN
    if not axes_unknown or dataset.count == 1 or dataset.crs is not None:
        return
    shape = (dataset.count, *dataset.shape)
    raise SceneError(
        f"{path} holds an array of {_times(shape)} numbers and does not say which dimension holds the bands."
        f"{_around(path)}",
        code="axes",
        hint=_CONVERT,
    )


def _around(path: Path) -> str:
    """A sentence on what else the file holds; empty if this is all."""
    file = file_behind(path)
    if file is None:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(file) as container:
                rasters = _contents(container.tags(ns="SUBDATASETS"))
    except RasterioError:
        rasters = []
    inside = _listed([(name.rpartition(_INSIDE)[2], shape) for name, shape in rasters]) or listed_arrays(file)
    return f" The file holds {inside}." if inside else ""


def _contents(tags: Mapping[str, str]) -> list[_Raster]:
    """Name and shape of each raster; no shape if GDAL states none."""
    found = []
    for key, name in tags.items():
        if (number := _NAME.fullmatch(key)) is not None:
            shape = _SHAPE.search(tags.get(f"SUBDATASET_{number.group(1)}_DESC", ""))
            found.append((name, tuple(map(int, shape.group(1).split("x"))) if shape else ()))
    return found


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
