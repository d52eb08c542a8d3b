"""All formats of scenes, in the order in which they are asked."""

from __future__ import annotations

from pathlib import Path

from ..source import Scene, SceneFormat
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

# The first that recognises a path has it. GDAL takes everything, and says what is wrong with what it cannot open.
FORMATS: tuple[SceneFormat, ...] = (ENMAP, DESIS, PRISMA, EMIT, NEON, TANAGER, MATLAB, AVIRIS_CLASSIC, ENVI, GDAL)


def format_of(path: Path) -> SceneFormat:
    """The format that describes a path."""
    return next(known for known in FORMATS if known.recognises(path))


def format_that_described(scene: Scene) -> SceneFormat:
    """The format that opens a scene."""
    found = next((known for known in FORMATS if known.name == scene.format), None)
    if found is None:
        names = ", ".join(known.name for known in FORMATS)
        raise ValueError(f"{scene.path} was described by the format {scene.format!r}; known here are {names}")
    return found
