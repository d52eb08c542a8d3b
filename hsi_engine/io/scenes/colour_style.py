"""A QGIS style that shows three bands of a scene in colour, or one in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ..legends.style_files import style_element, style_text

_CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True, kw_only=True)
class StretchedBand:
    """A band of a style: its number, counted from 1, and the values, as QGIS shows them, that become dark and bright.

    ``nodata`` is a further value that is not drawn; None if there is none.
    """

    number: int
    low: float
    high: float
    nodata: float | None = None


def colour_qml(bands: Sequence[StretchedBand]) -> str:
    """The style for three bands (red, green, blue) or one (grey).

    QGIS applies scale and offset of the file, as GDAL states them, before it draws: limits are such values.
    """
    root, renderer = style_element("multibandcolor" if len(bands) > 1 else "singlebandgray")
    transparency = renderer.find("rasterTransparency")
    if transparency is not None and all(band.nodata is not None for band in bands):
        _transparent(transparency, [band.nodata or 0.0 for band in bands])
    if len(bands) == 1:
        renderer.attrib.update(grayBand=str(bands[0].number), gradient="BlackToWhite")
        _stretch(ET.SubElement(renderer, "contrastEnhancement"), bands[0])
        return style_text(root)
    del renderer.attrib["band"]
    for channel, band in zip(_CHANNELS, bands, strict=True):
        renderer.set(f"{channel}Band", str(band.number))
        _stretch(ET.SubElement(renderer, f"{channel}ContrastEnhancement"), band)
    return style_text(root)


def _stretch(element: ET.Element, band: StretchedBand) -> None:
    ET.SubElement(element, "minValue").text = repr(band.low)
    ET.SubElement(element, "maxValue").text = repr(band.high)
    ET.SubElement(element, "algorithm").text = "StretchToMinimumMaximum"


def _transparent(element: ET.Element, values: Sequence[float]) -> None:
    if len(values) == 1:
        entries = ET.SubElement(element, "singleValuePixelList")
        ET.SubElement(entries, "pixelListEntry", min=repr(values[0]), max=repr(values[0]), percentTransparent="100")
        return
    entries = ET.SubElement(element, "threeValuePixelList")
    entry = ET.SubElement(entries, "pixelListEntry", percentTransparent="100")
    entry.attrib.update({channel: repr(value) for channel, value in zip(_CHANNELS, values, strict=True)})
