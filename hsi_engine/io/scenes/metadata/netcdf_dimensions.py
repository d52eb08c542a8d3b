"""The dimensions of a netCDF variable as GDAL reports them: the coordinate of its bands, and which axis is which.

GDAL takes the last two dimensions as rows and columns, whatever they are. The coordinate of the others stands in the
tags of the bands (``NETCDF_DIM_wavelength=450``), its attributes in those of the dataset (``wavelength#units=nm``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ....errors import SceneError
from ...rasters.band_tags import RasterTags
from .wavelength_units import parse_unit

_PREFIX = "netcdf_dim_"
_SPECTRAL_NAMES = re.compile(
    r"(.*_)?(wavelengths?|wavelen|wvln?|wl|wave|lambda|wavenumbers?)(_.*)?|bands?_wavelengths?"
)
_SPECTRAL_STANDARD_NAME = re.compile(r"wavelength|wavenumber")
_SPATIAL_NAMES = frozenset(
    "x y lat lon latitude longitude easting northing row rows col cols column columns line lines sample samples"
    " downtrack crosstrack along_track across_track".split()
)
_BAND_NAMES = frozenset("band bands channel channels spectral".split())
_PLACES = {"Longitude/X": "columns", "Latitude/Y": "rows"}
_NOT_AN_AXIS = re.compile(r"dimension #(\d+) \((.+?)\) is not a (Longitude/X|Latitude/Y|Time or Vertical) dimension")


@dataclass(frozen=True, kw_only=True)
class SpectralCoordinate:
    """The coordinate of the bands.

    Parameters
    ----------
    values : as text, one per band.
    unit : its name; None if the file states none.
    """

    values: tuple[str | None, ...]
    unit: str | None


def spectral_coordinate(tags: RasterTags) -> SpectralCoordinate | None:
    """The coordinate of the dimension that holds wavelengths; None if there is none."""
    dimensions = {key.removeprefix(_PREFIX) for band in tags.band for key in band if key.startswith(_PREFIX)}
    name = next((d for d in sorted(dimensions) if _is_spectral(d, tags)), None)
    if name is None:
        return None
    return SpectralCoordinate(
        values=tuple(band.get(_PREFIX + name) for band in tags.band), unit=tags.dataset.get(f"{name}_units")
    )


def check_axes(tags: RasterTags, messages: Sequence[str], place: str) -> None:
    """Refuse a cube whose last two dimensions are not those of an image.

    Parameters
    ----------
    messages : what GDAL warned of while it opened the file.
    place : the file, for the message.

    Raises
    ------
    SceneError : its rows or columns are wavelengths, or its bands are rows or columns.
    """
    misplaced = next((m for m in map(_NOT_AN_AXIS.search, messages) if m and _is_misplaced(m, tags)), None)
    banded = [name for name in _of_bands(tags) if _normal(name) in _SPATIAL_NAMES]
    if misplaced is None and not banded:
        return
    wrong = (
        f"dimension {int(misplaced.group(1)) + 1}, {misplaced.group(2)}, comes where {_PLACES[misplaced.group(3)]} "
        f"should"
        if misplaced is not None
        else f"dimension {banded[0]} comes where bands should"
    )
    raise SceneError(
        f"The dimensions of {place} are not in the order bands, rows, columns: {wrong}.",
        code="axes",
        hint="Reorder them, for example for a variable called reflectance with dimensions y, x, wavelength:"
        " gdalmdimtranslate -array name=reflectance,transpose=[2,0,1] in.nc out.nc.",
    )


def axes_are_unknown(tags: RasterTags, messages: Sequence[str], *, has_place: bool) -> bool:
    """Whether neither the dimension of the bands can be told from name or unit, nor those of rows and columns.

    Parameters
    ----------
    messages : what GDAL warned of while it opened the file.
    has_place : GDAL found coordinates of rows and columns. If not, it does not say what they are called.
    """
    of_bands = _of_bands(tags)
    if not of_bands or any(_normal(name) in _BAND_NAMES or _is_spectral(_normal(name), tags) for name in of_bands):
        return False
    found = (match for match in map(_NOT_AN_AXIS.search, messages) if match is not None)
    return not has_place or any(m.group(3) in _PLACES and _normal(m.group(2)) not in _SPATIAL_NAMES for m in found)


def is_about_bands(message: str, tags: RasterTags) -> bool:
    """True for GDAL's remark that the dimension of the bands is neither time nor height, which does not matter."""
    match = _NOT_AN_AXIS.search(message)
    return match is not None and match.group(3) == "Time or Vertical" and _is_spectral(_normal(match.group(2)), tags)


def _is_misplaced(match: re.Match[str], tags: RasterTags) -> bool:
    """Whether GDAL takes the dimension of the bands for rows or columns, and finds it odd."""
    return match.group(3) in _PLACES and _is_spectral(_normal(match.group(2)), tags)


def _of_bands(tags: RasterTags) -> list[str]:
    """Names of the dimensions that GDAL takes for those of the bands."""
    names = tags.dataset.get("netcdf_dim_extra", "").strip("{}").split(",")
    return [name for name in names if name]


def _is_spectral(name: str, tags: RasterTags) -> bool:
    if _SPECTRAL_NAMES.fullmatch(name) or _SPECTRAL_STANDARD_NAME.search(tags.dataset.get(f"{name}_standard_name", "")):
        return True
    unit = parse_unit(tags.dataset.get(f"{name}_units"))
    return unit is not None and unit.to_nm(1.0) in (1.0, 1e3)  # a dimension in metres may be one of heights


def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
