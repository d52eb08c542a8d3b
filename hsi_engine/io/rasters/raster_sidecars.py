"""Files next to a raster that GDAL ignores without a warning if they are damaged: masks and auxiliary metadata."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ...errors import SceneError
from ...foreign.text import ForeignTextError
from ...foreign.xml_text import parse_xml
from .whole_files import missing_end

_MOST_BYTES = 16 << 20
_MOST_MARKS = 1_000_000


def check_raster_sidecars(dataset: Any, path: Path) -> None:
    """Refuse a raster whose mask or metadata next to it cannot be read.

    Raises
    ------
    SceneError : the .msk is damaged or of another size, or the .aux.xml is not XML.
    """
    mask = path.with_name(f"{path.name}.msk")
    if mask.is_file():
        fault = _fault_of_mask(mask, dataset.shape)
        if fault:
            raise SceneError(
                f"The mask {mask.name} of {path} {fault}, so pixels without data would count as data.",
                code="mask",
                hint="Copy the mask again, or remove it if the raster has no mask.",
            )
    metadata = path.with_name(f"{path.name}.aux.xml")
    if metadata.is_file():
        try:
            parse_xml(metadata.read_bytes())
        except ForeignTextError as error:
            raise SceneError(
                f"The file {metadata.name} next to {path} is damaged: {error}. The CRS, no data value or class names in it"
                " would be lost.",
                code="aux_xml",
                hint="Copy it again, or remove it if it is not needed.",
            ) from error


def check_metadata_size(path: Path) -> None:
    """Refuse a raster whose auxiliary metadata are so many that GDAL would read them for minutes; before it does.

    Raises
    ------
    SceneError : the .aux.xml is larger than that of a map of all 65,535 classes, or has more elements.
    """
    metadata = path.with_name(f"{path.name}.aux.xml")
    if not metadata.is_file():
        return
    size = metadata.stat().st_size
    marks = metadata.read_bytes().count(b"<") if 1 << 20 < size <= _MOST_BYTES else 0
    if size > _MOST_BYTES or marks > _MOST_MARKS:
        what = f"{size / 1e6:.0f} MB" if size > _MOST_BYTES else f"{marks:,} marks of elements"
        raise SceneError(
            f"The file {metadata.name} next to {path} has {what}; at most {_MOST_BYTES >> 20} MB and {_MOST_MARKS:,} marks are"
            " read.",
            code="aux_xml",
            hint="Remove it if it is not needed, or take out what does not describe the raster.",
        )


def _fault_of_mask(mask: Path, shape: tuple[int, int]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(mask) as file:
                rows, cols = file.shape
                missing = missing_end(file, mask)
    except RasterioError:
        return "is damaged"
    if missing is not None:
        return f"is damaged ({missing})"
    return "" if (rows, cols) == shape else f"has {rows}×{cols} pixels instead of {shape[0]}×{shape[1]}"
