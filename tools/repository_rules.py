"""What the QGIS plugin repository asks of a plugin's folder and zip, apart from what its scanners look for."""

from __future__ import annotations

import configparser
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

MAX_ZIP_BYTES = 25_000_000
REQUIRED_FILES = ("__init__.py", "metadata.txt", "LICENSE")
REQUIRED_METADATA = (
    "name",
    "description",
    "about",
    "version",
    "qgisMinimumVersion",
    "qgisMaximumVersion",
    "author",
    "email",
    "homepage",
    "repository",
    "tracker",
    "icon",
    "category",
)
ADDRESSES = ("homepage", "repository", "tracker")
TEXT_SUFFIXES = {".py", ".pyi", ".json", ".txt", ".md", ".svg", ".qml", ".j2", ".typed", ".html", ".ts"}
PICTURE_SUFFIXES = {".png"}
# Models that come with the engine: numbers and text in a zip, no code.
MODEL_SUFFIX, MAX_MODEL_BYTES = ".hsimodel", 1_000_000

_FOLDER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_QGIS_VERSION = re.compile(r"\d+\.\d+")


def folder_findings(package: Path) -> Iterator[str]:
    """What is wrong with a staged folder, a sentence each."""
    if not _FOLDER_NAME.fullmatch(package.name) or "plugin" in package.name.lower():
        yield f"{package.name}: the folder's name has to be a plain identifier without the word 'plugin'"
    for name in REQUIRED_FILES:
        if not (package / name).is_file():
            yield f"{name}: is missing"
    for path in sorted(package.rglob("*")):
        yield from _path_findings(package, path)
    if (package / "metadata.txt").is_file():
        yield from _metadata_findings(package)


def zip_findings(archive: Path, package: Path) -> Iterator[str]:
    """What is wrong with the zip of that folder."""
    if archive.stat().st_size > MAX_ZIP_BYTES:
        yield f"{archive.name}: {archive.stat().st_size / 1e6:.1f} MB; the repository takes {MAX_ZIP_BYTES / 1e6:.0f} MB"
    expected = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    with zipfile.ZipFile(archive) as opened:
        found = opened.namelist()
    for name in sorted(set(found) - expected):
        yield f"{archive.name}: {name} is not in {package.name}"
    for name in sorted(expected - set(found)):
        yield f"{archive.name}: {name} is missing"
    if len(found) != len(set(found)):
        yield f"{archive.name}: holds a file twice"


def _path_findings(package: Path, path: Path) -> Iterator[str]:
    place = path.relative_to(package).as_posix()
    if path.name.startswith("."):
        yield f"{place}: hidden files are not allowed"
    elif path.name in {"__pycache__", "__MACOSX"} or path.suffix == ".pyc":
        yield f"{place}: what Python or an archiver left behind is not allowed"
    elif path.name in {"test", "tests", "conftest.py"} or re.fullmatch(r"test_.*\.py", path.name):
        yield f"{place}: tests stay in the source repository"
    elif path.is_symlink():
        yield f"{place}: a zip cannot hold links"
    elif path.is_file():
        yield from _file_findings(place, path)


def _file_findings(place: str, path: Path) -> Iterator[str]:
    if path.stat().st_mode & 0o111:
        yield f"{place}: is executable"
    if path.suffix in PICTURE_SUFFIXES:
        return
    if path.suffix == MODEL_SUFFIX and place.startswith("engine_source/hsi_engine/demo/models/"):
        if path.stat().st_size > MAX_MODEL_BYTES:
            yield f"{place}: {path.stat().st_size:,} bytes; a model that comes along may have {MAX_MODEL_BYTES:,}"
        return
    if path.suffix not in TEXT_SUFFIXES and path.name != "LICENSE":
        yield f"{place}: files of the kind '{path.suffix or path.name}' are not expected in a plugin"
        return
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield f"{place}: is not text in UTF-8"


def _metadata_findings(package: Path) -> Iterator[str]:
    # As QGIS and the repository read it: a lone percent sign is an error there.
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read(package / "metadata.txt", encoding="utf-8")
        metadata = dict(parser["general"])
    except (configparser.Error, KeyError, UnicodeDecodeError) as error:
        yield f"metadata.txt: QGIS cannot read it: {error}"
        return
    for key in REQUIRED_METADATA:
        if not metadata.get(key, "").strip():
            yield f"metadata.txt: '{key}' is missing"
    for key in ADDRESSES:
        address = urlparse(metadata.get(key, ""))
        if key in metadata and not (address.scheme in {"http", "https"} and address.netloc):
            yield f"metadata.txt: '{key}' is not an address of a web page: {metadata[key]}"
    for key in ("qgisMinimumVersion", "qgisMaximumVersion"):
        if key in metadata and not _QGIS_VERSION.fullmatch(metadata[key]):
            yield f"metadata.txt: '{key}' is not a version of QGIS like 3.22: {metadata[key]}"
    if "plugin" in metadata.get("name", "").lower():
        yield "metadata.txt: the name has to do without the word 'plugin'"
    if metadata.get("icon") and not (package / metadata["icon"]).is_file():
        yield f"metadata.txt: the icon {metadata['icon']} is not there"
    if metadata.get("hasProcessingProvider") != "yes":
        yield "metadata.txt: 'hasProcessingProvider' has to be 'yes', or qgis_process does not see the algorithms"
