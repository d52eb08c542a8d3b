"""What a raster file states about its bands, wherever it does.

Sources in order of trust, for each property on its own: tags of each band, the dataset's ``ENVI`` header, the dataset's
tags, the coordinate of a netCDF dimension, the ``IMAGERY`` tags of each band, and at last the unit-bearing number in a
band's description.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ....phrases import shortened
from ....spectrum.bands import BandTable, named_bands
from ...rasters.band_tags import (
    Column,
    RasterTags,
    first_of,
    list_ignored,
    number_and_unit,
    read_column,
    split_list,
    unreadable,
)
from .doubtful_bands import (
    contradicting_units,
    contradicting_wavelengths,
    repeated_wavelengths,
    without_bands,
    without_odd_widths,
)
from .netcdf_dimensions import spectral_coordinate
from .wavelength_units import PLAUSIBLE_NM, SpectralUnit, infer_unit, is_plausible, parse_unit, rounded_nm, says_no_unit

__all__ = ["RasterTags", "read_band_table"]

_WAVELENGTH = ("wavelength", "wavelengths", "center_wavelength", "centre_wavelength", "central_wavelength")
_FWHM = ("fwhm", "full_width_half_maximum", "bandwidth")
_UNITS = ("wavelength_units", "wavelength_unit", "wavelengths_units")
_FWHM_UNITS = ("fwhm_units", "fwhm_unit", "bandwidth_units", "bandwidth_unit")
_GOOD = ("bbl", "bad_band_multiplier", "bad_band_list")
_GOOD_WORDS = {"true": True, "yes": True, "good": True, "ok": True, "false": False, "no": False, "bad": False}
# Begins where a number begins and has an end: a name may hold thousands of digits.
_SHORT_NUMBER = r"(?<!\d)(?<!\d\.)(\d{1,7}(?:\.\d{1,20})?)"
_IN_TEXT = re.compile(
    rf"(?:{_SHORT_NUMBER}\s*(?:-|\u2013|to)\s*)?{_SHORT_NUMBER}\s*(nm|nanomet(?:er|re)s?|[uµμ]m|micromet(?:er|re)s?|microns?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Quantity:
    """A positive number, and the unit; None if the file states none."""

    value: float
    unit: SpectralUnit | None


_Quantities = Sequence[_Quantity | None]


def read_band_table(tags: RasterTags) -> tuple[BandTable, tuple[str, ...]]:
    """Build the band table of a file.

    Returns
    -------
    The table, wavelengths in nm, and warnings: what was guessed, ignored or could not be read.
    """
    warnings: list[str] = []
    positions, from_list = _positions(tags, warnings)
    if any(positions):
        warnings += contradicting_units(tags, _UNITS)
    positions = _unless_all_the_same(positions, warnings)
    wavelengths = tuple(_in_nm(position) for position in positions)
    warnings += contradicting_wavelengths(wavelengths, _alternatives(tags))
    fwhm = _widths(tags, positions, warnings)
    good = _flags(tags, warnings)
    names = _names(tags, from_list, warnings)
    return BandTable(names=names, wavelength_nm=wavelengths, fwhm_nm=fwhm, good=good), tuple(warnings)


def without_impossible(bands: BandTable) -> tuple[BandTable, tuple[str, ...]]:
    """The table without its wavelengths and widths if most are none that an imaging spectrometer could measure; a note says so.

    The unit in the file is then wrong: no other scene would have a band at these wavelengths.
    """
    known = [w for w in bands.wavelength_nm if w is not None]
    if 2 * sum(map(is_plausible, known)) >= len(known):
        return bands, ()
    least, most = PLAUSIBLE_NM
    nothing = (None,) * len(bands)
    return replace(bands, wavelength_nm=nothing, fwhm_nm=nothing), (
        f"The wavelengths of the file are not used: they are {min(known):,.9g} to {max(known):,.9g} nm, outside the range of imaging"
        f" spectrometers ({least:,.0f} to {most:,.0f} nm). Correct their unit in the file, or give them as a list (--wavelengths).",
    )


def wavelength_notes(bands: BandTable, *, transparent: Collection[int] = ()) -> tuple[str, ...]:
    """What looks wrong about the wavelengths of a scene, whatever they were read from.

    Parameters
    ----------
    transparent : 0-based bands of transparency, of which nothing is expected.
    """
    notes, wavelengths = [], bands.wavelength_nm
    missing = [i for i, w in enumerate(wavelengths) if w is None and bands.good[i] and i not in transparent]
    if missing and any(wavelengths):
        notes.append(f"The wavelength of {named_bands(missing)} is not known.")
    notes += repeated_wavelengths(wavelengths)
    odd = [i for i, w in enumerate(wavelengths) if w is not None and not is_plausible(w)]
    if odd:
        notes.append(
            f"The wavelength of {named_bands(odd)} ({wavelengths[odd[0]]:g} nm) is outside the range of imaging"
            f" spectrometers; {_probable_unit([w for i in odd if (w := wavelengths[i]) is not None])}check the unit in the file."
        )
    return tuple(notes)


def _probable_unit(odd: Sequence[float]) -> str:
    """The unit that wavelengths of odd size in nm may really be stated in, to begin a sentence with; empty if unknown."""
    for factor, name in ((1000.0, "micrometres"), (0.001, "nanometres")):
        if all(is_plausible(wavelength * factor) for wavelength in odd):
            return f"probably these are {name}: "
    return ""


def _positions(tags: RasterTags, warnings: list[str]) -> tuple[_Quantities, bool]:
    """Position of each band from the first source that states one; and whether a list of them was ignored."""
    column = read_column(tags, _WAVELENGTH, warnings)
    if column.stated:
        found = _with_units(_quantities(column, "wavelength", warnings), _units(tags), warnings)
        return found, not any(column.texts)
    coordinate = spectral_coordinate(tags)
    if coordinate is not None:
        column = Column(texts=coordinate.values, stated=True)
        units = (coordinate.unit,) * len(coordinate.values)
        return _with_units(_quantities(column, "wavelength", warnings), units, warnings), False
    texts = tuple(first_of(t, ("central_wavelength_um",)) for t in tags.imagery)
    if any(texts):
        micrometres = ("µm",) * len(texts)
        imagery = _quantities(Column(texts=texts, stated=True), "wavelength", warnings)
        return _with_units(imagery, micrometres, warnings), False
    return [_in_text(text or "") for text in tags.descriptions], False


def _alternatives(tags: RasterTags) -> dict[str, list[float | None]]:
    """Wavelengths in nm by what states them, from each of the places that may; what cannot be read there is left out."""
    ignored: list[str] = []
    found: dict[str, list[float | None]] = {}
    parts = {
        "of the bands": replace(tags, envi={}, dataset={}),
        "of the ENVI header": without_bands(tags, dataset={}),
        "of the file": without_bands(tags, envi={}),
    }
    for key in _WAVELENGTH:
        for whose, part in parts.items():
            found[f"{key!r} {whose}"] = _readable(read_column(part, (key,), ignored), _units(part), ignored)
    texts = tuple(first_of(band, ("central_wavelength_um",)) for band in tags.imagery)
    found["the IMAGERY tags"] = _readable(Column(texts=texts, stated=any(texts)), ["µm"] * len(texts), ignored)
    found["the names of the bands"] = [_in_nm(_in_text(text or "")) for text in tags.descriptions]
    return found


def _readable(column: Column, units: Sequence[str | None], ignored: list[str]) -> list[float | None]:
    return [_in_nm(position) for position in _with_units(_quantities(column, "", ignored), units, ignored)]


def _unless_all_the_same(positions: _Quantities, warnings: list[str]) -> _Quantities:
    """No position at all if every band has the same one, which distinguishes none."""
    values = {position.value if position else None for position in positions}
    value = next(iter(values), None)
    if len(positions) < 2 or len(values) > 1 or value is None:
        return positions
    warnings.append(f"The file states the same wavelength, {value:g}, for all bands; it was left out.")
    return [None] * len(positions)


def _quantities(column: Column, what: str, warnings: list[str]) -> list[_Quantity | None]:
    """The numbers of a column, each with the unit next to it; those that cannot be read are reported."""
    found: list[_Quantity | None] = []
    wrong = []
    for band, text in enumerate(column.texts):
        number = None if text is None else number_and_unit(text)
        unit = None if number is None else parse_unit(number[1])
        readable = number is not None and 0 < number[0] < float("inf") and (unit is not None or not number[1])
        found.append(_Quantity(number[0], unit) if number is not None and readable else None)
        if text is not None and not readable:
            wrong.append(band)
    if wrong:
        outcome = "a positive number is expected, alone or with its unit"
        warnings.append(unreadable(what, column.texts, wrong, outcome))
    return found


def _with_units(found: _Quantities, units: Sequence[str | None], warnings: list[str]) -> list[_Quantity | None]:
    """Give each position the unit stated elsewhere, otherwise one guessed by size; none if it is not a unit of wavelength."""
    done = list(found)
    foreign: list[int] = []
    unstated: list[int] = []
    for band, (quantity, text) in enumerate(zip(found, units, strict=True)):
        if quantity is None or quantity.unit is not None:
            continue
        unit = parse_unit(text)
        done[band] = None if unit is None else _Quantity(quantity.value, unit)
        if unit is None:
            (unstated if says_no_unit(text) else foreign).append(band)
    if foreign:
        warnings.append(
            f"{units[foreign[0]]!r} is not a unit of wavelength: the wavelengths that the file gives for"
            f" {named_bands(foreign)} were left out."
        )
    if unstated:
        values = [quantity.value for band in unstated if (quantity := found[band]) is not None]
        guess = infer_unit(values)
        outcome = f"taken as {guess.name}, guessed from their size" if guess else "left out"
        warnings.append(f"The file does not state the unit of its wavelengths; they were {outcome}.")
        for band, value in zip(unstated, values, strict=True):
            done[band] = None if guess is None else _Quantity(value, guess)
    return done


def _widths(tags: RasterTags, positions: _Quantities, warnings: list[str]) -> tuple[float | None, ...]:
    """Full width at half maximum of each band in nm, in the unit of its position unless a unit of widths is stated."""
    column = read_column(tags, _FWHM, warnings)
    common = first_of(tags.envi, _FWHM_UNITS) or first_of(tags.dataset, _FWHM_UNITS)
    units = [parse_unit(first_of(band, _FWHM_UNITS) or common) for band in tags.band]
    if not column.stated:
        texts = tuple(first_of(t, ("fwhm_um",)) for t in tags.imagery)
        column, units = Column(texts=texts, stated=any(texts)), [parse_unit("µm")] * len(texts)
    widths = []
    for width, position, unit in zip(_quantities(column, "FWHM", warnings), positions, units, strict=True):
        of_width = None if width is None or position is None else width.unit or unit or position.unit
        known = width is not None and position is not None and of_width is not None
        widths.append(rounded_nm(of_width.width_to_nm(width.value, position.value)) if known else None)  # type: ignore[union-attr]
    return without_odd_widths(widths, [_in_nm(position) for position in positions], warnings)


def _flags(tags: RasterTags, warnings: list[str]) -> tuple[bool, ...]:
    """True for bands that the file does not flag as bad."""
    column = read_column(tags, _GOOD, warnings)
    good, wrong = [], []
    for band, text in enumerate(column.texts):
        number = None if text is None else number_and_unit(text)
        word = None if text is None else _GOOD_WORDS.get(text.strip().strip("'\"").lower())
        good.append(word if word is not None else number is None or number[0] > 0)
        if text is not None and word is None and (number is None or number[1]):
            wrong.append(band)
    if wrong:
        warnings.append(_unreadable_flags(column.texts, wrong))
    return tuple(good)


def _unreadable_flags(texts: Sequence[str | None], bands: Sequence[int]) -> str:
    one, shown = len(bands) == 1, shortened(texts[bands[0]] or "")
    return (
        f"The bad-band flag{'' if one else 's'} of {named_bands(bands)} cannot be read ({shown!r} instead of 1 or 0);"
        f" {'this band is' if one else 'these bands are'} treated as good."
    )


def _names(tags: RasterTags, from_list: bool, warnings: list[str]) -> tuple[str, ...]:
    """What the file calls its bands; GDAL adds the wavelengths of an ENVI header, also those of a wrong list."""
    count = len(tags.descriptions)
    texts = tags.descriptions
    listed = split_list(tags.envi.get("band_names", ""))
    if listed and len(listed) != count:
        warnings.append(list_ignored("band names", len(listed), count))
        listed = []
        from_list = True
    if from_list and tags.envi:
        texts = tuple(listed) or (None,) * count
    return tuple(text.strip() if text and text.strip() else f"Band {i + 1}" for i, text in enumerate(texts))


def _units(tags: RasterTags) -> list[str | None]:
    """Name of the unit of each band: the band's own, else the one of the header or dataset."""
    common = first_of(tags.envi, _UNITS) or first_of(tags.dataset, _UNITS)
    return [first_of(band, _UNITS) or common for band in tags.band]


def _in_text(text: str) -> _Quantity | None:
    """The wavelength in the name of a band: of ``420-440 nm`` the middle, of ``B2-440 nm`` its number."""
    match = _IN_TEXT.search(text)
    if match is None:
        return None
    high = float(match[2])
    low = float(match[1]) if match[1] and high / 2 <= float(match[1]) < high else high
    return _Quantity((low + high) / 2, parse_unit(match[3]))


def _in_nm(position: _Quantity | None) -> float | None:
    if position is None or position.unit is None:
        return None
    return rounded_nm(position.unit.to_nm(position.value))
