"""What a file says of its bands twice and differently, and widths that are in another unit than they seem to be."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ....spectrum.bands import named_bands
from ...rasters.band_tags import RasterTags, Tags, first_of
from .wavelength_units import parse_unit

# Of a wavelength: what names of bands lose by rounding.
_SAME = 0.01
# GDAL rounds the wavelengths of an ENVI header to 1 nm in its own tags.
_ROUNDED_NM = 0.5 + 1e-6
# A micrometre is 1000 nm; no spectrometer has bands fifty times as wide or narrow as they are apart.
_TIMES = 50


def contradicting_wavelengths(used: Sequence[float | None], others: Mapping[str, Sequence[float | None]]) -> list[str]:
    """A note where another part of the file states other wavelengths than those in use; all in nm.

    Parameters
    ----------
    others : by what states them.
    """
    for place, stated in others.items():
        pairs = zip(used, stated, strict=True)
        bands = [
            i
            for i, (one, other) in enumerate(pairs)
            if one and other and abs(one - other) > max(_SAME * one, _ROUNDED_NM)
        ]
        if bands:
            first = bands[0]
            return [
                f"The file states wavelengths twice, and they disagree for {named_bands(bands)}: {used[first]:g} nm is used for"
                f" B{first + 1}, but {place} say{'' if place.startswith('the ') else 's'} {stated[first]:g} nm."
            ]
    return []


def repeated_wavelengths(wavelengths: Sequence[float | None]) -> list[str]:
    """A note where two bands have exactly the same wavelength."""
    first: dict[float, int] = {}
    for band, wavelength in enumerate(wavelengths):
        if wavelength is not None and first.setdefault(wavelength, band) != band:
            pair = named_bands([first[wavelength], band])
            return [
                f"The file states the same wavelength, {wavelength:g} nm, for {pair}, among others; check its list."
            ]
    return []


def contradicting_units(tags: RasterTags, keys: Sequence[str]) -> list[str]:
    """A sentence if one place of the file states two units for the wavelengths, of which the first key counts."""
    for place in (tags.envi, tags.dataset, *tags.band[:1]):
        stated = {key: text for key in keys if (text := first_of(place, (key,)))}
        units = {key: unit for key, text in stated.items() if (unit := parse_unit(text)) is not None}
        # By what they make of a number: one unit has several names.
        if len({unit.to_nm(2.0) for unit in units.values()}) > 1:
            used, *others = units
            shown = " and ".join(f"{key!r} {stated[key]!r}" for key in others)
            return [
                f"The file states two units of its wavelengths: {used!r} {stated[used]!r}, which is used, and {shown}. Check"
                " the wavelengths, and correct the file if they are wrong."
            ]
    return []


def without_bands(tags: RasterTags, *, envi: Tags | None = None, dataset: Tags | None = None) -> RasterTags:
    """The same without the tags of the bands, and with other ones of the header or the file."""
    return replace(
        tags,
        band=({},) * len(tags.band),
        envi=tags.envi if envi is None else envi,
        dataset=tags.dataset if dataset is None else dataset,
    )


def without_odd_widths(
    widths: Sequence[float | None], wavelengths: Sequence[float | None], warnings: list[str]
) -> tuple[float | None, ...]:
    """The widths in nm, or none of them where they cannot be in the unit that they were read in."""
    known = sorted({wavelength for wavelength in wavelengths if wavelength is not None})
    stated = [width for width in widths if width is not None]
    if len(known) < 3 or not stated:
        return tuple(widths)
    apart = statistics.median(after - before for before, after in itertools.pairwise(known))
    typical = statistics.median(stated)
    if apart / _TIMES <= typical <= apart * _TIMES:
        return tuple(widths)
    warnings.append(
        f"The widths (FWHM) of the bands, such as {typical:g} nm, do not go with bands {apart:g} nm apart; they seem to be in"
        " another unit than the wavelengths and were left out. State the unit, for example as 'fwhm_units'."
    )
    return (None,) * len(widths)
