"""What a person can name inside an archive."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

_PREFIXES = {".zip": "/vsizip/", ".tar": "/vsitar/", ".tgz": "/vsitar/", ".tar.gz": "/vsitar/"}
_NOT_DATA = (".hdr", ".xml", ".txt", ".qml", ".prj", ".cpg", ".dbf", ".shx", ".pdf", ".html", ".md")
_SHOWN = 4


def archive_prefix(path: Path) -> str | None:
    """The prefix by which GDAL reads files inside an archive; None where the name is not that of one."""
    return next((prefix for ending, prefix in _PREFIXES.items() if path.name.lower().endswith(ending)), None)


def inside_hint(path: Path) -> str:
    """What to name in place of an archive: some of its files as GDAL takes them."""
    prefix = archive_prefix(path) or ""
    try:
        names = _members(path)
    except (OSError, tarfile.TarError, zipfile.BadZipFile):
        return "It cannot be read as an archive; copy or download it again."
    data = [name for name in names if not name.lower().endswith(_NOT_DATA)]
    if not data:
        return "It contains no data files."
    shown = ", ".join(f"{prefix}{path}/{name}" for name in data[:_SHOWN])
    return f"Name a file in it: {shown}{' …' if len(data) > _SHOWN else ''}."


def _members(path: Path) -> list[str]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]
    with tarfile.open(path) as archive:
        return [member.name for member in archive.getmembers() if member.isfile()]
