"""The files of a product: which metadata belong to the file or folder that was chosen, and what lies next to them.

Names are compared without regard to case, the prefix of the product may be missing, and copies end ``_COG.TIF``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .....errors import SceneError
from ....files.source_names import is_gdal_name
from ...source import FoundProduct
from .elements import START_BYTES, Node, parse_metadata, root_name
from .places import METADATA, Place, metadata_of

_IMAGE = re.compile(
    r"(?P<prefix>.*?)spectral_image(?:_vnir|_swir)?(?:_cog)?\.(?P<ending>tif|tiff|bsq|bil|bip|jp2|img|hdr)",
    re.IGNORECASE,
)
# An image, or a layer next to it.
_PART = re.compile(r"(?P<prefix>.*?)(?:spectral_image|ql_)[a-z0-9_-]*\.[a-z0-9.]+", re.IGNORECASE)
# Endings of images, in the order in which they are taken if there are several.
_ENDINGS = ("tif", "tiff", "bsq", "bil", "bip", "img", "jp2")
_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class ProductFiles:
    """The metadata of a product, and all files that lie with them.

    Parameters
    ----------
    place : the folder they lie in.
    name : the XML file.
    """

    place: Place
    name: str

    @property
    def metadata(self) -> str:
        """The XML file for a person."""
        return self.place.shown(self.name)

    @property
    def folder(self) -> str:
        """The name of the folder of the product."""
        return self.place.folder.rpartition("/")[2] if self.place.archived else self.place.source.name

    @property
    def prefix(self) -> str:
        """What the names of all files of the product begin with, in lower case; may be empty."""
        name = self.name.lower()
        return name.removesuffix(METADATA) if name.endswith(METADATA) else ""

    def root(self) -> Node:
        """The metadata. Raises SceneError if they cannot be read."""
        return parse_metadata(self.place.read(self.name), self.metadata)

    def path(self, name: str) -> Path:
        """A raster of the folder as it is opened."""
        return self.place.raster(name)

    def find(self, part: str, endings: Sequence[str] = _ENDINGS) -> str | None:
        """The file of the product with this part in its name, such as ``QL_QUALITY_CLOUD``; None if there is none.

        That with the prefix of the metadata if there is one, else the only one in the folder.
        """
        pattern = re.compile(rf"(?P<prefix>.*?){re.escape(part)}(?:_cog)?\.(?P<ending>[a-z0-9]+)", re.IGNORECASE)
        found: dict[str, list[str]] = {}
        for name in self.place.names:
            match = pattern.fullmatch(name)
            if match is not None and match["ending"].lower() in endings:
                found.setdefault(match["prefix"].lower(), []).append(name)
        if self.prefix not in found and len(found) == 1 and len(self._all_metadata()) == 1:
            return min(next(iter(found.values())), key=_rank)
        return min(found.get(self.prefix, ()), key=_rank, default=None)

    def parts(self) -> list[str]:
        """The files of the product by their names: metadata, image, and the layers next to it."""
        image = self.find("SPECTRAL_IMAGE")
        of_image = None if image is None else _PART.fullmatch(image)
        prefixes = {self.prefix, "", *(() if of_image is None else (of_image["prefix"].lower(),))}
        matches = ((name, _PART.fullmatch(name)) for name in self.place.names)
        return [self.name, *(name for name, match in matches if match and match["prefix"].lower() in prefixes)]

    def image(self, stated: str) -> str:
        """The file with the pixels.

        Parameters
        ----------
        stated : its name by the metadata, which for copies in other formats is that of the original; may be empty.

        Raises
        ------
        SceneError : there is none, with what was looked for.
        """
        same = next((name for name in self.place.names if name.lower() == stated.lower()), None)
        found = same or self.find("SPECTRAL_IMAGE")
        if found is None:
            looked_for = stated or f"{self.name[: len(self.prefix)]}SPECTRAL_IMAGE.TIF"
            raise SceneError(
                f"The image of the product is missing: {looked_for} is expected next to {self.metadata}"
                f" (also as .BSQ, .BIL, .BIP, .JP2 or _COG.TIF). Found there: {_listed(self.place.names)}.",
                code="part_missing",
                hint="Unpack or download the whole product into one folder.",
            )
        return found

    def _all_metadata(self) -> list[str]:
        return [name for name in self.place.names if name.lower().endswith(METADATA)]


def find_product(path: Path, root: str) -> ProductFiles | None:
    """The product that a path belongs to: its metadata, its image, or the folder or archive that
    holds it; None if there is none.

    Parameters
    ----------
    root : the name of the root element of its metadata, in lower case.

    Raises
    ------
    SceneError : a folder or archive holds several products, or the archive is truncated.
    """
    found = _candidates(path, root)
    if len(found) > 1:
        raise several_products(path, [one.place.location(one.name) for one in found], archived=found[0].place.archived)
    return found[0] if found else None


def several_products(path: Path, found: Sequence[Path], *, archived: bool) -> SceneError:
    """The error for a folder or archive that is given as a scene and holds several products."""
    inside = [(one.absolute(), path.absolute()) for one in found]
    names = [one.relative_to(top).as_posix() if one.is_relative_to(top) else one.name for one, top in inside]
    return SceneError(
        f"{'The archive' if archived else 'The folder'} {path} holds {len(found)} products.",
        code="several_products",
        hint=f"Choose one of them by its metadata or file{', after unpacking it' if archived else ''}:"
        f" {', '.join(names[:_SHOWN])}{' …' if len(names) > _SHOWN else ''}.",
    )


def products_in(path: Path, root: str) -> list[FoundProduct]:
    """The products whose metadata lie in a folder itself, or anywhere in an archive."""
    try:
        found = _metadata_in(path, root) if path.is_dir() else _candidates(path, root)
    except SceneError:  # an archive that cannot be read
        return []
    return [
        FoundProduct(
            path=one.place.location(one.name),
            parts=frozenset() if one.place.archived else frozenset(one.path(name) for name in one.parts()),
        )
        for one in found
        if path.is_dir() or one.place.archived
    ]


def is_product(path: Path, root: str) -> bool:
    """Whether a path belongs to a product; looks at names and first bytes."""
    try:
        return bool(_candidates(path, root))
    except SceneError:  # an archive that cannot be read
        return False


def _candidates(path: Path, root: str) -> list[ProductFiles]:
    """All metadata with this root element that a path may stand for."""
    archived = [found for found in metadata_of(path) if root_name(found.start) == root]
    if archived or is_gdal_name(path):
        return [ProductFiles(place=found.place, name=found.name) for found in archived]

    if path.is_dir():
        own = _metadata_in(path, root)
        return own or [file for folder in subfolders(path) for file in _metadata_in(folder, root)]
    if path.suffix.lower() == ".xml" and not path.name.lower().endswith("history.xml"):
        return [_with_siblings(path)] if root_name(_start(path)) == root else []
    image = _IMAGE.fullmatch(path.name)
    if image is None or not path.is_file():
        return []
    near = _metadata_in(path.parent, root)
    same = [file for file in near if file.name.lower() == f"{image['prefix']}{METADATA}".lower()]
    return same or (near if len(near) == 1 else [])


def _metadata_in(folder: Path, root: str) -> list[ProductFiles]:
    named = (file for file in _listing(folder) if file.name.lower().endswith(METADATA))
    return [_with_siblings(file) for file in named if root_name(_start(file)) == root]


def _with_siblings(metadata: Path) -> ProductFiles:
    names = tuple(file.name for file in _listing(metadata.parent))
    return ProductFiles(place=Place(source=metadata.parent, names=names), name=metadata.name)


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.is_file())
    except OSError:  # a folder that may be passed but not listed
        return []


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, in the order of their names; none if it cannot be listed."""
    try:
        return sorted(inner for inner in folder.iterdir() if inner.is_dir())
    except OSError:
        return []


def _start(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(START_BYTES)
    except OSError:
        return b""


def _rank(name: str) -> tuple[int, int, str]:
    """Of several files, the plain one goes before the copy, and a GeoTIFF before other formats."""
    stem, _, ending = name.lower().rpartition(".")
    order = _ENDINGS.index(ending) if ending in _ENDINGS else len(_ENDINGS)
    return (order, int(stem.endswith("_cog")), name)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:_SHOWN])}{' …' if len(names) > _SHOWN else ''}" or "nothing else"
