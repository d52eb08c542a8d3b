"""Which data file and which ENVI header belong together, whatever the case and the endings of their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...errors import SceneError
from .band_tags import normal_keys

_ENVI_SUFFIXES = ("", ".dat", ".bsq", ".bil", ".bip", ".img", ".raw", ".bin", ".cube", ".gz", ".dat.gz", ".img.gz")
_TIFF_SUFFIXES = (".tif", ".tiff")
BYTES_OF_TYPE = {
    "1": 1, "2": 2, "3": 4, "4": 4, "5": 8, "6": 8, "9": 16, "12": 2, "13": 4, "14": 8, "15": 8,
}  # fmt: skip
# What may be next to a scene under its name without being one.
_SIDECARS = (
    ".hdr", ".xml", ".aux", ".ovr", ".msk", ".rrd", ".enp", ".sta", ".prj", ".wld", ".tfw", ".qml", ".qmd", ".sld", ".clr",
    ".txt", ".csv", ".md", ".pdf", ".html", ".json", ".geojson", ".gpkg", ".shp", ".shx", ".dbf", ".cpg", ".kml", ".roi",
    ".jpg", ".jpeg", ".png", ".zip", ".hsimodel", ".unfinished", ".checkpoint",
)  # fmt: skip
# Keys and their values, of which one in braces may reach over several lines.
_ENTRY = re.compile(r"^[ \t]*([^=\n{}]+?)[ \t]*=[ \t]*(\{[^}]*\}|[^\n]*)", re.MULTILINE)
_HEADER_BYTES = 16 << 20


def data_file_of(header: Path) -> Path:
    """The data file that belongs to an ENVI header: of its name but for case and ending, and of the size it states.

    If no file is of that size, the first with a usual ending is taken, one that is long enough before others.

    Raises
    ------
    SceneError : there is none, or several of that size, or several with endings that say nothing.
    """
    stem = header.name[: -len(header.suffix)]
    beside = {_name_after(stem, file.name): file for file in _by_likeness(header) if _goes_with(stem, file.name)}
    entries = read_header(header)
    suffixes: tuple[str, ...] = (*_ENVI_SUFFIXES, *_TIFF_SUFFIXES)
    is_tiff = entries.get("file_type", "").strip().lower().startswith("tif")
    if is_tiff:
        suffixes = (*_TIFF_SUFFIXES, *_ENVI_SUFFIXES)
    known = [beside[suffix] for suffix in suffixes if suffix in beside]
    others = sorted(file for end, file in beside.items() if _may_be_data(end) and file not in known)
    size = None if is_tiff else stated_bytes(entries)
    if size is not None:
        fitting = [file for file in (*known, *others) if not _is_packed(file) and file.stat().st_size == size]
        if len({file.resolve() for file in fitting}) > 1:
            raise _ambiguous(header, fitting, f"have the {size} bytes that it states")
        known = fitting or sorted(known, key=lambda file: not _is_packed(file) and file.stat().st_size < size)
    if known:
        return known[0]
    if len(others) == 1:
        return others[0]
    if others:
        raise _ambiguous(header, others)
    raise SceneError(
        f"{header} is an ENVI header, but its data file is not next to it ({stem}, {stem}.dat, {stem}.bsq, …).",
        code="envi_no_data",
        hint="Put the data file into the same folder under the same name, or choose the data file itself.",
    )


def header_of_geotiff(path: Path) -> Path | None:
    """The ENVI header that is next to a GeoTIFF and describes it; None if there is none.

    That of another data file, such as ``scene.bsq``, does not belong to ``scene.tif``.
    """
    wanted = (f"{path.stem}.hdr".lower(), f"{path.name}.hdr".lower())
    found = [file for file in _by_likeness(path) if file.name.lower() in wanted]
    for header in sorted(found, key=lambda file: wanted[::-1].index(file.name.lower())):
        try:
            if read_header(header) and data_file_of(header).samefile(path):
                return header
        except (SceneError, OSError):
            continue
    return None


def read_header(header: Path) -> dict[str, str]:
    """The entries of an ENVI header, keys in lower case with underscores; empty if it is none."""
    with header.open("rb") as file:
        return parse_header(file.read(_HEADER_BYTES))


def parse_header(content: bytes) -> dict[str, str]:
    """The same of the bytes of a header."""
    text = _as_text(content)
    if not text.lstrip().startswith("ENVI"):
        return {}
    return normal_keys({key: value.strip() for key, value in _ENTRY.findall(text)})


def header_entries(content: bytes) -> dict[str, list[str]]:
    """All values of each key of a header in their order; a header may state the same key several times."""
    found: dict[str, list[str]] = {}
    for key, value in _ENTRY.findall(_as_text(content)):
        if not key.lstrip().startswith(";"):
            found.setdefault(next(iter(normal_keys({key: ""}))), []).append(value.strip())
    return found


def _as_text(content: bytes) -> str:
    """A header with line ends of one kind, without a byte order mark; in UTF-8, or Windows-1252 as old programs write."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n").replace("\r", "\n")


def describes(header: Mapping[str, str], shape: tuple[int, int, int]) -> bool:
    """Whether a header states (bands, rows, cols) of a raster, or leaves them out."""
    stated = zip(("bands", "lines", "samples"), shape, strict=True)
    return all(header.get(key, str(length)).strip() == str(length) for key, length in stated)


def header_hint(path: Path) -> str:
    """What to do about a data file that GDAL does not recognise, if a misnamed or missing header may be why."""
    stem = path.name.removesuffix(".gz")
    beside = [f"{stem}.hdr", f"{Path(stem).stem}.hdr", f"{path.name}.hdr"]
    present = next((name for name in beside if path.with_name(name).is_file()), None)
    if present is None:
        names = " or ".join(dict.fromkeys((f"{Path(stem).stem}.hdr", f"{stem}.hdr")))
        return f"If it is an ENVI file, its header {names} must be in the same folder."
    if path.suffix == ".gz" and present != f"{stem}.hdr":
        return f"If it is a compressed ENVI file, rename its header {present} to {stem}.hdr."
    return f"Its ENVI header {present} is there; check that the data file is not empty and the header is complete."


def _ambiguous(header: Path, files: Sequence[Path], what: str = "may hold its data") -> SceneError:
    return SceneError(
        f"{header} is an ENVI header, and {len(files)} files next to it {what}:"
        f" {', '.join(file.name for file in files[:8])}{', …' if len(files) > 8 else ''}.",
        code="envi_data_ambiguous",
        hint="Choose the data file itself.",
    )


def stated_bytes(header: Mapping[str, str]) -> int | None:
    """The size of an uncompressed data file after its header; None if the header leaves it open."""
    try:
        samples, lines = int(header["samples"]), int(header["lines"])
        bands, offset = int(header.get("bands", "1")), int(header.get("header_offset", "0"))
        item = BYTES_OF_TYPE[header["data_type"].strip()]
        packed = int(header.get("file_compression", "0"))
    except (KeyError, ValueError):
        return None
    return None if packed else offset + samples * lines * bands * item


def _is_packed(file: Path) -> bool:
    """Whether the size of a file is not that of its pixels, as it is compressed or has a header."""
    return file.name.lower().endswith((".gz", *_TIFF_SUFFIXES))


def _may_be_data(end: str) -> bool:
    return end.count(".") == 1 and not end.endswith(_SIDECARS)


def _by_likeness(path: Path) -> list[Path]:
    """The files of the folder, those that differ in case first, so that exact ones have the last word."""
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    try:
        # macOS leaves a ._scene.hdr next to each file on disks of other systems.
        files = [file for file in path.parent.iterdir() if not file.name.startswith("._") and file.is_file()]
    except OSError:  # a folder that may be passed but not listed
        return []
    return sorted(files, key=lambda file: (file.name.startswith(stem), file.name.islower(), file.name))


def _goes_with(stem: str, name: str) -> bool:
    lower = name.lower()
    return lower == stem.lower() or lower.startswith(f"{stem.lower()}.")


def _name_after(stem: str, name: str) -> str:
    return name[len(stem) :].lower()
