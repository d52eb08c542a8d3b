"""Which scenes a folder holds: rasters, and products of missions in it and in its subfolders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...io.scenes.formats.catalogue import FORMATS, own_products
from ...phrases import counted

RASTER_SUFFIXES = frozenset(
    ".tif .tiff .img .dat .raw .bsq .bil .bip .h5 .he5 .hdf .hdf5 .nc .nc4 .mat .vrt .jp2 .pix".split()
)
"""Endings by which a file of a folder is taken for a scene. Packed products are known by their names."""

_PACKED = (".zip", ".gz", ".tgz", ".tar")
_MOST_NAMES = 5


def scenes_in_folder(folder: Path) -> tuple[list[Path], list[str]]:
    """The scenes of a folder in the order of their names, and sentences on what was left out.

    A folder that holds one product and no other scene is that scene, and so is such a subfolder; otherwise a product is
    named by its metadata or its file with the spectra.

    Raises
    ------
    OSError : the folder cannot be listed.
    """
    entries = _entries(folder)
    own = own_products(folder)
    of_products = {part for product in own for part in product.parts}
    others = [entry for entry in entries if entry not in of_products]
    scenes = [product.path for product in own] + _rasters(others)
    notes, not_searched = [], []
    closed = [entry for entry in others if entry.suffix.lower() in _PACKED and entry not in scenes]
    if closed:
        notes.append(
            f"Packed files are read only if they hold one product of a mission. These were left out: {names_of(closed)}."
            " Unpack them to map the rasters in them."
        )
    for inner in (entry for entry in entries if entry.is_dir()):
        found = products_of_folder(inner)
        scenes += found
        if not found or _has_others(inner):
            not_searched.append(inner)
    if not_searched:
        notes.append(
            f"In subfolders, only products are looked for, not other rasters: {names_of(not_searched)}. A pattern such as"
            f" '{folder}/**/*.tif' finds these."
        )
    return [folder] if len(own) == len(scenes) == 1 else sorted(scenes), notes


def products_of_folder(folder: Path) -> list[Path]:
    """The scenes that are products in a folder, or else in its subfolders; a folder with one product is that scene."""
    found = [product.path for product in own_products(folder)]
    if not found:
        try:
            inner = [entry for entry in _entries(folder) if entry.is_dir()]
        except OSError:  # a folder that may be passed but not listed
            return []
        of_inner = {entry: [product.path for product in own_products(entry)] for entry in inner}
        found = [path for entry, paths in of_inner.items() for path in ([entry] if len(paths) == 1 else paths)]
    return [folder] if len(found) == 1 else found


def without_parts(found: Sequence[Path]) -> list[Path]:
    """Headers and the data files that they describe are one scene: the header, but a GeoTIFF next to it."""
    headers = {path for path in found if path.suffix.lower() == ".hdr"}
    described = {header.with_suffix("") for header in headers}
    whole = {path.with_suffix("") for path in found if path.suffix.lower() in (".tif", ".tiff")}
    kept = []
    for path in found:
        if path in headers:
            is_extra = path.with_suffix("") in whole or path.with_suffix("").suffix.lower() in (".tif", ".tiff")
            if is_extra:
                continue
        elif path.suffix.lower() not in (".tif", ".tiff") and (path in described or path.with_suffix("") in described):
            continue
        kept.append(path)
    return kept


def names_of(paths: Sequence[Path]) -> str:
    """The first names, and how many others there are."""
    shown = [path.name for path in paths[:_MOST_NAMES]]
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {counted(more, 'other')}" if more else "")


def _entries(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _has_others(folder: Path) -> bool:
    """Whether a folder with products holds rasters that do not belong to them, or folders that were not searched."""
    own, entries = own_products(folder), _entries(folder)
    parts = {part for product in own for part in product.parts}
    if _rasters([entry for entry in entries if entry not in parts]):
        return True
    return not own and any(not own_products(entry) for entry in entries if entry.is_dir())


def _rasters(entries: Sequence[Path]) -> list[Path]:
    files = [entry for entry in entries if entry.is_file()]
    return without_parts([file for file in files if _looks_like_raster(file) or _is_packed_product(file)])


def _looks_like_raster(path: Path) -> bool:
    return path.suffix.lower() in RASTER_SUFFIXES or path.suffix.lower() == ".hdr"


def _is_packed_product(path: Path) -> bool:
    """Whether a format other than GDAL's knows a packed file as one of its products."""
    if path.suffix.lower() not in _PACKED:
        return False
    return any(known.recognises(path) for known in FORMATS if known.name not in ("gdal", "envi"))
