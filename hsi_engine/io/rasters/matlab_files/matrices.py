"""A matrix of a MATLAB file as a raster: labels and masks are kept so."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from ....errors import SceneError
from ..hdf5_files.opening import hdf5_file
from . import v73
from .files import WHAT, MatFile
from .numbers_v5 import MappedArray
from .variables import MatVariable, matrix_of, named, split_name

# Read at once, and kept compressed; label maps of the largest scenes are a tenth of it.
_MOST_PIXELS = 200_000_000
_KEPT = {"driver": "GTiff", "count": 1, "compress": "deflate", "zlevel": 1, "bigtiff": "if_safer"}
# Types that GDAL lacks.
_AS = {"bool": "uint8", "float16": "float32"}


def open_matrix(path: Path) -> Any:
    """A matrix as an open rasterio dataset of one band, without a place on the map.

    Parameters
    ----------
    path : the file, or ``MAT:"file.mat":name``. Without a name it has to hold one matrix only, or one that fits its cube.

    Raises
    ------
    SceneError : the file is damaged, or it is not clear which matrix is meant.
    """
    path, name = split_name(path)
    file = MatFile.of(path)
    variable = matrix_of(path, file.variables) if name is None else named(path, file.variables, name)
    if len(variable.shape) != 2 or not 0 < np.prod(variable.shape, dtype=float) <= _MOST_PIXELS:
        raise SceneError(
            f"The variable {variable} of {path} is not a matrix of rows and columns.",
            code="variable",
            hint="Labels are an array of two dimensions that holds the number of a class for each pixel.",
        )
    numbers = _numbers(file, variable)
    dtype = numbers.dtype.newbyteorder("=")
    dtype = np.dtype(_AS.get(dtype.name, dtype))
    rows, cols = variable.shape
    memory = MemoryFile()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(height=rows, width=cols, dtype=dtype.name, **_KEPT) as target:
            target.write(numbers.astype(dtype, copy=False), 1)
        dataset = memory.open()
    memory.close()  # its name is gone; the bytes stay for as long as the dataset is open
    return dataset


def _numbers(file: MatFile, variable: MatVariable) -> Any:
    """(rows, cols)."""
    if variable.place is None:
        with hdf5_file(file.path, WHAT) as opened:
            return opened[v73.dataset_name(variable)][()].T
    mapped = MappedArray(file.path, variable)
    try:
        return np.array(mapped.numbers()).T
    finally:
        mapped.close()
