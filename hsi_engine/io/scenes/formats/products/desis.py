"""DESIS L1C and L2A: METADATA.xml, an image of 235 bands (118, 79 or 60 if they were binned), and quality layers next to it.

Bands are those of ``specific/bandCharacterisation``, by their number, in whatever order: ``band`` elements occur under the interior
orientation too. Gain and offset are those of each band; at level L1C no two are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .....errors import SceneError
from ...source import FoundProduct, QualityLayer, Scene, SceneFormat
from ..xml_products import quality_files as quality
from ..xml_products.bands import ProductBand, band_number, band_numbers_are_unique, positive, width_or_none
from ..xml_products.elements import Node
from ..xml_products.image import ProductPixels, describe_image, product_scene
from ..xml_products.product_files import ProductFiles, find_product, is_product, products_in
from ..xml_products.quality_files import QualityFile, usable_layers

_ROOT = "hsi_doc"
# By level, the unit of values.
_LEVELS = {"L1C": "mW cm-2 sr-1 um-1", "L2A": "reflectance"}
_LEVEL = re.compile(r"L\d[A-Z]", re.IGNORECASE)
_NODATA = -32768
_BINNED = (235, 118, 79, 60)
_QUALITY = "QL_QUALITY-2"
# Bands of the quality raster, from 0 (DESIS product guide): shadow, land, snow, haze over land and water, cloud over land and
# water, water; then optical thickness and water vapour.
_LAYERS: tuple[tuple[QualityLayer, tuple[int, ...]], ...] = (
    (quality.CLOUD, (5, 6)),
    (quality.CLOUD_SHADOW, (0,)),
    (quality.HAZE, (3, 4)),
    (quality.SNOW, (2,)),
    (quality.WATER, (7,)),
)


def recognises(path: Path) -> bool:
    """Whether a path is the metadata or image of a DESIS product, or the folder of one."""
    return is_product(path, _ROOT)


def products(path: Path) -> list[FoundProduct]:
    """The products in a folder or archive."""
    return products_in(path, _ROOT)


def describe(path: Path) -> Scene:
    """Describe a DESIS product.

    Raises
    ------
    SceneError : it is of level L1B or an unknown one, a part is missing, or the metadata cannot be used.
    """
    files = find_product(path, _ROOT)
    if files is None:
        raise SceneError(f"{path} is no longer there.", code="not_found", hint="Restore it, or choose another file.")
    root = files.root()
    name = files.image("")
    level = _level(root, files, name)
    image = describe_image(files.path(name))
    bands = _bands(root)
    layers, notes = usable_layers(list(_layers(files)), image.grid.shape)
    if not any(layer.layer.masks for layer in layers):
        notes = (*notes, f"The product lacks {_QUALITY}: pixels under clouds or their shadows are not masked.")
    if not level:
        notes = (
            *notes,
            "Neither names nor metadata state the processing level: values may be radiance or reflectance.",
        )
    if len(bands) not in _BINNED:
        shown = ", ".join(map(str, _BINNED))
        notes = (
            *notes,
            f"The metadata list {len(bands)} bands; products of DESIS have {shown}. Check the wavelengths.",
        )
    return product_scene(
        image,
        bands,
        files=files,
        product=f"DESIS {level}".rstrip(),
        nodata=_NODATA,
        texts=_texts(root, level, files),
        quality=layers,
        notes=notes,
    )


def _level(root: Node, files: ProductFiles, image: str) -> str:
    """The level, which the names state, and the metadata only at times; empty if nothing does.

    Scale and offset do not depend on it.
    """
    places = (
        "base/level",
        "base/processingLevel",
        "metadata/processingLevel",
        "specific/code",
        "base/format",
        "metadata/name",
    )
    stated = [files.name, image, *(root.text(place) for place in places), files.folder]
    found = next((match[0].upper() for text in stated if (match := _LEVEL.search(text))), None)
    if found in ("L1A", "L1B"):
        raise SceneError(
            f"{files.metadata} describes a DESIS product of level {found}, which cannot be used: it has no map coordinates.",
            code="level",
            hint="Order the scene as L1C or L2A, and choose that.",
        )
    if found is not None and found not in _LEVELS:
        raise SceneError(
            f"{files.metadata} states the processing level {found!r}; known of DESIS are {' and '.join(_LEVELS)}.",
            code="level",
            hint="Choose a product of level L1C or L2A.",
        )
    return found or ""


def _bands(root: Node) -> list[ProductBand]:
    """The bands in the order of the metadata."""
    listed = root.need("specific/bandCharacterisation")
    entries = listed.children("band")
    numbers = [band_number(entry, entry.text("bandNumber")) for entry in entries]
    band_numbers_are_unique(listed, numbers)
    return [
        ProductBand(
            number=number,
            name=f"Band {number}",
            wavelength_nm=positive(entry, "wavelengthCenterOfBand"),
            fwhm_nm=width_or_none(entry, "wavelengthWidthOfBand"),
            scale=entry.number("gainOfBand"),
            offset=entry.number("offsetOfBand"),
        )
        for number, entry in zip(numbers, entries, strict=True)
    ]


def _layers(files: ProductFiles) -> Iterator[QualityFile]:
    name = files.find(_QUALITY)
    for layer, bands in _LAYERS if name is not None else ():
        yield QualityFile(layer=layer, path=files.path(name or ""), bands=bands)


def _texts(root: Node, level: str, files: ProductFiles) -> dict[str, str]:
    zenith = root.text("specific/sunZenithAngle")
    stated = {
        "start_time": root.text("base/temporalCoverage/startTime"),
        "processing_level": level,
        "units": _LEVELS.get(level, ""),
        "sun_zenith_angle": zenith,
        "product_name": files.name[: len(files.prefix)].rstrip("-"),
    }
    return {"sensor": "DESIS", "platform": "ISS", **{key: text for key, text in stated.items() if text}}


DESIS = SceneFormat(name="desis", recognises=recognises, describe=describe, open=ProductPixels, products=products)
