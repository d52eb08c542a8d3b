"""All formats of scenes, in the order in which they are asked."""

from __future__ import annotations

from pathlib import Path

from ..source import FoundProduct, Scene, SceneFormat
from .envi import ENVI
from .gdal import GDAL
from .matlab import MATLAB
from .products.aviris_classic import AVIRIS_CLASSIC
from .products.desis import DESIS
from .products.emit import EMIT
from .products.enmap import ENMAP
from .products.neon import NEON
from .products.prisma import PRISMA
from .products.tanager import TANAGER
from .xml_products.product_files import several_products, subfolders

# The first that recognises a path has it. GDAL takes everything, and says what is wrong with what it cannot open.
FORMATS: tuple[SceneFormat, ...] = (ENMAP, DESIS, PRISMA, EMIT, NEON, TANAGER, MATLAB, AVIRIS_CLASSIC, ENVI, GDAL)


def format_of(path: Path) -> SceneFormat:
    """The format that describes a path.

    Raises
    ------
    SceneError : it is a folder or archive that holds several products.
    """
    found = _products_by_format(path)
    if len(found) > 1:
        raise several_products(path, sorted(product.path for product, _ in found), archived=path.is_file())
    if found and found[0][1].recognises(path):
        return found[0][1]
    return next(known for known in FORMATS if known.recognises(path))


def own_products(path: Path) -> list[FoundProduct]:
    """The products of all formats whose files lie in a folder, not in its subfolders, or anywhere in an archive."""
    return sorted((one for known in FORMATS for one in known.products(path)), key=lambda one: one.path)


def _products_by_format(path: Path) -> list[tuple[FoundProduct, SceneFormat]]:
    """The products that a path may stand for: those of an archive, and of a folder its own, or else those in its subfolders."""
    own = [(one, known) for known in FORMATS for one in known.products(path)]
    if own or not path.is_dir():
        return own
    return [(one, known) for inner in subfolders(path) for known in FORMATS for one in known.products(inner)]


def format_that_described(scene: Scene) -> SceneFormat:
    """The format that opens a scene."""
    found = next((known for known in FORMATS if known.name == scene.format), None)
    if found is None:
        names = ", ".join(known.name for known in FORMATS)
        raise ValueError(f"{scene.path} was described by the format {scene.format!r}; known here are {names}")
    return found
