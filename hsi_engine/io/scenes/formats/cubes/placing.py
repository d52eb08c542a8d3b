"""Coordinate systems and wavelengths as products state them."""

from __future__ import annotations

import math

from ....rasters.hdf5_files.product_file import ProductFile


def crs_of(product: ProductFile, epsg: float, name: str) -> str:
    """The WKT of an EPSG code that the attribute ``name`` states.

    Raises
    ------
    SceneError : there is no such code.
    """
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        return str(CRS.from_epsg(int(epsg)).to_wkt())
    except (CRSError, ValueError, OverflowError) as error:
        raise product.wrong(f"{name} is {epsg:.10g}", "the EPSG code of a coordinate system is expected") from error


def crs_of_wkt(text: str) -> str | None:
    """A coordinate system in WKT, PROJ's or EPSG's spelling as WKT; None if it cannot be read."""
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        return str(CRS.from_user_input(text).to_wkt()) or None
    except (CRSError, ValueError):
        return None


def positive(number: float) -> float | None:
    """A wavelength or width; None if it is none."""
    return float(number) if math.isfinite(number) and number > 0 else None
