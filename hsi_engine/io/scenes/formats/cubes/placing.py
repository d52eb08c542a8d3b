"""Coordinate systems, places and wavelengths as products state them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from .....pixels.grid import Grid
from ....rasters.hdf5_files.attributes import as_number, as_text
from ....rasters.hdf5_files.product_file import ProductFile
from ...metadata.wavelength_units import parse_unit


def crs_of(product: ProductFile, stated: Any, name: str) -> str:
    """The WKT of an EPSG code, which may be written as a number or as ``EPSG:32618``, with or without more in front.

    Parameters
    ----------
    stated : the value of an attribute.
    name : for messages: what states it.

    Raises
    ------
    SceneError : it is not a number, or there is no such code.
    """
    text = as_text(stated) or ""
    epsg = as_number(text.rpartition(":")[2])
    if epsg is None:
        raise product.wrong(f"{name} is {text!r}", "a number is expected")
    found = crs_of_text(f"EPSG:{epsg:.0f}")
    if found is None:
        raise product.wrong(f"{name} is {epsg:.10g}", "the EPSG code of a coordinate system is expected")
    return found


def crs_of_text(text: str) -> str | None:
    """A coordinate system as WKT, from WKT, the spelling of PROJ or ``EPSG:32633``; None if it cannot be read."""
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        return str(CRS.from_user_input(text).to_wkt()) or None
    except (CRSError, ValueError, OverflowError):
        return None


def envi_transform(map_info: str) -> tuple[Affine, list[str]] | None:
    """The transform that ``map info`` of ENVI states, at the edges of pixels; and its entries. None if it cannot be read.

    Entries are projection, column and row of a reference point (1, 1 is the upper left corner of the first pixel), its x and
    y, width and height of a pixel, and what belongs to the projection; ``rotation=`` in degrees (ENVI header format, NV5).
    """
    entries = [entry.strip() for entry in map_info.strip().strip("{}").split(",")]
    try:
        column, row, x, y, width, height = (float(entry) for entry in entries[1:7])
        named = [entry.split("=") for entry in entries[7:] if "=" in entry]
        angle = math.radians(next((float(text) for key, text in named if key.strip().lower() == "rotation"), 0.0))
    except ValueError:
        return None
    if not all(map(math.isfinite, (column, row, x, y, width, height, angle))) or width <= 0 or height <= 0:
        return None
    turned = Affine(
        math.cos(angle) * width, math.sin(angle) * width, 0.0, math.sin(angle) * height, -math.cos(angle) * height, 0.0
    )
    left, top = turned @ (column - 1, row - 1)
    return Affine.translation(x - left, y - top) @ turned, entries


def pixels_apart(grid: Grid, other: Affine) -> float:
    """How far apart two transforms put the corners of a scene, at most, in pixels along rows or columns."""
    rows, cols = grid.shape
    apart = 0.0
    for corner in ((0, 0), (cols, 0), (0, rows), (cols, rows)):
        col, row = ~grid.transform @ (other @ corner)
        apart = max(apart, abs(col - corner[0]), abs(row - corner[1]))
    return apart


def positive(number: float) -> float | None:
    """A wavelength or width; None if it is none."""
    return float(number) if math.isfinite(number) and number > 0 else None


def in_nm(
    product: ProductFile, numbers: npt.NDArray[np.float64], unit: str | None, name: str
) -> npt.NDArray[np.float64]:
    """Wavelengths or widths in nanometres, which is meant where no unit is stated.

    Raises
    ------
    SceneError : the unit is not one of wavelength.
    """
    if not unit:
        return numbers
    found = parse_unit(unit)
    if found is None or found.reciprocal:
        raise product.wrong(f"the unit of {name} is {unit!r}", "a unit of wavelength is expected")
    return numbers * found.to_nm(1.0)


def columns(numbers: Sequence[float]) -> tuple[float | None, ...]:
    """Wavelengths or widths as a band table holds them."""
    return tuple(positive(number) for number in numbers)
