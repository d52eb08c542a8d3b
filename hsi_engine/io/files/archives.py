"""What a person can name inside an archive."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import cast

# GDAL reads tar archives only if they are compressed with gzip or not at all.
_PREFIXES = {".zip": "/vsizip/", ".tar": "/vsitar/", ".tgz": "/vsitar/", ".tar.gz": "/vsitar/"}
_OTHER_ARCHIVES = (
    ".7z",
    ".rar",
    ".tar.bz2",
    ".tbz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tzst",
    ".tar.lz",
    ".tar.lzma",
)
_PACKED = {".gz": "gunzip", ".bz2": "bunzip2", ".xz": "unxz", ".zst": "unzstd", ".lzma": "unlzma"}
_VSI = re.compile(r"/vsi(?:zip|tar)/")
_NOT_DATA = (".hdr", ".xml", ".txt", ".qml", ".prj", ".cpg", ".dbf", ".shx", ".pdf", ".html", ".md")
_SHOWN = 4
# What reading an archive raises that ends too early, is damaged or encrypted, or packed in a way that Python does not know.
DAMAGED = (
    OSError,
    EOFError,
    zlib.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    KeyError,
    ValueError,
)


def archive_prefix(path: Path) -> str | None:
    """The prefix by which GDAL reads files inside an archive; None if the name is not that of one."""
    return next((prefix for ending, prefix in _PREFIXES.items() if path.name.lower().endswith(ending)), None)


def is_foreign_archive(path: Path) -> bool:
    """True for the name of an archive in which GDAL cannot read."""
    return path.name.lower().endswith(_OTHER_ARCHIVES)


def unpacking_program(path: Path) -> str | None:
    """The program that uncompresses a single compressed file; None if its name is not that of one."""
    return _PACKED.get(path.suffix.lower())


def plain_name(member: str) -> str:
    """The name of a file in an archive as GDAL knows it: without ``./`` at its beginning, as ``tar czf a.tar.gz .`` writes it."""
    return PurePosixPath(member).as_posix()


def find_member(archive: zipfile.ZipFile | tarfile.TarFile, name: str) -> zipfile.ZipInfo | tarfile.TarInfo:
    """The file of this plain name in an open archive. Raises KeyError if there is none."""
    members: list[tuple[str, zipfile.ZipInfo | tarfile.TarInfo]] = (
        [(info.filename, info) for info in archive.infolist()]
        if isinstance(archive, zipfile.ZipFile)
        else [(member.name, member) for member in archive.getmembers() if not member.isdir()]
    )
    # Of several of one name, the last is the newest.
    found = next((member for stored, member in reversed(members) if plain_name(stored) == name), None)
    if found is None:
        raise KeyError(name)
    return found


def start_of_file(name: str, most: int = 1 << 20) -> tuple[bytes, int] | None:
    """The first bytes of a file as GDAL names it, in a zip or tar archive too, and its size; None if it is not found."""
    inner = _VSI.sub("", name, count=1)
    if not _VSI.match(name):
        if not Path(name).is_file():
            return None
        with Path(name).open("rb") as plain:
            return plain.read(most), Path(name).stat().st_size
    archive = next((part for part in Path(inner).parents if part.is_file()), None)
    if archive is None:
        return None
    member = Path(inner).relative_to(archive).as_posix()
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                info = cast("zipfile.ZipInfo", find_member(zipped, member))
                with zipped.open(info) as file:
                    return file.read(most), info.file_size
        with tarfile.open(archive) as tarred:
            entry = cast("tarfile.TarInfo", find_member(tarred, member))
            found = tarred.extractfile(entry)
            return None if found is None else (found.read(most), entry.size)
    except DAMAGED:
        return None


def archive_fault(path: Path) -> str | None:
    """Why an archive in which GDAL could read cannot be listed; None if it can."""
    if archive_prefix(path) == "/vsizip/" and not zipfile.is_zipfile(path):
        return "its end is not that of a zip archive"
    try:
        _members(path)
    except DAMAGED as error:
        return str(error).partition("\n")[0].strip(" .:") or type(error).__name__
    return None


def unpack_hint(path: Path) -> str:
    """What to do with an archive in which GDAL cannot read."""
    try:
        data = _data_in(path)
    except DAMAGED:
        return "Unpack it, and choose the file inside it."
    return f"Unpack it, and choose the file inside it, such as {data[0]}." if data else "It contains no data files."


def inside_hint(path: Path) -> str:
    """What to name in place of an archive: some of its files as GDAL takes them."""
    prefix = archive_prefix(path) or ""
    try:
        data = _data_in(path)
    except DAMAGED:
        return "It cannot be read as an archive; copy or download it again."
    if not data:
        return "It contains no data files."
    shown = ", ".join(f"{prefix}{path}/{name}" for name in data[:_SHOWN])
    return f"Name a file in it: {shown}{' …' if len(data) > _SHOWN else ''}."


def _data_in(path: Path) -> list[str]:
    return [name for name in _members(path) if not name.lower().endswith(_NOT_DATA)]


def _members(path: Path) -> list[str]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [plain_name(info.filename) for info in archive.infolist() if not info.is_dir()]
    with tarfile.open(path) as archive:
        return [plain_name(member.name) for member in archive.getmembers() if member.isfile()]
