"""Virtual rasters and layers (VRT), which name other sources: none of them may be off this machine."""

from __future__ import annotations

from collections.abc import Iterator

from ..archives import start_of_file
from .network import place_elsewhere

_ROOTS = (b"<VRTDataset", b"<OGRVRTDataSource", b"<OGRVRTLayer", b"<GDALTileIndexDataset")
_LARGEST = 64 << 20
# What may well hold web addresses and is never opened.
_WORDS = {"Metadata", "SRS", "LayerSRS", "Description", "CategoryNames", "GeoTransform"}


def reference_elsewhere(name: str) -> str | None:
    """The first source off this machine that a VRT names; None if there is none, or the file is no VRT.

    Parameters
    ----------
    name : as GDAL takes it; a VRT in an archive is looked at, too.
    """
    start = start_of_file(name, 4096)
    if start is None or not any(root in start[0] for root in _ROOTS):
        return None
    whole = start_of_file(name, _LARGEST)
    return None if whole is None else next(_elsewhere(whole[0]), None)


def _elsewhere(content: bytes) -> Iterator[str]:
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content)
    except Exception:  # GDAL says what is wrong with it, and reaches nothing either
        return
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag in _WORDS:
            continue
        pending += reversed(element)
        for text in (element.text, *element.attrib.values()):
            if text and place_elsewhere(text.strip()) is not None:
                yield text.strip()
