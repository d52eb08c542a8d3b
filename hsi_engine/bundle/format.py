"""The container of a model file: a plain zip archive with four members, read with suspicion.

Members are stored, not compressed, so nothing in the file can grow when it is read, and the same model
always gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ..errors import BundleError, OutputError
from ..io.files.near_names import near_names
from ..io.files.temporary_files import target_of
from ..phrases import counted, writing_hint

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
PREPROCESSING = "preprocessing.safetensors"
MODEL_CARD = "MODEL_CARD.md"

# Largest size of each member in bytes, in the order in which they are written.
LIMITS: Mapping[str, int] = MappingProxyType(
    {MANIFEST: 16 << 20, WEIGHTS: 2 << 30, PREPROCESSING: 256 << 20, MODEL_CARD: 1 << 20}
)

# Room for the zip's own records, also as other programs would write them.
_OVERHEAD = 64 << 10

# The earliest time a zip can state; a real one would make equal models differ.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)

_DAMAGED = "The file is damaged or incomplete; copy or download it again."
# The member that only denoisers have, see denoiser_file.
_OF_DENOISERS = "arrays.safetensors"
_FOREIGN = "Choose a .hsimodel file that was not changed."

_RASTERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"\x89HDF", b"CDF")

_SIGNATURES = (
    (b"II*\x00", "a TIFF raster"),
    (b"MM\x00*", "a TIFF raster"),
    (b"II+\x00", "a BigTIFF raster"),
    (b"MM\x00+", "a BigTIFF raster"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x89PNG", "a PNG picture"),
    (b"SQLite format 3\x00", "an SQLite database, such as a GeoPackage"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80", "a Python pickle, such as an old PyTorch or joblib file, which is never opened here"),
    (b"ENVI", "an ENVI header"),
    (b"%PDF", "a PDF document"),
    (b"{", "JSON text"),
    (b"<", "XML or HTML text"),
)


def write_members(path: Path, members: Mapping[str, bytes], limits: Mapping[str, int] = LIMITS) -> None:
    """Write ``members``, one for each name in ``limits`` and in their order; the same content gives the same bytes.

    Raises
    ------
    OutputError : the file cannot be written, for example because the disk is full.
    """
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name in limits:
                info = zipfile.ZipInfo(name, _TIMESTAMP)
                info.create_system = 3  # as on Unix, wherever it is written
                info.external_attr = 0o644 << 16
                archive.writestr(info, members[name])
    except OSError as error:
        raise OutputError(
            f"Model '{target_of(path)}' cannot be written: {error}.",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error


def read_members(path: Path, limits: Mapping[str, int] = LIMITS) -> dict[str, bytes]:
    """Read all members of a model file.

    Nothing is unpacked to the disk. Sizes are checked before anything is read.

    Parameters
    ----------
    path : the model file.
    limits : largest size in bytes of each member; exactly these members must be there.

    Raises
    ------
    BundleError
        Missing, not a zip archive (the message names what it seems to be), damaged; a member is missing, unknown, there
        twice, compressed, encrypted or too large.
    """
    _check_is_archive(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_names([entry.orig_filename for entry in entries], limits)
            for entry in entries:
                _check_entry(entry, limits[entry.orig_filename])
            _check_total(path, entries)
            return {entry.filename: archive.read(entry) for entry in entries}
    except BundleError:
        raise
    # zipfile reports damage through all of these, depending on the byte that is wrong.
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, OverflowError) as error:
        raise BundleError(f"The archive is damaged: {error}.", code="damaged", hint=_DAMAGED) from error


def read_member(path: Path, name: str) -> bytes:
    """One member of a file that :func:`read_members` has accepted."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def is_model(path: Path) -> bool:
    """Whether a file looks like a model of any version, whatever it is called; reads its list of members only."""
    return {MANIFEST, WEIGHTS} <= _members(path)


def _members(path: Path) -> set[str]:
    """Names of the members of a zip archive; none of another file."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return set()
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError):
        return set()


def is_denoiser(path: Path) -> bool:
    """Whether a file looks like a denoiser, whatever it is called; reads its list of members only."""
    return {MANIFEST, _OF_DENOISERS} <= _members(path)


def is_raster(path: Path) -> bool:
    """Whether a file begins as rasters of the common formats do, whatever it is called."""
    try:
        with path.open("rb") as file:
            return file.read(16).startswith(_RASTERS)
    except OSError:
        return False


def check_is_file(path: Path) -> None:
    """Raise BundleError unless ``path`` is a file."""
    if not path.exists():
        raise BundleError("The file does not exist.", code="missing", hint=near_names(path))
    if path.is_dir():
        raise BundleError("This is a folder, not a file.", code="not_a_model", hint=_FOREIGN)


def _check_is_archive(path: Path, limits: Mapping[str, int]) -> None:
    check_is_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(16)
        size = path.stat().st_size
    except OSError as error:
        raise BundleError(
            f"The file cannot be read: {error.strerror}.", code="unreadable", hint="Check its permissions."
        ) from error
    if not start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise BundleError(
            f"This is not a model: expected a zip archive, found {_describe_content(start)}.",
            code="not_a_model",
            hint=_FOREIGN,
        )
    largest = sum(limits.values()) + _OVERHEAD
    if size > largest:
        raise BundleError(
            f"The file has {size:,} bytes; a model has at most {largest:,}.", code="too_large", hint=_FOREIGN
        )
    if not zipfile.is_zipfile(path):
        raise BundleError(
            "The archive is truncated: the list of its members, at its end, is missing.",
            code="damaged",
            hint=_DAMAGED,
        )


def _describe_content(start: bytes) -> str:
    if not start:
        return "an empty file"
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    # Version and producer, with which exporters begin; the format has no signature.
    if len(start) > 3 and start[0] == 8 and start[1] < 32 and start[2] == 0x12:
        return "what looks like an ONNX model; give it the ending .onnx if it was exported by this engine"
    if len(start) > 9 and start[8:9] == b"{":
        return "a bare safetensors file, without the description that belongs to a model"
    return "something else"


def _check_names(names: list[str], limits: Mapping[str, int]) -> None:
    if any(name.endswith(("/data.pkl", "\\data.pkl")) or name == "data.pkl" for name in names):
        raise BundleError(
            "This is a PyTorch checkpoint (it holds a pickle, which is never opened here), not a model of this engine.",
            code="not_a_model",
            hint=_FOREIGN,
        )
    twice = sorted({name for name in names if names.count(name) > 1}) if len(names) <= 2 * len(limits) else []
    if twice:
        raise BundleError(f"Member {twice[0]!r} occurs more than once.", code="members", hint=_FOREIGN)
    if _OF_DENOISERS in names and _OF_DENOISERS not in limits:
        raise BundleError(
            "This is a denoiser, which removes the noise of scenes, not the model of a classifier.",
            code="not_a_model",
            hint="Use it in Denoise scene (hsi denoise --model). Here, choose a .hsimodel file from Train classifier.",
        )
    unknown = [name for name in names if name not in limits]
    if unknown:
        raise BundleError(
            f"{counted(len(unknown), 'member')} of the file {'does' if len(unknown) == 1 else 'do'} not belong in a model, such as"
            f" {unknown[0][:80]!r};"
            f" expected: {', '.join(limits)}.",
            code="members",
            hint=_FOREIGN,
        )
    missing = [name for name in limits if name not in names]
    if missing:
        raise BundleError(
            f"{counted(len(missing), 'member')} missing: {', '.join(missing)}.", code="members", hint=_FOREIGN
        )


def _check_entry(entry: zipfile.ZipInfo, limit: int) -> None:
    name = entry.orig_filename
    if entry.flag_bits & 0x1:
        raise BundleError(f"Member {name!r} is encrypted.", code="members", hint=_FOREIGN)
    if entry.file_size > limit:
        raise BundleError(
            f"Member {name!r} has {entry.file_size:,} bytes; at most {limit:,} are allowed.",
            code="too_large",
            hint=_FOREIGN,
        )
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise BundleError(
            f"Member {name!r} is compressed: {entry.compress_size:,} bytes would become {entry.file_size:,}."
            " Members of a model are stored as they are.",
            code="compressed",
            hint="Do not repack model files with another program.",
        )


def _check_total(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    declared = sum(entry.file_size for entry in entries)
    size = path.stat().st_size
    if size > declared + _OVERHEAD:
        raise BundleError(
            f"The file has {size:,} bytes, but its members declare only {declared:,}: it contains extra data outside "
            f"its members.",
            code="too_large",
            hint=_FOREIGN,
        )
