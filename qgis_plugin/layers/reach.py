"""Whether reading a layer stays on this machine.

A form that opens looks at the layers of the project without being asked. What a project from elsewhere refers to on the
network must not be asked for by that: QGIS itself has decided what of it to load.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsMapLayer, QgsVectorLayer

from ..paths import file_name, is_file, is_folder

# Providers of QGIS that send requests, and that of virtual layers, whose queries may read any other layer. A data base is one
# that the user has access to.
_WEB = frozenset({"wfs", "oapif", "arcgisfeatureserver", "arcgismapserver", "wms", "wcs", "vectortile", "virtual"})
_FILES = frozenset({"gdal", "ogr"})
_PACKED = ("/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/", "/vsisubfile/", "/vsimem/")
# GDAL knows a file that refers to others by its beginning, whatever it is called: virtual rasters and layers, descriptions of
# services, lists of tiles.
_REFERRING = (
    b"<VRTDataset",
    b"<OGRVRTDataSource",
    b"<OGRVRTLayer",
    b"<GDALTileIndexDataset",
    b"<GDAL_WMS",
    b"<GDAL_WCS",
    b"<OGRWFSDataSource",
    b"<WMS_",
    b"<WMT_MS",
    b"<TileMap",
    b"<MRF_META",
    b"stac_version",
)
_BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_START_BYTES = 64 * 1024
# What else a file may refer to is not asked for, either: no request of GDAL gets out of the thread.
_OFF = {
    "GDAL_HTTP_PROXY": "off://network",
    "GDAL_HTTPS_PROXY": "off://network",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "network is off",
    "GML_DOWNLOAD_SCHEMA": "NO",
}


def stays_here(layer: QgsMapLayer) -> bool:
    """Whether the pixels or features of a layer can be read without a request to the network.

    A layer that is joined to it counts as part of it.
    """
    provider = layer.providerType().lower()
    joined = [join.joinLayer() for join in layer.vectorJoins()] if isinstance(layer, QgsVectorLayer) else []
    if not all(other is None or (other is not layer and _is_local(other)) for other in joined):
        return False
    return is_here(file_name(layer.source())) if provider in _FILES else provider not in _WEB


def _is_local(layer: QgsVectorLayer) -> bool:
    """The same of a joined layer, which must have no joins itself: they could go in a circle."""
    return not layer.vectorJoins() and stays_here(layer)


def is_here(name: str) -> bool:
    """Whether what GDAL calls ``name`` is a file on this machine that refers to none elsewhere, by its content.

    XML does not count: a virtual raster or layer refers to files that may refer to others in turn, and others name schemas.
    """
    if name.startswith(_PACKED):
        if "/vsi" in name[1:] or "://" in name:
            return False
    elif is_folder(name):
        return True  # such as a file geodatabase
    elif not is_file(name):  # nothing, or a pipe, which would be waited for
        return False
    start = _start(name)
    return bool(start) and not start.lstrip(_BLANK).startswith(b"<") and not any(word in start for word in _REFERRING)


def _start(name: str) -> bytes:
    """The beginning of a file, also of one in an archive; nothing if it cannot be read."""
    if not name.startswith(_PACKED):
        try:
            with Path(name).open("rb") as file:
                return file.read(_START_BYTES)
        except OSError:
            return b""
    from osgeo import gdal

    try:
        file = gdal.VSIFOpenL(name, "rb")
        if file is None:
            return b""
        try:
            return bytes(gdal.VSIFReadL(1, _START_BYTES, file) or b"")
        finally:
            gdal.VSIFCloseL(file)
    except RuntimeError:  # if another plugin switched GDAL's exceptions on
        return b""


@contextlib.contextmanager
def nothing_sent() -> Iterator[None]:
    """Within it, GDAL sends no requests from this thread, whatever a file refers to."""
    from osgeo import gdal

    if not hasattr(gdal, "SetThreadLocalConfigOption"):  # what a file refers to was looked at
        yield
        return
    before = {key: gdal.GetThreadLocalConfigOption(key) for key in _OFF}
    try:
        for key, value in _OFF.items():
            gdal.SetThreadLocalConfigOption(key, value)
        yield
    finally:
        for key, old in before.items():
            gdal.SetThreadLocalConfigOption(key, old)
