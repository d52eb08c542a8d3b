"""Files of a product that are not a raster: the metadata next to an image, and the image next to metadata."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ...foreign.json_text import parse_json
from ...foreign.text import ForeignTextError
from ...phrases import listed, shortened
from ..files.source_names import is_gdal_name

_RASTERS = (".tif", ".tiff", ".img", ".bsq", ".bil", ".bip", ".h5", ".hdf5", ".he5", ".nc", ".jp2", ".vrt", ".zarr")
_LISTED = 5
_LONGEST_ITEM = 4 * 2**20
_METADATA = "metadata.xml"
_IMAGES = (".tif", ".tiff", ".bsq", ".bil", ".bip", ".img")
# Of several images of a product, the one with the spectra is called so.
_SPECTRA = "spectral_image"
_OF_PRODUCT = re.compile(r"(enmap|desis).*spectral_image", re.IGNORECASE)
_LOST = (
    "The scene is named like the image of an EnMAP or DESIS product, but METADATA.XML is not next to it, which states wavelengths, scale"
    " and the number for no data: numbers are used as stored, and bands are matched by number. Put it there to use them.",
)


def unread_metadata(path: Path) -> tuple[str, ...]:
    """A note on the metadata of a product that a scene without wavelengths needs: they lie next to it, or are not there."""
    found = None if is_gdal_name(path) else _sibling(path, lambda name: name.endswith(_METADATA))
    if found is None:
        return _LOST if not is_gdal_name(path) and _OF_PRODUCT.match(path.name) else ()
    return (
        f"The scene states no wavelengths. {found.name} next to it may hold them, with scale, no data value and bad bands, but"
        f" is not read with this image: bands are matched by number. Choose {found.name} to open a product of EnMAP or DESIS; otherwise"
        f" write the wavelengths to an ENVI header {path.stem}.hdr next to the scene (wavelength = {{…}}, wavelength units = Nanometers).",
    )


def product_hint(path: Path) -> str:
    """What to do with a file of a product that is not a raster; empty if it does not look like one."""
    suffix = path.suffix.lower()
    if suffix == ".mat":
        return (
            "If it is a MATLAB file of version 4, save it again with MATLAB or Octave as version 7 (-v7), or in Python with"
            " scipy.io.loadmat and savemat."
        )
    if suffix != ".xml":
        return ""
    image = _sibling(path, lambda name: name.endswith(_IMAGES) and _SPECTRA in name)
    return f"It is an XML file, which holds no pixels. Choose the image{f' next to it: {image.name}' if image else ''}."


def stac_hint(path: Path) -> str:
    """Which files to choose if a JSON file is an Item of a STAC catalogue; empty if it is not."""
    try:
        with path.open("rb") as file:
            item = parse_json(file.read(_LONGEST_ITEM))
    except (OSError, ForeignTextError):
        return ""
    if not isinstance(item, dict) or "stac_version" not in item:
        return ""
    assets = item["assets"].values() if isinstance(item.get("assets"), dict) else ()
    named = [one["href"] for one in assets if isinstance(one, dict) and isinstance(one.get("href"), str)]
    rasters = [shortened(href, 200) for href in named if href.lower().endswith(_RASTERS)]
    return "It describes files for a STAC catalogue and holds no pixels. Choose the image it names" + (
        f": {listed(rasters[:_LISTED], 'or')}." if rasters else " among its assets."
    )


def _sibling(path: Path, wanted: Callable[[str], bool]) -> Path | None:
    """The file that shares the most of its name with ``path`` from the start, and at least half of it."""
    try:
        names = [file for file in path.parent.iterdir() if file != path and wanted(file.name.lower())]
    except OSError:  # a folder that may be passed but not listed
        return None
    shared = {file: _shared(file.name.lower(), path.name.lower()) for file in sorted(names)}
    best = max(shared, key=lambda file: shared[file], default=None)
    return best if best is not None and shared[best] >= len(best.stem) / 2 else None


def _shared(one: str, other: str) -> int:
    """How many letters two names have in common at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
