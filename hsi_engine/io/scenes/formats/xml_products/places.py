"""The place of the files of a product: in a folder, or in an archive as it was delivered, which is read without unpacking it.

An order of EnMAP is a ``.tar.gz`` that holds a ``.ZIP`` per product, with the files in a folder of the product's name.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias, cast

from .....errors import SceneError
from .....foreign.xml_text import MOST_BYTES
from ....files.archives import DAMAGED, archive_prefix, find_member, plain_name
from ....files.source_names import file_behind, is_gdal_name
from .elements import START_BYTES

Span: TypeAlias = tuple[int, int]

METADATA = "metadata.xml"
# Letters of a name that every tar archive has in the same place; GDAL does not find longer ones of one kind (POSIX.1-2001).
_PLAIN_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder with files, on disk or in an archive.

    Parameters
    ----------
    source : the folder, or the archive on disk.
    inner : an archive in the archive; empty if there is none.
    folder : the folder in the archive, empty for its root.
    names : of all files in the folder.
    archived : whether ``source`` is an archive.
    spans : first byte and size, in the uncompressed archive, of files whose names GDAL may not find in a tar archive.
    inner_span : the same of ``inner``.
    """

    source: Path
    names: tuple[str, ...]
    inner: str = ""
    folder: str = ""
    archived: bool = False
    spans: Mapping[str, Span] = field(default_factory=dict)
    inner_span: Span | None = None

    def read(self, name: str) -> bytes:
        """A file of metadata. Raises SceneError if it cannot be read."""
        try:
            if not self.archived:
                with (self.source / name).open("rb") as file:
                    return file.read(MOST_BYTES + 1)
            with _members(self.source, self.inner) as archive:
                return archive.read(self._member(name), MOST_BYTES + 1)
        except DAMAGED as error:
            raise SceneError(
                f"{self.shown(name)} cannot be read: {_reason(error)}.",
                code="metadata",
                hint="Copy or download the product again.",
            ) from error

    def raster(self, name: str) -> Path:
        """A raster as GDAL opens it. Braces mark where the name of an archive ends, whatever it is called."""
        if not self.archived:
            return self.source / name
        if self.inner:
            return Path(f"/vsizip/{{{self._outer(self.inner, self.inner_span)}}}/{self._member(name)}")
        return Path(self._outer(self._member(name), self.spans.get(name)))

    def location(self, name: str) -> Path:
        """The location of a file, for a person to look it up; in an archive as if that were a folder."""
        return self.source / self.inner / self._member(name)

    def shown(self, name: str) -> str:
        """A file for a person."""
        if not self.archived:
            return str(self.source / name)
        return f"{name} in {self.source}"

    def _outer(self, member: str, span: Span | None) -> str:
        """A file of the archive on disk as GDAL names it."""
        path = self.source.absolute().as_posix()
        if span is None:
            return f"{archive_prefix(self.source)}{{{path}}}/{member}"
        packed = "" if self.source.name.lower().endswith(".tar") else "/vsigzip/"
        return f"/vsisubfile/{span[0]}_{span[1]},{packed}{path}"

    def _member(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True, kw_only=True)
class FoundMetadata:
    """Metadata of a product: where they are, what they are called, and their first bytes."""

    place: Place
    name: str
    start: bytes


def metadata_of(path: Path) -> list[FoundMetadata]:
    """All files called METADATA.XML in an archive; of one that is named in it (``/vsizip/a.zip/x/METADATA.XML``) that alone.

    Raises
    ------
    SceneError : the archive is truncated or damaged.
    """
    source = file_behind(path) if is_gdal_name(path) else path
    if source is None or archive_prefix(source) is None or not source.is_file():
        return []
    try:
        stat = source.stat()
        found = _listed(source.absolute(), stat.st_mtime_ns, stat.st_size).metadata
    except DAMAGED as error:
        raise SceneError(
            f"The archive {source} is truncated or damaged: {_reason(error)}.",
            code="truncated",
            hint="Copy or download it again.",
        ) from error
    if source == path:
        return list(found)
    wanted = path.as_posix()
    return [one for one in found if wanted.endswith(f"/{one.place._member(one.name)}")]


def names_in(path: Path) -> tuple[str, ...]:
    """The names of all files in an archive and in the archives in it; none for what is not an archive, or damaged."""
    if archive_prefix(path) is None or not path.is_file():
        return ()
    try:
        stat = path.stat()
        return _listed(path.absolute(), stat.st_mtime_ns, stat.st_size).names
    except DAMAGED:
        return ()


@dataclass(frozen=True, kw_only=True)
class _Listing:
    """What an archive holds: the names of all files, and the metadata of products."""

    names: tuple[str, ...]
    metadata: tuple[FoundMetadata, ...]


@lru_cache(maxsize=8)
def _listed(source: Path, modified: int, size: int) -> _Listing:
    """Kept, because listing a compressed archive means unpacking it once in passing."""
    found: list[FoundMetadata] = []
    with _members(source, "") as archive:
        members = archive.all()
        spans = {name: archive.span(name) for name in members}
        found += _metadata_in(archive, source, "", None)
    names = list(members)
    for name in members:
        if name.lower().endswith(".zip"):
            with _members(source, name) as archive:
                names += (f"{name}/{inner}" for inner in archive.all())
                found += _metadata_in(archive, source, name, spans[name])
    return _Listing(names=tuple(names), metadata=tuple(found))


def _metadata_in(archive: _Members, source: Path, inner: str, inner_span: Span | None) -> Iterator[FoundMetadata]:
    folders: dict[str, list[str]] = {}
    spans: dict[str, dict[str, Span]] = {}
    for member in archive.all():
        path = PurePosixPath(member)
        folder = "" if str(path.parent) == "." else str(path.parent)
        folders.setdefault(folder, []).append(path.name)
        if (span := archive.span(member)) is not None:
            spans.setdefault(folder, {})[path.name] = span
    for folder, names in folders.items():
        for name in (name for name in names if name.lower().endswith(METADATA)):
            place = Place(
                source=source,
                inner=inner,
                inner_span=inner_span,
                folder=folder,
                names=tuple(sorted(names)),
                archived=True,
                spans=spans.get(folder, {}),
            )
            yield FoundMetadata(place=place, name=name, start=archive.read(place._member(name), START_BYTES))


@dataclass(frozen=True)
class _Members:
    """The files in an open archive."""

    archive: zipfile.ZipFile | tarfile.TarFile

    def span(self, name: str) -> Span | None:
        """First byte and size of a file in a tar archive whose name is too long for its plain header."""
        if isinstance(self.archive, zipfile.ZipFile):
            return None
        member = cast("tarfile.TarInfo", find_member(self.archive, name))
        return (member.offset_data, member.size) if len(member.name) >= _PLAIN_NAME else None

    def all(self) -> tuple[str, ...]:
        """The plain names of all files."""
        if isinstance(self.archive, zipfile.ZipFile):
            return tuple(plain_name(info.filename) for info in self.archive.infolist() if not info.is_dir())
        return tuple(plain_name(member.name) for member in self.archive.getmembers() if member.isfile())

    def read(self, name: str, most: int) -> bytes:
        with self.open(name) as file:
            return file.read(most)

    def open(self, name: str) -> IO[bytes]:
        member = find_member(self.archive, name)
        if isinstance(self.archive, zipfile.ZipFile):
            return self.archive.open(cast("zipfile.ZipInfo", member))
        file = self.archive.extractfile(cast("tarfile.TarInfo", member))
        if file is None:
            raise KeyError(name)
        return file


@contextmanager
def _members(source: Path, inner: str) -> Iterator[_Members]:
    """An open archive, or the one in it."""
    with ExitStack() as stack:
        zipped = archive_prefix(source) == "/vsizip/"
        outer = _Members(
            stack.enter_context(zipfile.ZipFile(source)) if zipped else stack.enter_context(tarfile.open(source))
        )
        if inner:
            file = stack.enter_context(outer.open(inner))
            yield _Members(stack.enter_context(zipfile.ZipFile(file)))
        else:
            yield outer


def _reason(error: BaseException) -> str:
    """What the library says, or the kind of error if it says nothing."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
