"""Whether reading a layer stays on this machine.

A form that opens looks at the layers of the project without being asked. What a project from elsewhere refers to on the
network must not be asked for by that: QGIS itself has decided what of it to load.
"""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsMapLayer

from ..paths import exists, file_name

# Providers of QGIS that send requests. A data base is one that the user has access to.
_WEB = frozenset({"wfs", "oapif", "arcgisfeatureserver", "arcgismapserver", "wms", "wcs", "vectortile"})
_FILES = frozenset({"gdal", "ogr"})
_PACKED = ("/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/", "/vsisubfile/", "/vsimem/")
# In the text of a virtual raster or layer that refers to what lies elsewhere.
_ELSEWHERE = (b"/vsi", b"://")
_MOST_BYTES = 4 * 1024 * 1024


def stays_here(layer: QgsMapLayer) -> bool:
    """Whether the pixels or features of a layer can be read without a request to the network."""
    provider = layer.providerType().lower()
    return is_here(file_name(layer.source())) if provider in _FILES else provider not in _WEB


def is_here(name: str) -> bool:
    """Whether what GDAL calls ``name`` is a file on this machine that refers to none elsewhere."""
    if name.startswith(_PACKED):
        return "/vsi" not in name[1:] and "://" not in name
    if not exists(name):
        return False
    if not name.lower().endswith((".vrt", ".ovf")):
        return True
    try:
        with Path(name).open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError:
        return False
    return len(text) <= _MOST_BYTES and not any(word in text for word in _ELSEWHERE)
