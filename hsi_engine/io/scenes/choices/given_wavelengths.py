"""Wavelengths that a user gives for a scene whose file states none: text with one band per line."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import Path

from ....errors import SceneError
from ....phrases import counted
from ...rasters.band_tags import number_and_unit
from ..metadata.wavelength_units import PLAUSIBLE_NM, SpectralUnit, is_plausible, parse_unit, rounded_nm
from ..source import Scene

# A list of more than a million bands is another file.
_MAX_BYTES = 16 << 20
_COLUMNS = re.compile(r"[;,\t]")
# 418,24 may be a decimal number, or a wavelength and a width; a heading of a second column decides.
_EITHER = re.compile(r"\d+,\d+\s*($|[;\t])")
_WIDTHS = re.compile(r"[;,\t].*(fwhm|width|breite)", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-zµμÅå][\w⁻^-]*", re.UNICODE)
_NO_NUMBER = frozenset({"nan", "na", "n", "a", "none", "null", "inf", "infinity"})
_HINT = "Write one line per band, with the unit in the first line or next to the numbers: 'wavelength (nm)', then 450.5, 455.1, …"


def with_given_wavelengths(scene: Scene, path: Path) -> Scene:
    """The scene with the wavelengths of a file, and their widths if it has a second column; a note says so.

    Raises
    ------
    SceneError : the file cannot be read, states no unit, or has another number of lines than there are bands.
    """
    wavelengths, widths = read_wavelengths(path)
    count = len(scene.bands)
    measured = [band for band in range(count) if band not in scene.transparent]
    if len(wavelengths) not in (count, len(measured)):
        raise SceneError(
            f"{path.name} lists {counted(len(wavelengths), 'wavelength')}; the scene {scene.path.name} has {count} bands.",
            code="wavelength_count",
            hint="List one wavelength per band of the scene, in the order of its bands, bad ones too.",
        )
    places = list(range(count)) if len(wavelengths) == count else measured
    nm, fwhm = list(scene.bands.wavelength_nm), list(scene.bands.fwhm_nm)
    for place, wavelength, width in zip(places, wavelengths, widths, strict=True):
        nm[place], fwhm[place] = wavelength, width if width is not None else fwhm[place]
    stated = " instead of those that the scene states" if any(scene.bands.wavelength_nm) else ""
    note = f"The wavelengths of {path.name} are used{stated}: {min(wavelengths):.1f} to {max(wavelengths):.1f} nm."
    bands = replace(scene.bands, wavelength_nm=tuple(nm), fwhm_nm=tuple(fwhm))
    return replace(scene, bands=bands, warnings=(*scene.warnings, note), files=(*scene.files, str(path)))


def read_wavelengths(path: Path) -> tuple[list[float], list[float | None]]:
    """Wavelengths and widths in nm, one of each per line; a width that is not stated is None.

    The text is UTF-8, UTF-16 with its mark, or Windows-1252 (of which Latin-1 is a part). Columns are separated by commas, semicolons or tabs. The first line is a heading if it begins with a word,
    which may state the unit; so are lines that begin with ``#``.

    Raises
    ------
    SceneError : the file cannot be read as such, or in two ways, or a wavelength is one that no imaging spectrometer measures;
        names the line.
    """
    unit: SpectralUnit | None = None
    rows: list[tuple[int, list[tuple[float, str] | None]]] = []
    lines, headed = _lines(path), False
    with_widths = any(_WIDTHS.search(line) for _, line in lines)
    for number, line in lines:
        if _EITHER.match(line) and not with_widths:
            raise _wrong(
                path,
                number,
                f"{line[:40]!r} may be one number or two. Write decimals with a point, or head a second column with 'fwhm'",
            )
        cells = [number_and_unit(cell.strip()) for cell in _COLUMNS.split(line)]
        if line.startswith("#") or cells[0] is None:
            if not line.startswith("#") and (rows or headed or not _is_heading(line)):
                raise _wrong(path, number, f"expected a wavelength, found {line[:40]!r}")
            headed = headed or not line.startswith("#")
            unit = unit or next(filter(None, map(parse_unit, _units_in(line))), None)
        else:
            rows.append((number, cells))
    if not rows:
        raise SceneError(f"{path} lists no wavelengths.", code="wavelengths", hint=_HINT)
    if len(rows) > 1 and all(len(cells) > 1 and cells[0] == (at, "") for at, (_, cells) in enumerate(rows, start=1)):
        raise _wrong(
            path, rows[0][0], "the wavelength is expected in the first column, which holds the numbers of the bands"
        )
    wavelengths, widths = [], []
    for number, cells in rows:
        value, own = cells[0] or (0.0, "")
        used = parse_unit(own) if own else unit
        if used is None:
            what = (
                f"{own!r} is not a unit of wavelength"
                if own
                else "the unit is expected in the first line, and is missing"
            )
            raise _wrong(path, number, what)
        wavelengths.append(_in_nm(value, used, path, number))
        width = cells[1] if len(cells) > 1 else None
        widths.append(rounded_nm(used.width_to_nm(width[0], value)) if width is not None and width[0] > 0 else None)
    return wavelengths, widths


def _in_nm(value: float, unit: SpectralUnit, path: Path, line: int) -> float:
    """A wavelength of a line in nm. Raises SceneError if no imaging spectrometer measures it."""
    in_nm = rounded_nm(unit.to_nm(value)) if 0 < value < float("inf") else None
    if in_nm is None:
        raise _wrong(path, line, f"expected a positive number, found {value:g}")
    if is_plausible(in_nm):
        return in_nm
    least, most = PLAUSIBLE_NM
    shown = f"{in_nm:,.9g} nm" if value == in_nm else f"{value:g} {unit.name} ({in_nm:,.9g} nm)"
    raise _wrong(
        path,
        line,
        f"{shown} is outside the range of imaging spectrometers ({least:,.0f} to {most:,.0f} nm). Check the unit",
    )


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SceneError(
            f"The wavelengths {path} cannot be read: {error.strerror}.", code="wavelengths", hint="Check the name."
        ) from error
    text = _text(content)
    if len(content) > _MAX_BYTES or "\0" in text[:4096]:
        raise SceneError(
            f"{path} holds something else than text with one wavelength per line.", code="wavelengths", hint=_HINT
        )
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip(" \t,;")]


def _text(content: bytes) -> str:
    """UTF-8, what spreadsheets call Unicode (UTF-16), or else Western European as they write CSV without asking."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _is_heading(line: str) -> bool:
    """Whether words stand there, and not a number that is missing (NaN, n/a, -)."""
    return any(word.lower() not in _NO_NUMBER for word in _WORDS.findall(line))


def _units_in(heading: str) -> list[str]:
    """The parts of a heading that may be a unit: what follows an underscore or a space, or stands in brackets."""
    return [
        part for word in _WORDS.findall(heading.replace("_", " ")) for part in (word,) if part.lower() not in ("a", "m")
    ]


def _wrong(path: Path, line: int, what: str) -> SceneError:
    return SceneError(f"Line {line} of {path}: {what}.", code="wavelengths", hint=_HINT)
