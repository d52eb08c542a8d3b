"""Writing a scene that is in memory as a GeoTIFF whose bands state where they lie in the spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError

from ...errors import OutputError
from ...phrases import writing_hint
from ...pixels.grid import Grid
from ...spectrum.bands import BandTable
from ..maps.map_writer import quiet_about_georeferencing


def write_scene(
    path: str | Path,
    data: npt.NDArray[Any],
    *,
    grid: Grid,
    bands: BandTable,
    nodata: float | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write all bands of a scene at once.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    data : (bands, rows, cols), of any data type GeoTIFF can hold.
    grid : where the pixels lie.
    bands : name, wavelength (nm), width (nm) and flag of each band; become descriptions and tags of the bands.
    nodata : value of pixels without data, None if every pixel has data.
    tags : further facts about the whole scene, such as its source.

    Raises
    ------
    OutputError
        The file cannot be written.
    ValueError
        The array, the grid and the bands differ in size.
    """
    if data.shape != (len(bands), *grid.shape):
        raise ValueError(f"{data.shape} values do not fit {len(bands)} bands of {grid.shape} pixels")
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "count": len(bands),
        "height": grid.shape[0],
        "width": grid.shape[1],
        "dtype": data.dtype.name,
        "crs": grid.crs,
        "transform": grid.transform if grid.is_georeferenced else None,
        "nodata": nodata,
        "compress": "deflate",
        "predictor": 3 if np.issubdtype(data.dtype, np.floating) else 2,
        "BIGTIFF": "IF_SAFER",
    }
    try:
        with quiet_about_georeferencing(), rasterio.open(path, "w", **profile) as file:
            file.update_tags(**(tags or {}))
            for index in range(len(bands)):
                file.set_band_description(index + 1, bands.names[index])
                file.update_tags(index + 1, **band_tags(bands, index))
            file.write(data)
    except (RasterioError, OSError) as error:
        raise OutputError(
            f"Scene '{path}' cannot be written: {error}",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error


def band_tags(bands: BandTable, index: int) -> dict[str, str]:
    """Flag, wavelength and width of the band at a 0-based index, as tags from which a scene is read."""
    tags = {"bbl": str(int(bands.good[index]))}
    for key, value in (("wavelength", bands.wavelength_nm[index]), ("fwhm", bands.fwhm_nm[index])):
        if value is not None:
            tags |= {key: f"{value:.10g}", "wavelength_units": "Nanometers"}
    return tags


def imagery_tags(bands: BandTable, index: int) -> dict[str, str]:
    """Wavelength and width of the band at a 0-based index in GDAL's domain IMAGERY, in micrometres."""
    values = {"CENTRAL_WAVELENGTH_UM": bands.wavelength_nm[index], "FWHM_UM": bands.fwhm_nm[index]}
    return {key: f"{value / 1000:.10g}" for key, value in values.items() if value is not None}


def envi_tags(bands: BandTable) -> dict[str, str]:
    """Wavelengths, widths and flags of all bands as entries of an ENVI header; lists that lack a band are left out."""
    tags = {"bbl": _listed([int(good) for good in bands.good])}
    if bands.wavelength_nm and None not in bands.wavelength_nm:
        tags |= {"wavelength": _listed(bands.wavelength_nm), "wavelength_units": "Nanometers"}
        if None not in bands.fwhm_nm:
            tags["fwhm"] = _listed(bands.fwhm_nm)
    return tags


def _listed(values: Sequence[float | int | None]) -> str:
    return "{" + ", ".join(f"{value:.10g}" for value in values if value is not None) + "}"
