"""Tanager: reflectance or radiance in HDF-EOS5, (band, row, column); ``ortho`` products lie on a grid, ``basic`` ones do not.

The corners in StructMetadata are the outer edges of the pixels if it says ``HE5_HDFE_CORNER``, their centres if
``HE5_HDFE_CENTER``. Source: HDF-EOS5 Data Model (HDF-EOS Tools and Information Center) and public readers of the products.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from affine import Affine

from .....pixels.grid import Grid
from .....spectrum.bands import BandTable
from ....rasters.hdf5_files.attributes import as_number, as_numbers
from ....rasters.hdf5_files.product_file import ProductFile
from ....rasters.hdf5_files.struct_metadata import grid_entries, numbers_of
from ...source import QualityLayer, Scene
from ..cubes.hdf5_cube import BANDS_FIRST, Storage
from ..cubes.placing import columns, crs_of
from ..cubes.product_format import product_format
from ..cubes.single_cube import CubePixels, CubeSource, LayerPlace, usable_layers
from ..xml_products.quality_files import CIRRUS, CLOUD

_WHAT = "a Tanager product"
_NAME = "HYP"
_NAMES = r".*_(ortho|basic)_(sr|radiance)_hdf5.*\.h5"
_GROUPS = (f"HDFEOS/GRIDS/{_NAME}", f"HDFEOS/SWATHS/{_NAME}")
# Name of the cube, and level and unit for a person.
_CUBES = {
    "surface_reflectance": ("surface reflectance", "reflectance"),
    "toa_radiance": ("radiance", "W m-2 sr-1 um-1"),
}
_NODATA = -9999.0
_NO_FLAGS = (
    "The product does not state which wavelengths are good: bands in strong water vapour are used like all others."
)
_LAYERS = (("beta_cloud_mask", CLOUD, (1,)), ("beta_cirrus_mask", CIRRUS, (1,)))
_MISSING = ("nodata_pixels", QualityLayer(name="no data"), (1,))
# Shift of the corner of a grid from the corner that is stated, in pixels.
_REGISTRATIONS = {"": 0.0, "HE5_HDFE_CORNER": 0.0, "HE5_HDFE_CENTER": 0.5}
_DEGREES = "HE5_GCTP_GEO"
_UPPER_LEFT = ("", "HE5_HDFE_GD_UL")


def describe(path: Path) -> Scene:
    """Describe a Tanager product.

    Raises
    ------
    SceneError : a part is missing or not as it should be.
    """
    with ProductFile.opened(path, _WHAT) as product:
        group = next((name for name in _GROUPS if product.has(name)), None)
        if group is None:
            raise product.lacks(f"the group {_GROUPS[0]}")
        fields = f"{group}/Data Fields"
        product.group(fields)
        cube = next((name for name in _CUBES if product.has(f"{fields}/{name}")), None)
        if cube is None:
            raise product.lacks(f"the array {fields}/{' or '.join(_CUBES)}")
        name = f"{fields}/{cube}"
        storage = Storage.of(product.dataset(name, 3), BANDS_FIRST)
        count, shape = storage.shape[0], storage.shape[1:]
        grid, place_notes = _grid(product, group, shape)
        wanted = [
            LayerPlace(name=f"{fields}/{key}", layer=layer, values=values)
            for key, layer, values in (*_LAYERS, _MISSING)
        ]
        usable, layer_notes = usable_layers(product, wanted, shape)
        layers = tuple(place for place in usable if place.layer is not _MISSING[1])
        (level, unit), (scale, offset) = _CUBES[cube], product.packing(name)
        bands, band_notes = _bands(product, name, count)
        kind = "ortho" if group == _GROUPS[0] else "basic"
        return Scene(
            path=path,
            grid=grid,
            bands=bands,
            dtype=storage.dtype.name,
            nodata=_nodata(product, name),
            scale=(scale,) * count,
            offset=(offset,) * count,
            driver=f"Tanager {kind} {level}",
            block_shape=storage.block_shape,
            quality_layers=tuple(place.layer for place in layers),
            texts={
                "sensor": "Tanager",
                **product.texts("", "HDFEOS", group, name),
                "processing_level": f"{kind} {level}",
                "units": unit,
            },
            files=(str(path),),
            warnings=(*place_notes, *band_notes, *layer_notes, *storage.notes()),
            source=CubeSource(
                file=path,
                what=_WHAT,
                cube=name,
                axes=BANDS_FIRST,
                layers=layers,
                missing=next((place for place in usable if place.layer is _MISSING[1]), None),
            ),
        )


def _nodata(product: ProductFile, name: str) -> float:
    stated = as_number(product.get(name, "_FillValue"))
    return _NODATA if stated is None else stated


def _bands(product: ProductFile, name: str, count: int) -> tuple[BandTable, tuple[str, ...]]:
    wavelengths = product.numbers(product.attribute(name, "wavelengths"), "the attribute wavelengths", count)
    widths = product.get(name, "fwhm")
    fwhm = np.zeros(count) if widths is None else product.numbers(widths, "the attribute fwhm", count)
    stated = as_numbers(product.get(name, "good_wavelengths"))
    if stated is not None and len(stated) != count:
        raise product.wrong(
            f"the attribute good_wavelengths holds {len(stated)} numbers", f"the cube has {count} bands"
        )
    places = columns(wavelengths.tolist())
    good = np.ones(count) if stated is None else stated
    table = BandTable(
        names=tuple(f"Band {i + 1}" for i in range(count)),
        wavelength_nm=places,
        fwhm_nm=columns(fwhm.tolist()),
        good=tuple(place is not None and bool(flag > 0) for place, flag in zip(places, good, strict=True)),
    )
    return table, () if stated is not None or "radiance" in name else (_NO_FLAGS,)


def _grid(product: ProductFile, group: str, shape: tuple[int, int]) -> tuple[Grid, tuple[str, ...]]:
    """The grid that StructMetadata describes; none for a ``basic`` product."""
    if group != _GROUPS[0]:
        note = (
            "This basic product lies as the sensor saw it and not on a map: only latitude and longitude of each pixel are known, and"
            " they are not used. Take the ortho product of the same strip for a map in map coordinates."
        )
        return Grid(crs=None, transform=Affine.identity(), shape=shape), (note,)
    entries = grid_entries(product.file, _NAME)
    if entries is None:
        raise product.lacks(f"the grid {_NAME} of StructMetadata")
    size = tuple(int(number) for key in ("YDim", "XDim") for number in numbers_of(entries.get(key))[:1])
    if size != shape:
        raise product.wrong(
            f"StructMetadata states {' × '.join(map(str, size)) or 'no size'}",
            f"the cube has {shape[0]} × {shape[1]} pixels",
        )
    crs = crs_of(product, product.attribute(group, "epsg_code"), "the attribute epsg_code")
    return Grid(crs=crs, transform=_transform(product, entries, shape), shape=shape), ()


def _transform(product: ProductFile, entries: Mapping[str, str], shape: tuple[int, int]) -> Affine:
    corners = [numbers_of(entries.get(key)) for key in ("UpperLeftPointMtrs", "LowerRightMtrs")]
    registration, origin = entries.get("PixelRegistration", ""), entries.get("GridOrigin", "")
    if any(len(corner) != 2 for corner in corners) or corners[0] == corners[1]:
        raise product.wrong("StructMetadata states no corners", "UpperLeftPointMtrs and LowerRightMtrs are expected")
    if registration not in _REGISTRATIONS or origin not in _UPPER_LEFT:
        raise product.wrong(
            f"StructMetadata states {registration} and {origin}",
            "HE5_HDFE_CORNER or HE5_HDFE_CENTER, and HE5_HDFE_GD_UL, are expected",
        )
    if entries.get("Projection") == _DEGREES:
        raise product.wrong("StructMetadata states corners in packed degrees", "corners in metres are expected")
    shift = _REGISTRATIONS[registration]
    (left, top), (right, bottom) = corners
    width, height = (
        (end - start) / (count - 2 * shift) for start, end, count in ((left, right, shape[1]), (top, bottom, shape[0]))
    )
    if not (width > 0 > height):
        raise product.wrong(
            f"the corners of StructMetadata are {corners[0]} and {corners[1]}",
            "upper left and lower right are expected",
        )
    return Affine(width, 0.0, left - shift * width, 0.0, height, top - shift * height)


def _looks(file: object) -> bool:
    return any(name in file for name in _GROUPS)  # type: ignore[operator]


TANAGER = product_format("tanager", _WHAT, names=_NAMES, entry=_NAMES, looks=_looks, describe=describe, open=CubePixels)
