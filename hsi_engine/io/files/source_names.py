"""Names of inputs: a file that exists is that file, whatever its name; other names may be ones that GDAL resolves.

``pathlib`` joins double slashes, which matter in ``/vsizip//data/scene.zip/scene.tif``, ``HDF5:"cube.h5"://data`` and
``https://…``: they are restored here. rasterio and pyogrio read ``zip:x.tif``, ``!fields/x.gpkg`` and ``a;b.gpkg`` as addresses, also
where files of these names exist: such files are passed on under names that mean nothing else.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from pathlib import Path

# A name that GDAL resolves itself: /vsizip/…, NETCDF:"file.nc":variable. Drive letters have one letter only.
_GDAL_NAME = re.compile(r"/vsi|[A-Za-z0-9_]{2,}:")
_ARCHIVE_NAME = re.compile(r"(/vsi(?:zip|gzip|tar|7z|rar)/)(.+)", re.DOTALL)
_SCHEME = re.compile(r"\b(https?|ftp):/(?=[^/])")
# A raster in a file as GDAL lists it, HDF5:"cube.he5"://group/cube, once pathlib has joined the slashes.
_QUOTED_NAME = re.compile(r"([A-Za-z0-9_]{2,}:\")([^\"]+)(\".*)", re.DOTALL)
_IN_HDF5 = re.compile(r"((?:HDF5|HDF5Image|BAG):(?:\"[^\"]*\"|.+):)/(?=[^/])", re.DOTALL | re.IGNORECASE)
# A part of a compressed archive, /vsisubfile/1536_152,/vsigzip//data/order.tar.gz; drive letters need no slash.
_IN_SUBFILE = re.compile(r"(/vsisubfile/\d+_\d+,/vsigzip/)(?![A-Za-z]:)([^/])")
_VRT_OPTIONS = re.compile(r"(vrt:)/(.+)", re.DOTALL)
_DRIVER_NAME = re.compile(r"[A-Za-z0-9_]{2,}:(?:\"([^\"]+)\"|([^:]+))(?::.*)?", re.DOTALL)
_READ_AS_ADDRESS = re.compile("[!;?:]")
_FILE_ADDRESS = re.compile(r"file:/+(?:localhost(?=/))?/*", re.IGNORECASE)
# A single compressed file; GDAL needs the neighbours of a shapefile, too.
_PACKED_VECTOR = re.compile(r".+\.(?:geojson|json|geojsonl|gpkg|kml|gml|fgb|csv|sqlite)\.gz", re.IGNORECASE | re.DOTALL)
# What a GIS writes after the bar; anything else there is a part of the value before it.
_LAYER_OPTIONS = ("layername", "layerid", "subset", "geometrytype", "uniquegeometrytype", "authcfg")


class SourcePath(type(Path())):  # type: ignore[misc]
    """A path that reads as GDAL writes it if it is a name that GDAL resolves: with its double slashes.

    The names of inputs are these, so that messages, results and records show what a person gave, and can give again.
    """

    __slots__ = ()

    def __str__(self) -> str:
        text: str = super().__str__()
        if _GDAL_NAME.match(text) is None or os.path.lexists(text):
            return text
        return _with_double_slashes(text.replace("\\", "/") if os.name == "nt" else text)


def is_gdal_name(path: Path) -> bool:
    """Whether a name is not a separate file but one that GDAL resolves."""
    return _GDAL_NAME.match(str(path)) is not None and not os.path.lexists(path)


def without_file_address(path: Path) -> Path:
    """``file:///data/my%20fields.gpkg``, as browsers and file managers copy it, as the path that it stands for."""
    text = str(path)
    address = _FILE_ADDRESS.match(text)
    if address is None or os.path.lexists(path):
        return path
    name, bar, options = text[address.end() :].partition("|")
    rooted = name if os.name == "nt" else f"/{name}"
    plain = rooted if os.path.lexists(rooted) else urllib.parse.unquote(rooted)
    return Path(f"{plain}{bar}{options}")


def raster_name(path: Path) -> str:
    """The text by which rasterio opens what a path names."""
    if is_gdal_name(path):
        return _with_double_slashes(path.as_posix())
    return str(path.absolute()) if ":" in str(path) else str(path)


def vector_name(path: Path) -> str:
    """The text by which pyogrio opens what a path names."""
    if is_gdal_name(path):
        return _with_double_slashes(path.as_posix())
    if _PACKED_VECTOR.fullmatch(path.name) and path.is_file():
        return f"/vsigzip/{path.absolute().as_posix()}"
    if os.name == "nt" or not path.is_file() or not _READ_AS_ADDRESS.search(str(path.absolute())):
        return str(path)
    # As many bytes as there are: the file itself, its neighbours (.shx, .dbf) included.
    prefix = "/vsizip/" if path.suffix.lower() == ".zip" else "/vsisubfile/0,"
    return prefix + str(path.absolute())


def split_layer_options(path: Path) -> tuple[Path, dict[str, str]]:
    """A source as a GIS writes it, ``file.gpkg|layername=fields``, as file and options with keys in lower case.

    A path without options, and that of a file with a bar in its name, come back as they are.
    """
    path = without_file_address(path)
    parts = str(path).split("|")
    if len(parts) == 1 or os.path.lexists(path):
        return path, {}
    names = ("|".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    name = next((name for name in names if os.path.lexists(name)), parts[0])
    found: dict[str, str] = {}
    for part in parts[name.count("|") + 1 :]:
        key, _, value = part.partition("=")
        key = key.strip().lower()
        if found and key not in _LAYER_OPTIONS and not key.startswith("option:"):
            found[next(reversed(found))] += f"|{part}"
        else:
            found[key] = value
    return Path(name), found


def file_behind(path: Path) -> Path | None:
    """The file or folder on disk that a name is read from: an archive, a container; None if there is none."""
    path, _ = split_layer_options(path)
    if path.exists():
        return path
    if not is_gdal_name(path):
        return None
    text = _with_double_slashes(path.as_posix())
    if text.startswith("vrt://"):
        text = text.removeprefix("vrt://").partition("?")[0]
    while (archive := _ARCHIVE_NAME.fullmatch(text)) is not None:
        text = archive.group(2)
    if (driver := _DRIVER_NAME.fullmatch(text)) is not None:
        text = driver.group(1) or driver.group(2)
    return next((part for part in (Path(text), *Path(text).parents) if part.is_file()), None)


def _with_double_slashes(text: str) -> str:
    text = _IN_SUBFILE.sub(r"\1/\2", text)
    text = _SCHEME.sub(r"\1://", text)
    if (vrt := _VRT_OPTIONS.fullmatch(text)) is not None:
        return f"vrt://{_vrt_source(vrt.group(2))}"
    text = _IN_HDF5.sub(r"\1//", text, count=1)
    if (quoted := _QUOTED_NAME.fullmatch(text)) is not None:
        return quoted.group(1) + _with_double_slashes(quoted.group(2)) + quoted.group(3)
    archive = _ARCHIVE_NAME.fullmatch(text)
    if archive is None:
        return text
    prefix, inner = archive.groups()
    if inner.startswith("vsi"):  # an archive on the web
        return prefix + _with_double_slashes(f"/{inner}")
    if _is_in_a_file(Path(inner)) or not _is_in_a_file(Path("/", inner)):
        return text
    return f"{prefix}/{inner.lstrip('/')}"


def _vrt_source(text: str) -> str:
    """The file of ``vrt://scene.tif?bands=3,2,1`` and its options; its own leading slash is lost, too."""
    name, mark, options = text.lstrip("/").partition("?")
    rooted = not Path(name).exists() and Path("/", name).exists()
    return f"{'/' if rooted else ''}{name}{mark}{options}"


def _is_in_a_file(path: Path) -> bool:
    return any(part.is_file() for part in (path, *path.parents))
