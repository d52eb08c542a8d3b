"""EMIT L2A: reflectance in a swath, which a lookup table in the file brings to a map, and masks in another file.

The table (``location/glt_x``, ``glt_y``) counts lines and samples from 1, 0 is no source; ``geotransform`` is that of its grid,
north up in longitude and latitude. Bands in water vapour hold -0.01, which is no missing data: ``good_wavelengths`` says which
they are. Source: the programs that write the granules (emit-sds/emit-utils, emit-sds/emit-sds-l2a).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from .....errors import SceneError
from .....pixels.grid import Grid
from .....pixels.window import Window
from .....spectrum.bands import BandTable
from ....rasters.hdf5_files.attributes import as_number, as_numbers, as_text
from ....rasters.hdf5_files.product_file import ProductFile
from ...source import QualityLayer, Scene
from ..cubes.placing import crs_of, crs_of_text, in_nm, positive
from ..cubes.product_format import product_format
from ..cubes.swath import LookupTable, Swath, read_table
from .emit_masks import WHAT, EmitMasks, find_masks, other_file

_CUBES = ("reflectance", "radiance")
_BANDS, _PLACE = "sensor_band_parameters", "location"
_FILL = -9999.0
_WATER_VAPOUR = "in strong water vapour"
_EPSG = 4326
# Windows that follow the swath: the lookup turns them, and long ones would cross all of its lines.
_BLOCK_PX = 256
# Ten times a granule.
_MOST_PIXELS = 50_000_000


@dataclass(frozen=True, kw_only=True)
class EmitSource:
    """Where the pixels of a scene are stored.

    Parameters
    ----------
    file, cube : the product, and the name of its array.
    mask_file : the file of the masks, None if there is none.
    layers : of each quality layer, its position among the masks; None for the mask of single bands.
    """

    file: Path
    cube: str
    mask_file: Path | None
    layers: tuple[int | None, ...]


class EmitPixels:
    """The open swath with its table. See :class:`hsi_engine.io.scenes.source.QualitySource`."""

    def __init__(self, scene: Scene) -> None:
        source: EmitSource = scene.source
        self._source = source
        self._product = ProductFile.kept_open(source.file, WHAT)
        self._table = _table(self._product, source.cube)
        self._swath = Swath(source.file, self._product.dataset(source.cube, 3))
        self._fill = scene.nodata
        self._masks = EmitMasks(source.mask_file)

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        found, lines, samples = self._table.of(window)
        numbers = np.full((*window.shape, len(bands)), self._fill, self._swath.dtype)
        if lines.size:
            numbers[found] = self._swath.gather(lines, samples, bands)
        return numbers.transpose(2, 0, 1)

    def mask(self, window: Window, bands: Sequence[int]) -> None:
        return None

    def quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        found, lines, samples = self._table.of(window)
        marked = np.zeros((len(layers), *window.shape), bool)
        for i, layer in enumerate(layers):
            marked[i][found] = self._masks.of(self._source.layers[layer], lines, samples)
        return marked

    def close(self) -> None:
        self._swath.close()
        self._masks.close()
        self._product.close()


def describe(path: Path) -> Scene:
    """Describe an EMIT product on the grid of its lookup table.

    Raises
    ------
    SceneError : it is the mask or another file of the product, a part is missing, or the table points outside the swath.
    """
    with ProductFile.opened(path, WHAT) as product:
        cube = next((name for name in _CUBES if product.has(name)), None)
        if cube is None:
            raise _without_cube(product)
        swath = product.dataset(cube, 3)
        bands, reasons, band_notes = _bands(product, int(swath.shape[2]))
        grid, place_notes = _grid(product)
        _table(product, cube)
        mask_file, layers, mask_notes = find_masks(path, tuple(swath.shape[:2]))
        return _scene(
            product,
            cube,
            grid,
            bands,
            reasons,
            mask_file=mask_file,
            layers=layers,
            notes=(*place_notes, *band_notes, *mask_notes),
        )


def _scene(
    product: ProductFile,
    cube: str,
    grid: Grid,
    bands: BandTable,
    reasons: Mapping[int, str],
    *,
    mask_file: Path | None,
    layers: Mapping[QualityLayer, int | None],
    notes: tuple[str, ...],
) -> Scene:
    swath, count, texts = product.file[cube], len(bands), product.texts("")
    fill, (scale, offset) = as_number(swath.attrs.get("_FillValue")), product.packing(cube)
    level = "L2A" if cube == "reflectance" else "L1B"
    return Scene(
        path=product.path,
        grid=grid,
        bands=bands,
        bad_reasons=reasons,
        dtype=swath.dtype.newbyteorder("=").name,
        nodata=_FILL if fill is None else fill,
        scale=(scale,) * count,
        offset=(offset,) * count,
        driver=f"EMIT {level}",
        block_shape=(min(_BLOCK_PX, grid.shape[0]), min(_BLOCK_PX, grid.shape[1])),
        quality_layers=tuple(layers),
        texts={
            **texts,
            "sensor": "EMIT",
            "processing_level": level,
            "units": as_text(swath.attrs.get("units")) or "",
            "acquisition_time": texts.get("time_coverage_start", ""),
        },
        files=tuple(str(file) for file in (product.path, mask_file) if file is not None),
        warnings=notes,
        source=EmitSource(file=product.path, cube=cube, mask_file=mask_file, layers=tuple(layers.values())),
    )


def _bands(product: ProductFile, count: int) -> tuple[BandTable, dict[int, str], tuple[str, ...]]:
    def values(name: str) -> Any:
        return product.file.get(f"{_BANDS}/{name}")

    if values("wavelengths") is None:
        raise product.lacks(f"the array {_BANDS}/wavelengths")
    wavelengths = _nm(product, "wavelengths", count)
    widths = [None] * count if values("fwhm") is None else _nm(product, "fwhm", count)
    notes: tuple[str, ...] = ()
    stated = as_numbers(None if values("good_wavelengths") is None else values("good_wavelengths")[()])
    if stated is None or len(stated) != count:
        stated = np.ones(count)
        if product.has("reflectance"):
            notes = (
                "The product does not state which wavelengths are good: bands in strong water vapour, which hold -0.01, are used.",
            )
    places = tuple(positive(number) for number in wavelengths)
    good = tuple(bool(flag > 0) and place is not None for flag, place in zip(stated, places, strict=True))
    table = BandTable(
        names=tuple(f"Band {i + 1}" for i in range(count)),
        wavelength_nm=places,
        fwhm_nm=tuple(None if width is None else positive(width) for width in widths),
        good=good,
    )
    reasons = {
        i: _WATER_VAPOUR if places[i] is not None else "without a wavelength" for i, flag in enumerate(good) if not flag
    }
    return table, reasons, notes


def _nm(product: ProductFile, name: str, count: int) -> npt.NDArray[np.float64]:
    """The wavelengths or widths of all bands in nm."""
    name = f"{_BANDS}/{name}"
    numbers = product.numbers(product.file[name], f"the array {name}", count)
    return in_nm(product, numbers, as_text(product.get(name, "units")), name)


def _grid(product: ProductFile) -> tuple[Grid, tuple[str, ...]]:
    product.group(_PLACE)
    shape = product.dataset(f"{_PLACE}/glt_x", 2).shape
    if product.dataset(f"{_PLACE}/glt_y", 2).shape != shape:
        raise product.wrong("the lookup tables glt_x and glt_y differ in size", "one place is expected for each pixel")
    if shape[0] * shape[1] > _MOST_PIXELS:
        raise product.wrong(f"its lookup tables have {shape[0]}×{shape[1]} pixels", "some 2000×2000 are usual")
    six = product.numbers(product.attribute("", "geotransform"), "the attribute geotransform", 6)
    transform = Affine.from_gdal(*six.tolist())
    if not np.isfinite(six).all() or transform.determinant == 0:
        raise product.wrong(f"the attribute geotransform is {six.tolist()}", "origin and size of pixels are expected")
    stated = as_text(product.get("", "spatial_ref"))
    crs = crs_of_text(stated) if stated else None
    notes: tuple[str, ...] = ()
    if crs is None:
        crs = crs_of(product, _EPSG, "spatial_ref")
        notes = (
            "The coordinate system that the product states cannot be read; longitude and latitude (EPSG:4326) are used.",
        )
    return Grid(crs=crs, transform=transform, shape=(int(shape[0]), int(shape[1]))), notes if stated else ()


def _table(product: ProductFile, cube: str) -> LookupTable:
    """The lookup table of an open product; SceneError if it points outside the swath."""
    lines, samples = product.dataset(f"{_PLACE}/glt_y", 2), product.dataset(f"{_PLACE}/glt_x", 2)
    swath = product.dataset(cube, 3).shape
    table, fault = read_table(lines, samples, (swath[0], swath[1]))
    if fault:
        raise product.wrong(f"its lookup table {fault}", "a place inside, or 0 for none, is expected")
    return table


def _without_cube(product: ProductFile) -> SceneError:
    """The error for another file of a product, with the one that holds the spectra if it lies next to it."""
    path = product.path
    sibling = other_file(path, "RFL")
    if not product.has("mask") and sibling is None and product.has(f"{_BANDS}/wavelengths"):
        return product.lacks("the array reflectance")
    return SceneError(
        f"{path} is {WHAT}, but not the one with the spectra.",
        code="product_part",
        hint=f"Choose {sibling.name if sibling else 'the file of the granule with RFL in its name'}.",
    )


def _looks(file: Any) -> bool:
    by_parts = "location/glt_x" in file or "sensor_band_parameters" in file
    return by_parts and (
        (as_text(file.attrs.get("title")) or "").upper().startswith("EMIT") or "location/glt_x" in file
    )


def _companions(path: Path) -> list[Path]:
    """The masks and uncertainties of a granule."""
    return [file for kind in ("MASK", "RFLUNCERT") if (file := other_file(path, kind)) is not None]


EMIT = product_format(
    "emit",
    WHAT,
    names=r"EMIT_L\d",
    entry=r"EMIT_L\w+_RFL_.*\.nc",
    looks=_looks,
    describe=describe,
    open=EmitPixels,
    companions=_companions,
)
