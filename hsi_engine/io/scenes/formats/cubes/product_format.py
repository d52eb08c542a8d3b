"""The format of a product in one HDF5 file: recognised by contents or name, chosen as file or as the folder that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .....errors import SceneError
from ....files.source_names import file_behind, is_gdal_name
from ....rasters.hdf5_files.opening import has_h5py, hdf5_file, is_hdf5
from ...source import FoundProduct, PixelSource, Scene, SceneFormat
from ..xml_products.places import names_in
from ..xml_products.product_files import subfolders

_ARRAY = re.compile(r"(?:HDF5|HDF5Image|NETCDF):.*[\"']?:(/*[^:\"]+)", re.IGNORECASE | re.DOTALL)
_CUBE_AXES = 3


def _none(_: Path) -> tuple[Path, ...]:
    return ()


def product_format(
    name: str,
    what: str,
    *,
    names: str,
    entry: str,
    looks: Callable[[Any], bool],
    describe: Callable[[Path], Scene],
    open: Callable[[Scene], PixelSource],  # noqa: A002 - as the format calls it
    companions: Callable[[Path], Sequence[Path]] = _none,
) -> SceneFormat:
    """A format of products.

    Parameters
    ----------
    what : for messages: ``an EMIT product``.
    names : pattern that the names of its files begin with, whatever the case. Such a file is one of this format even if parts
        of it are missing, which :func:`describe` names.
    entry : the same for the one with the spectra; a folder that holds one of these stands for it.
    looks : whether an open HDF5 file holds such a product.
    companions : other files of a product next to the one with the spectra, which are not scenes.
    """
    of_product, of_entry = re.compile(names, re.IGNORECASE), re.compile(entry, re.IGNORECASE)

    def recognises(path: Path) -> bool:
        if is_gdal_name(path):
            return _is_cube(path, looks)
        if path.is_dir():
            return _entry_in(path, of_entry) is not None
        return is_hdf5(path) and (of_product.match(path.name) is not None or _looks(path, looks))

    def described(path: Path) -> Scene:
        if is_gdal_name(path):
            raise SceneError(
                f"{path} is one array of {what}, without its place and wavelengths.",
                code="product_part",
                hint=f"Choose the product itself: {file_behind(path)}.",
            )
        return describe(_entry_in(path, of_entry) or path)

    def products(path: Path) -> list[FoundProduct]:
        if path.is_dir():
            found = _entries(path, of_entry)
            return [FoundProduct(path=file, parts=frozenset((file, *companions(file)))) for file in found]
        inner = (path / name for name in names_in(path))
        return [FoundProduct(path=file) for file in inner if of_entry.match(file.name)]

    return SceneFormat(name=name, recognises=recognises, describe=described, open=open, products=products)


def _looks(path: Path, looks: Callable[[Any], bool]) -> bool:
    if not has_h5py():
        return False
    try:
        with hdf5_file(path, "an HDF5 file") as file:
            return looks(file)
    except SceneError:  # damaged, and called like no product
        return False


def _is_cube(path: Path, looks: Callable[[Any], bool]) -> bool:
    """Whether a name of GDAL is that of an array of three axes in a product. Other arrays GDAL reads as they are."""
    array, file = _ARRAY.fullmatch(str(path)), file_behind(path)
    if array is None or file is None or not is_hdf5(file) or not has_h5py():
        return False
    try:
        with hdf5_file(file, "an HDF5 file") as opened:
            item = opened.get(array.group(1).strip("/"))
            return len(getattr(item, "shape", ())) == _CUBE_AXES and looks(opened)
    except SceneError:
        return False


def _entry_in(path: Path, entry: re.Pattern[str]) -> Path | None:
    """The only file of a folder, or else of its subfolders, that is called like the one with the spectra; None for a file, and
    if there are several.
    """
    if not path.is_dir():
        return None
    found = _entries(path, entry) or [file for inner in subfolders(path) for file in _entries(inner, entry)]
    return found[0] if len(found) == 1 else None


def _entries(folder: Path, entry: re.Pattern[str]) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if entry.match(file.name) and is_hdf5(file))
    except OSError:  # a folder that may be passed but not listed
        return []
