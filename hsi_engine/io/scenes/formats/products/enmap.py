"""EnMAP L1C and L2A: METADATA.XML, an image of 224 bands, and quality layers next to it.

Wavelengths, scale and the number for no data stand in the metadata only. Bands are those of
``specific/bandCharacterisation``: ``bandID`` occurs in four places. Which band belongs to which detector differs from scene to
scene and stands in the lists of expected channels (EnMAP L1B/L1C/L2A product specification; metadata of real products).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .....errors import SceneError
from .....spectrum.bands import band_numbers
from ...source import FoundProduct, QualityLayer, Scene, SceneFormat
from ..xml_products import quality_files as quality
from ..xml_products.bands import (
    ProductBand,
    band_number,
    band_numbers_are_unique,
    listed_numbers,
    positive,
    width_or_none,
)
from ..xml_products.elements import Node
from ..xml_products.image import ProductPixels, describe_image, product_scene
from ..xml_products.product_files import ProductFiles, find_product, is_product, products_in
from ..xml_products.quality_files import QualityFile, usable_layers

_ROOT = "level_x"
# By level: the number for no data, which backgroundValue does not state reliably, and the unit of values.
_LEVELS = {"L1C": (0, "W m-2 sr-1 nm-1"), "L2A": (-32768, "reflectance")}
_LEVEL = re.compile(r"L\d[A-Z]", re.IGNORECASE)
_SCHEMAS = ("00.02", "00.06")
_STATISTICS = "product/bandStatistics"
_EMPTY_MEAN = -1_000_000
_DETECTORS = (("VNIR", "vnirProductQuality"), ("SWIR", "swirProductQuality"))
_SATURATED_BITS = 1 << 4 | 1 << 5
# Part of the name of a layer, what it marks, and by which numbers.
_LAYERS: tuple[tuple[str, QualityLayer, Mapping[str, Any]], ...] = (
    ("QL_QUALITY_CLOUD", quality.CLOUD, {}),
    ("QL_QUALITY_CLOUDSHADOW", quality.CLOUD_SHADOW, {}),
    ("QL_QUALITY_CIRRUS", quality.CIRRUS, {"values": (1, 2, 3)}),
    ("QL_QUALITY_HAZE", quality.HAZE, {}),
    ("QL_QUALITY_SNOW", quality.SNOW, {}),
    ("QL_QUALITY_CLASSES", quality.WATER, {"values": (2,)}),
    ("QL_QUALITY_TESTFLAGS", quality.SATURATED, {"values": (), "bits": _SATURATED_BITS}),
    ("QL_PIXELMASK", quality.DEFECTIVE, {}),
)


def recognises(path: Path) -> bool:
    """Whether a path is the metadata or image of an EnMAP product, or the folder of one."""
    return is_product(path, _ROOT)


def products(path: Path) -> list[FoundProduct]:
    """The products in a folder or archive."""
    return products_in(path, _ROOT)


def describe(path: Path) -> Scene:
    """Describe an EnMAP product.

    Raises
    ------
    SceneError : it is of level L1B or an unknown one, a part is missing, or the metadata cannot be used.
    """
    files = find_product(path, _ROOT)
    if files is None:
        raise SceneError(f"{path} is no longer there.", code="not_found", hint="Restore it, or choose another file.")
    root = files.root()
    level = _level(root, files)
    nodata, unit = _LEVELS[level]
    image = describe_image(files.path(files.image(root.text("product/image/merge/name"))))
    bands, notes = _bands(root)
    layers, layer_notes = usable_layers(list(_layers(files)), image.grid.shape)
    missing = [name for name, layer, _ in _LAYERS if layer.masks and files.find(name) is None]
    if missing:
        layer_notes = (
            *layer_notes,
            f"The product lacks {' and '.join(missing)}: pixels under clouds or their shadows are not masked.",
        )
    return product_scene(
        image,
        bands,
        files=files,
        product=f"EnMAP {level}",
        nodata=nodata,
        texts=_texts(root, level, unit),
        quality=layers,
        notes=(*_version_notes(root), *notes, *layer_notes),
    )


def _level(root: Node, files: ProductFiles) -> str:
    stated = [
        root.text(place) for place in ("base/level", "metadata/schema/processingLevel", "specific/code", "base/format")
    ]
    found = next((match[0].upper() for text in (*stated, files.name) if (match := _LEVEL.search(text))), None)
    if found == "L1B":
        raise SceneError(
            f"{files.metadata} describes an EnMAP product of level L1B, which cannot be used: its two detectors are separate"
            " images whose pixels do not cover one another, and it has no map coordinates.",
            code="level",
            hint="Order the scene as L1C or L2A (DLR, EOWEB GeoPortal), and choose that.",
        )
    if found not in _LEVELS:
        shown = found or next(filter(None, stated), "none")
        raise SceneError(
            f"{files.metadata} states the processing level {shown[:40]!r}; known of EnMAP are {' and '.join(_LEVELS)}, and of"
            " others scale and no data would be a guess.",
            code="level",
            hint="Choose a product of level L1C or L2A.",
        )
    return found


def _version_notes(root: Node) -> Iterator[str]:
    version = root.text("metadata/schema/versionSchema").replace("-", ".")
    if version and not version.startswith(_SCHEMAS):
        yield (
            f"The metadata are of version {version[:20]}; known are {' and '.join(_SCHEMAS)}. Check wavelengths and values."
        )


def _bands(root: Node) -> tuple[list[ProductBand], list[str]]:
    """The bands in the order of the metadata, and notes on them."""
    listed = root.need("specific/bandCharacterisation")
    entries = listed.children("bandID")
    numbers = [band_number(entry, entry.attribute("number")) for entry in entries]
    band_numbers_are_unique(listed, numbers)
    detectors, notes = _detectors(root, numbers)
    reasons = _bad_reasons(root)
    bands = [
        ProductBand(
            number=number,
            name=f"Band {number} {detectors.get(number, '')}".rstrip(),
            wavelength_nm=positive(entry, "wavelengthCenterOfBand"),
            fwhm_nm=width_or_none(entry, "FWHMOfBand"),
            scale=entry.number("GainOfBand"),
            offset=entry.number("OffsetOfBand"),
            detector=detectors.get(number, ""),
            bad_reason=reasons.get(number, ""),
        )
        for number, entry in zip(numbers, entries, strict=True)
    ]
    return bands, notes


def _detectors(root: Node, numbers: list[int]) -> tuple[dict[int, str], list[str]]:
    """Name of the detector by the number of the band."""
    found: dict[int, set[str]] = {}
    for name, element in _DETECTORS:
        for number in listed_numbers(root.text(f"specific/{element}/expectedChannelsList")):
            found.setdefault(number, set()).add(name)
    known = {number: next(iter(names)) for number, names in found.items() if len(names) == 1}
    unknown = [number - 1 for number in numbers if number not in known]
    if not unknown:
        return known, []
    which = "any band" if len(unknown) == len(numbers) else f"band {band_numbers(unknown)}"
    return known, [
        f"The lists of expected channels do not state the detector of {which}; where the detectors overlap, such bands are used"
        " next to those of the other detector."
    ]


def _bad_reasons(root: Node) -> dict[int, str]:
    """Why bands are not to be used: those that were not delivered, and those in which every pixel is without data."""
    reasons: dict[int, str] = {}
    for _, element in _DETECTORS:
        for number in listed_numbers(root.text(f"specific/{element}/missingChannelsList")):
            reasons[number] = "missing in the product"
    statistics = root.find(_STATISTICS)
    for entry in [] if statistics is None else statistics.children("bandID"):
        listed = entry.attribute("number")
        try:
            mean, deviation = float(entry.text("mean")), float(entry.text("stdDeviation"))
        except ValueError:  # a statistic that is not there says nothing
            continue
        if listed.isascii() and listed.isdecimal() and mean <= _EMPTY_MEAN and deviation == 0:
            reasons[int(listed)] = "empty: no pixel holds data"
    return reasons


def _layers(files: ProductFiles) -> Iterator[QualityFile]:
    for part, layer, marks in _LAYERS:
        name = files.find(part)
        if name is not None:
            yield QualityFile(layer=layer, path=files.path(name), **marks)


def _texts(root: Node, level: str, unit: str) -> dict[str, str]:
    stated = {
        "start_time": root.text("base/temporalCoverage/startTime"),
        "processing_level": level,
        "units": unit,
        "cloud_cover": root.text("specific/qualityFlag/cloudCover"),
        "sun_elevation": root.text("specific/sunElevationAngle/center"),
        "product_name": root.text("metadata/name").rpartition("-METADATA")[0],
    }
    return {"sensor": "EnMAP", "platform": "EnMAP", **{key: text for key, text in stated.items() if text}}


ENMAP = SceneFormat(name="enmap", recognises=recognises, describe=describe, open=ProductPixels, products=products)
