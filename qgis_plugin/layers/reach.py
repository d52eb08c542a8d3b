"""Whether reading a layer stays on this machine.

A form that opens looks at the layers of the project without being asked. What a project from elsewhere refers to on the
network must not be asked for by that: QGIS itself has decided what of it to load.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsExpression, QgsFields, QgsMapLayer, QgsVectorLayer

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
# What an expression may compute a field with: nothing that reads another layer, a file, a variable or text as an expression.
_OF_FEATURE = frozenset(
    """
    abs acos asin atan atan2 ceil clamp cos degrees exp floor ln log log10 max min pi radians rand randf round scale_exp
    scale_linear sin sqrt tan
    to_date to_datetime to_int to_interval to_real to_string to_time hash md5 sha256
    coalesce if nullif regexp_match try
    age day day_of_week epoch hour make_date make_datetime make_time minute month now second week year
    ascii char concat format format_date format_number left length lower lpad regexp_replace regexp_substr replace right rpad
    soundex strpos substr title trim upper wordwrap
    array array_contains array_first array_get array_last array_length array_to_string regexp_matches string_to_array
    map map_exist map_get
    $id $geometry $area $length $perimeter $x $y area perimeter x y x_min x_max y_min y_max bounds bounds_height bounds_width
    centroid num_geometries num_points
    """.split()
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

    A layer that is joined to it counts as part of it. A field that an expression computes may ask any layer, unless the
    expression only holds fields, constants and simple functions.
    """
    provider = layer.providerType().lower()
    if isinstance(layer, QgsVectorLayer):
        joined = [join.joinLayer() for join in layer.vectorJoins()]
        if not all(other is None or (other is not layer and _is_local(other)) for other in joined):
            return False
        if not all(map(_is_of_feature, _expressions(layer))):
            return False
    return is_here(file_name(layer.source())) if provider in _FILES else provider not in _WEB


def _is_local(layer: QgsVectorLayer) -> bool:
    """The same of a joined layer, which must have no joins itself: they could go in a circle."""
    return not layer.vectorJoins() and stays_here(layer)


def _expressions(layer: QgsVectorLayer) -> list[str]:
    """Those of its fields that QGIS computes each time they are read (virtual fields)."""
    fields = layer.fields()
    computed = (i for i in range(fields.count()) if fields.fieldOrigin(i) == QgsFields.FieldOrigin.OriginExpression)
    return [layer.expressionField(i) for i in computed]


def _is_of_feature(text: str) -> bool:
    """Whether an expression follows from the feature alone."""
    expression = QgsExpression(text)
    return not expression.hasParserError() and set(expression.referencedFunctions()) <= _OF_FEATURE


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
