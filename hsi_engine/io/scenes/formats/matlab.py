"""Cubes in MATLAB files, as most benchmark scenes come: an array of rows, columns and bands, and little else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from ....errors import SceneError
from ....pixels.grid import Grid
from ....pixels.window import Window
from ...rasters.hdf5_files.opening import hdf5_file, open_hdf5
from ...rasters.matlab_files import v73
from ...rasters.matlab_files.files import WHAT, MatFile, is_matlab
from ...rasters.matlab_files.numbers_v5 import MappedArray
from ...rasters.matlab_files.variables import MatVariable, cube_of, listed_variables, named, several, split_name
from ...rasters.open_raster import resolve_raster_path
from ..metadata.band_metadata import RasterTags, read_band_table
from ..source import Scene, SceneFormat
from .cubes.flat_pixels import FlatPixels
from .cubes.hdf5_cube import Axes, Hdf5Cube, Storage

# Names of vectors that hold one number a band, by what they are; capitals and underscores do not matter.
_VECTORS = {
    "wavelength": re.compile(r"(center|centre|band)?(wavelengths?|wavelen|wvln?|wl|waves?|lambdas?)(nm|um|list|s)?"),
    "fwhm": re.compile(r"fwhms?|bandwidths?"),
    "bbl": re.compile(r"bbl|badbandlist|goodbands?"),
}
# Numbers of rows and columns of a scene whose pixels stand in one row, as benchmarks of unmixing come.
_SIZES = (("nrow", "ncol"), ("nrows", "ncols"), ("rows", "cols"), ("lines", "samples"), ("height", "width"), ("h", "w"))
_BAND_COUNTS = ("nband", "nbands", "bands")
_UNITS = re.compile(r"(wavelengths?|wl)?units?")
_MOST_TEXTS = 20
# Position of (bands, rows, cols) by that of the bands.
_AXES: dict[int, Axes] = {0: (0, 1, 2), 1: (1, 0, 2), 2: (2, 0, 1)}


@dataclass(frozen=True, kw_only=True)
class MatCube:
    """The array of a scene and its axes.

    Parameters
    ----------
    file : where it stands.
    variable : the array.
    axes : position of (bands, rows, cols) among the dimensions of MATLAB.
    why : what says so.
    """

    file: Path
    variable: MatVariable
    axes: Axes
    why: str

    @property
    def stored_axes(self) -> Axes:
        """The same among those of the file, which are in reverse."""
        last = len(self.variable.shape) - 1
        bands, rows, cols = (last - axis for axis in self.axes)
        return bands, rows, cols

    @property
    def shape(self) -> tuple[int, int, int]:
        """(bands, rows, cols)."""
        bands, rows, cols = (self.variable.shape[axis] for axis in self.axes)
        return bands, rows, cols


class MatPixels:
    """The open array. See :class:`hsi_engine.io.scenes.source.PixelSource`."""

    def __init__(self, scene: Scene) -> None:
        cube: MatCube = scene.source
        self._axes = cube.stored_axes
        self._dtype = np.dtype(scene.dtype)
        self._mapped: MappedArray | None = None
        self._hdf5: Hdf5Cube | None = None
        self._file: Any = None
        if cube.variable.place is not None:
            try:
                self._mapped = MappedArray(cube.file, cube.variable)
            except OSError as error:
                raise SceneError(
                    f"{cube.file} cannot be read: {error}.", code="read_failed", hint="Check that it is still there."
                ) from error
        else:
            self._file = open_hdf5(cube.file, WHAT)
            self._hdf5 = Hdf5Cube(_dataset(self._file, cube), self._axes)

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        if self._hdf5 is not None:
            return self._hdf5.read(window, bands)
        if self._mapped is None:
            raise OSError("the file is closed")
        cube = self._mapped.numbers().transpose(self._axes)
        # Contiguous runs are views of the file; only what was asked for is copied.
        return np.asarray(cube[(slice(None), *window.slices())][np.asarray(bands)], dtype=self._dtype)

    def mask(self, window: Window, bands: Sequence[int]) -> None:
        return None

    def close(self) -> None:
        if self._mapped is not None:
            self._mapped.close()
        if self._hdf5 is not None:
            self._hdf5.close()
            self._file.close()


def describe(path: Path) -> Scene:
    """Describe the only cube of a MATLAB file, or the array that ``MAT:"file.mat":name`` names.

    Raises
    ------
    SceneError : the file is damaged, or it is not clear which array is the cube.
    """
    name_of_file, name = split_name(path)
    file = MatFile.of(resolve_raster_path(name_of_file))
    cube = _flat_cube(file, name)
    if cube is None:
        variable = cube_of(path, file.variables) if name is None else named(path, file.variables, name)
        cube = _cube(file, variable)
    vectors = _vectors(file, cube.variable)
    count, rows, cols = cube.shape
    storage = _storage(cube)
    bands, band_notes = read_band_table(_tags(file, count, vectors))
    return Scene(
        path=path,
        grid=Grid(crs=None, transform=Affine.identity(), shape=(rows, cols)),
        bands=bands,
        dtype=storage.dtype.name,
        nodata=None,
        scale=(1.0,) * count,
        offset=(0.0,) * count,
        driver=f"MATLAB {file.version}",
        block_shape=storage.block_shape,
        texts=_texts(file),
        files=(str(file.path),),
        warnings=(_axes_note(cube), *band_notes, *storage.notes()),
        source=cube,
    )


def _cube(file: MatFile, variable: MatVariable) -> MatCube:
    """The array with its axes: those of MATLAB's habit, unless wavelengths fit another one only."""
    if len(variable.shape) != 3 or min(variable.shape) < 1:
        raise SceneError(
            f"The variable {variable} of {file.path} has {len(variable.shape)} dimensions; a scene has rows, columns and bands.",
            code="variable",
            hint=f"Choose another one. The file holds {listed_variables(file.variables)}.",
        )
    wavelengths = _vectors(file, variable).get("wavelength", ())
    fitting = [axis for axis in (2, 0, 1) if variable.shape[axis] == len(wavelengths)]
    why = "as its wavelengths say" if fitting else "the usual order of dimensions; the file states none"
    return MatCube(file=file.path, variable=variable, axes=_AXES[fitting[0] if fitting else 2], why=why)


def _flat_cube(file: MatFile, name: str | None) -> MatCube | None:
    """The matrix of a name, or the only one, with a spectrum for each pixel of a scene whose size stands next to it.

    Of several, that with as many bands as the file states is meant. Pixels go down the columns first, as MATLAB counts them. None
    if the file holds a cube and no name was given.

    Raises
    ------
    SceneError : there are several, and none was chosen.
    """
    if name is None and any(len(v.shape) == 3 and v.kind == "numbers" for v in file.variables):
        return None
    sizes = {_normal(v.leaf): file.numbers(v) for v in file.variables if v.kind == "numbers" and v.shape == (1, 1)}
    found = next(((sizes[a], sizes[b]) for a, b in _SIZES if a in sizes and b in sizes), None)
    if found is None or not all(size.size == 1 and size[0] >= 1 and size[0] % 1 == 0 for size in found):
        return None
    rows, cols = (int(size[0]) for size in found)
    flat = [
        v
        for v in file.variables
        if v.kind == "numbers"
        and len(v.shape) == 2
        and rows * cols in v.shape
        and min(v.shape) > 1
        and name in (None, v.name)
    ]
    if len(flat) > 1:
        stated = next((sizes[key] for key in _BAND_COUNTS if key in sizes), ())
        flat = [v for v in flat if sorted(v.shape) == sorted((rows * cols, *stated))] or flat
    if len(flat) > 1:
        raise several(file.path, flat, "with a column or row for each pixel")
    if not flat:
        return None
    one, other = flat[0].shape
    pixels_last = other == rows * cols
    return MatCube(
        file=file.path,
        variable=replace(flat[0], shape=(one, rows, cols) if pixels_last else (rows, cols, other)),
        axes=_AXES[0 if pixels_last else 2],
        why="as the numbers of rows and columns next to it say",
    )


def _axes_note(cube: MatCube) -> str:
    bands, rows, cols = cube.shape
    return f"The array {cube.variable.name} of the file is read as {rows} rows, {cols} columns and {bands} bands: {cube.why}."


def _storage(cube: MatCube) -> Storage:
    if cube.variable.place is not None:
        dtype = np.dtype(cube.variable.place.dtype).newbyteorder("=")
        return Storage(shape=cube.shape, chunk=(cube.shape[0], 1, cube.shape[2]), packed=False, dtype=dtype)
    with hdf5_file(cube.file, WHAT) as file:
        return Storage.of(_dataset(file, cube), cube.stored_axes)


def _dataset(file: Any, cube: MatCube) -> Any:
    """The array of an open file of version 7.3, with three axes."""
    dataset, shape = file[v73.dataset_name(cube.variable)], cube.variable.shape
    return FlatPixels(dataset, (shape[2], shape[1], shape[0])) if len(dataset.shape) == 2 else dataset


def _vectors(file: MatFile, cube: MatVariable) -> dict[str, npt.NDArray[Any]]:
    """Vectors with a number for each band, by what they are: those in the struct of the cube before others."""
    found: dict[str, npt.NDArray[Any]] = {}
    vectors = sorted((v for v in file.variables if v.is_vector), key=lambda v: -_shared(v.name, cube.name))
    for key, pattern in _VECTORS.items():
        named_so = [v for v in vectors if pattern.fullmatch(_normal(v.leaf))]
        fitting = [v for v in named_so if max(v.shape) in cube.shape]
        chosen = (fitting or named_so)[:1]
        if chosen and (numbers := file.numbers(chosen[0])).size:
            found[key] = numbers
    return found


def _tags(file: MatFile, count: int, vectors: dict[str, npt.NDArray[Any]]) -> RasterTags:
    """The vectors as the entries of a file, so that the same rules hold for them as for other formats."""
    entries = {key: ", ".join(f"{number:.10g}" for number in numbers.tolist()) for key, numbers in vectors.items()}
    unit = next((v for v in file.variables if v.kind == "text" and _UNITS.fullmatch(_normal(v.leaf))), None)
    if unit is not None and "wavelength" in entries:
        entries["wavelength_units"] = file.text(unit)
    nothing: tuple[dict[str, str], ...] = ({},) * count
    return RasterTags(descriptions=(None,) * count, band=nothing, imagery=nothing, envi={}, dataset=entries)


def _texts(file: MatFile) -> dict[str, str]:
    """Short text, such as the name of the sensor."""
    short = [v for v in file.variables if v.kind == "text" and 0 < max(v.shape, default=0) <= 200][:_MOST_TEXTS]
    return {re.sub(r"\W+", "_", variable.leaf.lower()): file.text(variable) for variable in short}


def _normal(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _shared(one: str, other: str) -> int:
    """How many structs two variables have in common."""
    pairs = zip(one.split(".")[:-1], other.split(".")[:-1], strict=False)
    return sum(1 for a, b in pairs if a == b)


MATLAB = SceneFormat(name="matlab", recognises=is_matlab, describe=describe, open=MatPixels)
