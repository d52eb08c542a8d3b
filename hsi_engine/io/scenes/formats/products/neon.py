"""NEON AOP: reflectance of an airborne spectrometer in HDF5, (line, sample, band), whatever ``Interleave`` says.

Values are divided by ``Scale_Factor``. Two windows of strong water vapour hold noise, of which values tell nothing: they are left
out by wavelength. Numbers and text stand alone or as arrays of one, which differs between years. Source: NEON imaging spectrometer
reflectance ATBD (NEON.DOC.001288), tutorials of NEON, and a subset of a real file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from .....errors import SceneError
from .....foreign.numbers import whole_number
from .....pixels.grid import Grid
from .....spectrum.bands import BandTable
from ....rasters.hdf5_files.attributes import as_number, as_numbers, as_text
from ....rasters.hdf5_files.product_file import ProductFile, listed
from ...source import QualityLayer, Scene
from ..cubes.hdf5_cube import BANDS_LAST, Storage
from ..cubes.placing import columns, crs_of, crs_of_text, envi_transform, in_nm, pixels_apart
from ..cubes.product_format import product_format
from ..cubes.single_cube import CubePixels, CubeSource, LayerPlace, usable_layers

_WHAT = "a NEON product"
_GROUP, _CUBE = "Reflectance", "Reflectance_Data"
_SPECTRA, _COORDINATES = "Metadata/Spectral_Data", "Metadata/Coordinate_System"
_WINDOW = re.compile(r"Band_Window_\d+_Nanometers", re.IGNORECASE)
_IN_WINDOW = "water vapour window"
_NODATA = -9999
# 1 where the sun reaches the ground.
_SHADOW = ("Metadata/Ancillary_Imagery/Cast_Shadow", QualityLayer(name="cast shadow"), (0,))
_PX = 0.5


def describe(path: Path) -> Scene:
    """Describe a NEON product.

    Raises
    ------
    SceneError : it is one of radiance, or a part is missing or not as it should be.
    """
    with ProductFile.opened(path, _WHAT) as product:
        group = _group(product)
        cube = product.dataset(f"{group}/{_CUBE}", 3)
        storage = Storage.of(cube, BANDS_LAST)
        count, shape = storage.shape[0], storage.shape[1:]
        bands, reasons, band_notes = _bands(product, group, count)
        grid, place_notes = _grid(product, group, shape)
        nodata = as_number(cube.attrs.get("Data_Ignore_Value"))
        name, layer, values = _SHADOW
        wanted = [LayerPlace(layer=layer, name=f"{group}/{name}", values=values)]
        layers, layer_notes = usable_layers(product, wanted, shape)
        return Scene(
            path=path,
            grid=grid,
            bands=bands,
            bad_reasons=reasons,
            dtype=storage.dtype.name,
            nodata=_NODATA if nodata is None else nodata,
            scale=(1.0 / _scale_factor(product, group),) * count,
            offset=(0.0,) * count,
            driver="NEON AOP reflectance",
            block_shape=storage.block_shape,
            quality_layers=tuple(place.layer for place in layers),
            texts={
                "sensor": "NEON AOP",
                **product.texts(group, f"{group}/{_CUBE}"),
                "processing_level": "surface reflectance",
                "units": "reflectance",
            },
            files=(str(path),),
            warnings=(*place_notes, *band_notes, *layer_notes, *storage.notes()),
            source=CubeSource(file=path, what=_WHAT, cube=f"{group}/{_CUBE}", axes=BANDS_LAST, layers=layers),
        )


def _group(product: ProductFile) -> str:
    """The group of the site, such as ``SJER/Reflectance``."""
    sites = [name for name in product.file if f"{name}/{_GROUP}" in product.file]
    if len(sites) == 1:
        return f"{sites[0]}/{_GROUP}"
    if any(f"{name}/Radiance" in product.file for name in product.file):
        raise SceneError(
            f"{product.path} is {_WHAT} of radiance, which is split into whole numbers and decimals and not read.",
            code="product_level",
            hint="Choose the file with reflectance in its name.",
        )
    if not sites:
        raise product.lacks(f"the group {_GROUP}")
    raise product.wrong(f"it holds reflectance of {listed(sites)}", "one site is expected")


def _scale_factor(product: ProductFile, group: str) -> float:
    node = next((node for node in (f"{group}/{_CUBE}", group) if product.get(node, "Scale_Factor") is not None), "")
    factor = product.number(node or f"{group}/{_CUBE}", "Scale_Factor")
    if factor <= 0:
        raise product.wrong(f"the attribute Scale_Factor is {factor:g}", "values are divided by it")
    return factor


def _bands(product: ProductFile, group: str, count: int) -> tuple[BandTable, dict[int, str], tuple[str, ...]]:
    wavelengths = _column(product, f"{group}/{_SPECTRA}/Wavelength", count)
    if wavelengths is None:
        raise product.lacks(f"the array {group}/{_SPECTRA}/Wavelength")
    widths = _column(product, f"{group}/{_SPECTRA}/FWHM", count)
    bad = np.zeros(count, bool)
    windows = _windows(product, group)
    for low, high in windows:
        bad |= (wavelengths >= low) & (wavelengths <= high)
    places = columns(wavelengths.tolist())
    table = BandTable(
        names=tuple(f"Band {i + 1}" for i in range(count)),
        wavelength_nm=places,
        fwhm_nm=(None,) * count if widths is None else columns(widths.tolist()),
        good=tuple(place is not None and not flag for place, flag in zip(places, bad, strict=True)),
    )
    reasons = {i: _IN_WINDOW for i in range(count) if bad[i]}
    notes = (
        ()
        if windows
        else ("The product states no windows of water vapour; the noise in them is used like other bands.",)
    )
    return table, reasons, notes


def _column(product: ProductFile, name: str, count: int) -> Any:
    """Numbers in nm, one for each band; None if they are not there."""
    found = product.file.get(name)
    if found is None:
        return None
    unit = as_text(found.attrs.get("Units")) or as_text(found.attrs.get("units"))
    return in_nm(product, product.numbers(found, f"the array {name}", count), unit, name)


def _windows(product: ProductFile, group: str) -> list[tuple[float, float]]:
    """The ranges of wavelength that are left out, in nm."""
    found: list[tuple[float, float]] = []
    for node in (group, f"{group}/{_CUBE}"):
        for name in product.file[node].attrs:
            if _WINDOW.fullmatch(name):
                limits = as_numbers(product.get(node, name))
                if limits is None or len(limits) != 2 or not limits[0] <= limits[1]:
                    raise product.wrong(f"the attribute {name} is not a range", "two wavelengths are expected")
                found.append((float(limits[0]), float(limits[1])))
    return list(dict.fromkeys(found))


def _grid(product: ProductFile, group: str, shape: tuple[int, int]) -> tuple[Grid, tuple[str, ...]]:
    """The grid of ``Map_Info`` or, without it, of the extent."""
    text = _coordinate_text(product, group, "Map_Info")
    extent = as_numbers(product.get(f"{group}/{_CUBE}", "Spatial_Extent_meters"))
    by_extent = _of_extent(extent.tolist(), shape) if extent is not None and len(extent) == 4 else None
    stated = envi_transform(text) if text else None
    if text and stated is None:
        raise product.wrong(f"Map_Info is {text!r}", "projection, reference point and size of pixels are expected")
    if stated is not None:
        transform, entries = stated
    elif by_extent is not None:
        transform, entries = by_extent, list[str]()
    else:
        raise product.lacks(f"the text {group}/{_COORDINATES}/Map_Info")
    crs = _crs(product, group, entries)
    grid = Grid(crs=crs, transform=transform, shape=shape)
    notes = []
    if stated is not None and by_extent is not None and pixels_apart(grid, by_extent) > _PX:
        notes.append("Map_Info and Spatial_Extent_meters of the product state different places; Map_Info is used.")
    if crs is None:
        notes.append("The product states no coordinate system that can be read.")
    return grid, tuple(notes)


def _of_extent(extent: list[float], shape: tuple[int, int]) -> Affine | None:
    left, right, bottom, top = extent
    if not (np.isfinite(extent).all() and left < right and bottom < top):
        return None
    return Affine((right - left) / shape[1], 0.0, left, 0.0, -(top - bottom) / shape[0], top)


def _crs(product: ProductFile, group: str, entries: list[str]) -> str | None:
    """The first of EPSG code, WKT, PROJ's text and the zone of ``Map_Info`` that can be read."""
    code = _coordinate_text(product, group, "EPSG Code")
    if code:
        return crs_of(product, code, "EPSG Code")
    for name in ("Coordinate_System_String", "Proj4"):
        text = _coordinate_text(product, group, name)
        found = crs_of_text(text) if text else None
        if found:
            return found
    zone = whole_number(entries[7]) if len(entries) > 8 and entries[0].upper() == "UTM" else None
    if zone is not None:
        return crs_of_text(f"EPSG:{32600 + 100 * (entries[8].lower() == 'south') + zone}")
    return None


def _coordinate_text(product: ProductFile, group: str, name: str) -> str | None:
    """Text about coordinates, which stands in a dataset."""
    return product.small_text(f"{group}/{_COORDINATES}/{name}")


def _looks(file: Any) -> bool:
    return any(f"{name}/{_GROUP}/{_CUBE}" in file or f"{name}/{_GROUP}/Metadata" in file for name in file)


NEON = product_format(
    "neon", _WHAT, names=r"NEON_", entry=r"NEON_.*reflectance.*\.h5", looks=_looks, describe=describe, open=CubePixels
)
