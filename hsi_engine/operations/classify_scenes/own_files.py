"""The files of a run about all of its scenes, whose names no map may take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ...io.legends.style_files import sidecar_paths
from ...pixels.grid import describe_crs

ITEMS, SUMMARY, PAGE = "items.json", "summary.json", "index.html"

# Mosaics are named after the code of their CRS, which is not known before scenes are opened; those without a code are compared later.
_MOSAIC = re.compile(r"mosaic_(?:epsg|esri|ignf|ogc|nkg|iau(?:_\d+)?)_[a-z0-9]+\.qml")


def mosaic_of(folder: Path, crs: str) -> Path:
    """The mosaic of the maps in a CRS."""
    name = describe_crs(crs).partition(" (")[0]
    word = "".join(sign if sign.isalnum() else "_" for sign in name).strip("_")
    return folder / f"mosaic_{word}.vrt"


def taken_name(rasters: Iterable[Path], item: Path) -> str:
    """Of the rasters of a map, their styles and its STAC Item, the first name that belongs to a file about all scenes, or to a mosaic's style.

    Empty if there is none. Case plays no part, as on Windows and macOS.
    """
    names = [file.name for raster in rasters for file in (raster, *sidecar_paths(raster))]
    for name in (*names, item.name):
        if name.casefold() in (ITEMS, SUMMARY, PAGE) or _MOSAIC.fullmatch(name.casefold()):
            return name
    return ""
