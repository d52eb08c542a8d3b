"""PRISMA: two cubes in HDF-EOS5, of which only level 2D lies on a map.

Cubes are (row, band, column); wavelengths fall within each detector, 0 for channels that are not used. The corners of an
L2D product are the centres of its corner pixels, although its metadata do not say so: those of real products lie where the
arrays of latitude and longitude put the centres. Source: PRISMA Products Specification Document (ASI, 2020), issue 2.3, and real
products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from .....pixels.grid import Grid
from .....pixels.window import Window
from .....spectrum.bands import BandTable
from ....rasters.hdf5_files.attributes import as_number, as_numbers, as_text
from ....rasters.hdf5_files.product_file import ProductFile
from ...source import QualityLayer, Scene
from ..cubes.hdf5_cube import BANDS_BETWEEN, Hdf5Cube, Storage
from ..cubes.placing import crs_of, positive
from ..cubes.product_format import product_format
from .prisma_layers import PrismaLayers, prisma_layers

_WHAT = "a PRISMA product"
_SWATHS = "HDFEOS/SWATHS"
_DETECTORS = ("VNIR", "SWIR")
_UNUSED = "unused channel"
_PIXEL_M = 30.0
# How far corners may lie from where the size of the scene puts them.
_OFF_M = _PIXEL_M / 4
_COUNTS = 65535.0
_NODATA = 0
# By level: unit of the values. Those of level 1 have a scale and an offset, the others a smallest and a largest value.
_LEVELS = {"1": "W m-2 sr-1 um-1", "2B": "W m-2 sr-1 um-1", "2C": "reflectance", "2D": "reflectance"}


@dataclass(frozen=True, kw_only=True)
class PrismaSource:
    """Where the bands of a scene are stored.

    Parameters
    ----------
    file : the product.
    fields : the group of the cubes.
    bands : detector (0 or 1) and position in its cube, of each band.
    layers : names of the quality layers.
    """

    file: Path
    fields: str
    bands: tuple[tuple[int, int], ...]
    layers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Detector:
    """What is stated of the bands of a detector: wavelengths and widths (0 if not used), scale and offset of their numbers."""

    storage: Storage
    wavelength_nm: npt.NDArray[np.float64]
    fwhm_nm: npt.NDArray[np.float64]
    scale: float
    offset: float


class PrismaPixels:
    """The open cubes. See :class:`hsi_engine.io.scenes.source.QualitySource`."""

    def __init__(self, scene: Scene) -> None:
        source: PrismaSource = scene.source
        self._source, self._dtype = source, np.dtype(scene.dtype)
        self._product = ProductFile.kept_open(source.file, _WHAT)
        names = [f"{source.fields}/{detector}_Cube" for detector in _DETECTORS]
        self._cubes = [Hdf5Cube(self._product.dataset(name, 3), BANDS_BETWEEN) for name in names]
        self._layers = PrismaLayers(self._product.file[source.fields])

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        numbers = np.empty((len(bands), *window.shape), self._dtype)
        for detector, cube in enumerate(self._cubes):
            places = [i for i, band in enumerate(bands) if self._source.bands[band][0] == detector]
            if places:
                numbers[places] = cube.read(window, [self._source.bands[bands[i]][1] for i in places])
        return numbers

    def mask(self, window: Window, bands: Sequence[int]) -> None:
        return None

    def quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        return self._layers.marked(window, [self._source.layers[layer] for layer in layers])

    def close(self) -> None:
        for cube in self._cubes:
            cube.close()
        self._product.close()


def describe(path: Path) -> Scene:
    """Describe a PRISMA product.

    Raises
    ------
    SceneError : it is of an unknown level, a part is missing, or place or scale would be a guess.
    """
    with ProductFile.opened(path, _WHAT) as product:
        level = _level(product)
        product.group(fields := f"{_SWATHS}/PRS_L{level}_HCO/Data Fields")
        detectors = [_detector(product, level, fields, name) for name in _DETECTORS]
        shapes = [detector.storage.shape[1:] for detector in detectors]
        if shapes[0] != shapes[1]:
            raise product.wrong(f"the cubes have {shapes[0]} and {shapes[1]} pixels", "both see the same pixels")
        order = _order(detectors)
        grid, place_notes = _grid(product, level, shapes[0])
        layers, layer_notes = prisma_layers(product.file[fields], shapes[0], cloud_expected=level == "1")
        return _scene(path, product, level, detectors, order, grid, layers, (*place_notes, *layer_notes))


def _scene(
    path: Path,
    product: ProductFile,
    level: str,
    detectors: Sequence[_Detector],
    order: Sequence[tuple[int, int]],
    grid: Grid,
    layers: tuple[QualityLayer, ...],
    notes: tuple[str, ...],
) -> Scene:
    wavelengths = tuple(positive(detectors[d].wavelength_nm[i]) for d, i in order)
    storages, texts = [detector.storage for detector in detectors], product.texts("")
    blocks = [storage.block_shape for storage in storages]
    return Scene(
        path=path,
        grid=grid,
        bands=BandTable(
            names=tuple(f"{_DETECTORS[d]} {i + 1}" for d, i in order),
            wavelength_nm=wavelengths,
            fwhm_nm=tuple(positive(detectors[d].fwhm_nm[i]) for d, i in order),
            good=tuple(wavelength is not None for wavelength in wavelengths),
        ),
        bad_reasons={band: _UNUSED for band, wavelength in enumerate(wavelengths) if wavelength is None},
        detectors=tuple(_DETECTORS[d] for d, _ in order),
        dtype=np.result_type(*(storage.dtype for storage in storages)).name,
        nodata=_NODATA,
        scale=tuple(detectors[d].scale for d, _ in order),
        offset=tuple(detectors[d].offset for d, _ in order),
        driver=f"PRISMA L{level}",
        block_shape=(max(rows for rows, _ in blocks), max(cols for _, cols in blocks)),
        quality_layers=layers,
        texts={
            **texts,
            "sensor": "PRISMA",
            "processing_level": f"L{level}",
            "units": _LEVELS[level],
            "acquisition_time": texts.get("product_starttime", ""),
        },
        files=(str(path),),
        warnings=(*notes, *dict.fromkeys(note for storage in storages for note in storage.notes())),
        source=PrismaSource(
            file=path,
            fields=f"{_SWATHS}/PRS_L{level}_HCO/Data Fields",
            bands=tuple(order),
            layers=tuple(layer.name for layer in layers),
        ),
    )


def _level(product: ProductFile) -> str:
    """The processing level as a number and a letter: 2D."""
    stated = as_text(product.get("", "Processing_Level")) or ""
    level = stated.upper().removeprefix("LEVEL").strip().removeprefix("L").strip()
    if not level:
        level = next((name for name in _LEVELS if product.has(f"{_SWATHS}/PRS_L{name}_HCO")), "")
    if level not in _LEVELS:
        raise product.wrong(f"its processing level is {stated!r}", "level 1, 2B, 2C or 2D is expected")
    return level


def _detector(product: ProductFile, level: str, fields: str, name: str) -> _Detector:
    cube = product.dataset(f"{fields}/{name}_Cube", 3)
    storage, key = Storage.of(cube, BANDS_BETWEEN), name.capitalize()
    count = storage.shape[0]
    wavelengths = product.numbers(product.attribute("", f"List_Cw_{key}"), f"the list List_Cw_{key}", count)
    used = as_numbers(product.get("", f"List_Cw_{key}_Flags"))
    if used is not None and len(used) == count:
        wavelengths = np.where(used == 0, 0.0, wavelengths)
    widths = product.get("", f"List_Fwhm_{key}")
    fwhm = np.zeros(count) if widths is None else product.numbers(widths, f"the list List_Fwhm_{key}", count)
    if not (np.nan_to_num(wavelengths) > 0).any():
        raise product.wrong(f"the list List_Cw_{key} holds no wavelength", "those of the channels in use are expected")
    scale, offset = _scaling(product, level, key)
    return _Detector(storage=storage, wavelength_nm=wavelengths, fwhm_nm=fwhm, scale=scale, offset=offset)


def _scaling(product: ProductFile, level: str, key: str) -> tuple[float, float]:
    """Scale and offset: of level 1 DN / factor − offset, of level 2 minimum + DN · (maximum − minimum) / 65535."""
    if level == "1":
        factor = product.number("", f"ScaleFactor_{key}")
        if factor == 0:
            raise product.wrong(f"the attribute ScaleFactor_{key} is 0", "values are divided by it")
        return 1.0 / factor, -(as_number(product.get("", f"Offset_{key}")) or 0.0)
    low, high = product.number("", f"L2Scale{key}Min"), product.number("", f"L2Scale{key}Max")
    if high <= low:
        raise product.wrong(
            f"the attributes L2Scale{key}Min and L2Scale{key}Max are {low:g} and {high:g}", "the second is larger"
        )
    return (high - low) / _COUNTS, low


def _order(detectors: Sequence[_Detector]) -> list[tuple[int, int]]:
    """Detector and position of each band: by wavelength, then the channels that are not used."""
    every = [(d, i) for d, detector in enumerate(detectors) for i in range(len(detector.wavelength_nm))]
    places = {key: positive(detectors[key[0]].wavelength_nm[key[1]]) for key in every}
    return sorted(every, key=lambda key: (places[key] is None, places[key] or 0.0))


def _grid(product: ProductFile, level: str, shape: tuple[int, int]) -> tuple[Grid, tuple[str, ...]]:
    """The grid of an L2D product, whose corners are the centres of pixels; none for the other levels."""
    if level != "2D":
        note = (
            f"PRISMA L{level} lies as the sensor saw it and not on a map: only latitude and longitude of each pixel are known,"
            " and they are not used. Take the L2D product of the same scene for a map in map coordinates."
        )
        return Grid(crs=None, transform=Affine.identity(), shape=shape), (note,)
    crs = crs_of(product, product.attribute("", "Epsg_Code"), "the attribute Epsg_Code")
    left, top = (product.number("", f"Product_ULcorner_{axis}") for axis in ("easting", "northing"))
    right, bottom = _corner(product, ("LR", "UR"), "easting"), _corner(product, ("LR", "LL"), "northing")
    rows, cols = shape
    steps = [((right - left), cols), ((top - bottom), rows)]
    if all(abs(length - (count - 1) * _PIXEL_M) < _OFF_M for length, count in steps):
        half, notes = _PIXEL_M / 2, tuple[str, ...]()
    elif all(abs(length - count * _PIXEL_M) < _OFF_M for length, count in steps):
        half, notes = (
            0.0,
            ("Its corners are those of the outermost pixels, not their centres as in other L2D products.",),
        )
    else:
        raise product.wrong(
            f"its corners are {right - left:.1f} m and {top - bottom:.1f} m apart",
            f"{cols} columns and {rows} rows of {_PIXEL_M:g} m are expected, from centre to centre",
        )
    transform = Affine(_PIXEL_M, 0.0, left - half, 0.0, -_PIXEL_M, top + half)
    return Grid(crs=crs, transform=transform, shape=shape), notes


def _corner(product: ProductFile, corners: Sequence[str], axis: str) -> float:
    """Easting or northing of the first of some corners that is stated."""
    names = [f"Product_{corner}corner_{axis}" for corner in corners]
    return product.number("", next((name for name in names if product.get("", name) is not None), names[0]))


def _looks(file: Any) -> bool:
    swaths = file.get(_SWATHS)
    by_group = hasattr(swaths, "keys") and any(name.startswith("PRS_L") for name in swaths)
    return by_group or (as_text(file.attrs.get("Product_ID")) or "").startswith("PRS_L")


PRISMA = product_format(
    "prisma", _WHAT, names=r"PRS_L", entry=r"PRS_L\w+\.he5", looks=_looks, describe=describe, open=PrismaPixels
)
