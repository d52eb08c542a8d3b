"""What a raster file says about its bands, wherever it says it.

Sources in order of trust, for each property on its own: tags of each band, the ``IMAGERY`` tags of each band,
the dataset's ``ENVI`` header, the dataset's tags, and at last the unit-bearing number in a band's description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..bands import BandTable, band_numbers
from .wavelength_units import SpectralUnit, infer_unit, is_plausible, parse_unit

_WAVELENGTH = ("wavelength", "wavelengths", "center_wavelength", "centre_wavelength", "central_wavelength")
_FWHM = ("fwhm", "full_width_half_maximum", "bandwidth")
_UNITS = ("wavelength_units", "wavelength_unit", "wavelengths_units")
_GOOD = ("bbl", "bad_band_multiplier", "bad_band_list")
_IN_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*(nm|nanomet(?:er|re)s?|[uµμ]m|micromet(?:er|re)s?|microns?)\b", re.IGNORECASE)

Tags = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RasterTags:
    """The texts of a file from which its band table is read.

    Parameters
    ----------
    descriptions : per band; None or empty where the file has none.
    band : tags of each band.
    imagery : ``IMAGERY`` tags of each band (GDAL ≥ 3.10 writes wavelengths there, in µm).
    envi : the ENVI header.
    dataset : tags of the dataset.
    """

    descriptions: tuple[str | None, ...]
    band: tuple[Tags, ...]
    imagery: tuple[Tags, ...]
    envi: Tags
    dataset: Tags

    @classmethod
    def of(cls, dataset: Any) -> RasterTags:
        """Collect the tags of an open rasterio dataset, keys in one spelling."""
        return cls(
            descriptions=tuple(dataset.descriptions),
            band=tuple(_normal(dataset.tags(i)) for i in dataset.indexes),
            imagery=tuple(_normal(dataset.tags(i, ns="IMAGERY")) for i in dataset.indexes),
            envi=_normal(dataset.tags(ns="ENVI")),
            dataset=_normal(dataset.tags()),
        )


def read_band_table(tags: RasterTags) -> tuple[BandTable, tuple[str, ...]]:
    """Build the band table of a file.

    Returns
    -------
    The table, wavelengths in nm, and warnings: what was guessed, ignored or looks wrong.
    """
    warnings: list[str] = []
    count = len(tags.descriptions)
    wavelengths, fwhm = _spectral_positions(tags, warnings)
    good_texts = _column(tags, _GOOD, warnings)
    good = tuple(value is None or value > 0 for value in map(_number, good_texts))
    names = tuple(
        text.strip() if text and text.strip() else f"Band {i + 1}" for i, text in enumerate(tags.descriptions)
    )

    missing = [i for i, w in enumerate(wavelengths) if w is None]
    if missing and len(missing) < count:
        warnings.append(f"The wavelength of band {band_numbers(missing)} is not known.")
    odd = [i for i, w in enumerate(wavelengths) if w is not None and not is_plausible(w)]
    if odd:
        warnings.append(
            f"The wavelength of band {band_numbers(odd)} ({wavelengths[odd[0]]:g} nm) is outside anything an imaging"
            " spectrometer measures; check the unit in the file."
        )
    return BandTable(names=names, wavelength_nm=wavelengths, fwhm_nm=fwhm, good=good), tuple(warnings)


def _spectral_positions(
    tags: RasterTags, warnings: list[str]
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Wavelength and FWHM of each band in nm, from the first source that states wavelengths."""
    micrometres = [parse_unit("µm")] * len(tags.descriptions)
    positions, units = _stated_positions(tags, warnings)
    if not any(positions):
        positions, units = [positive_number(t.get("central_wavelength_um")) for t in tags.imagery], micrometres
    if not any(positions):
        found = [_IN_TEXT.search(text or "") for text in tags.descriptions]
        positions = [positive_number(match.group(1)) if match else None for match in found]
        units = [parse_unit(match.group(2)) if match else None for match in found]

    widths, width_units = [positive_number(t) for t in _column(tags, _FWHM, warnings)], units
    if not any(widths):
        widths, width_units = [positive_number(t.get("fwhm_um")) for t in tags.imagery], micrometres
    return _in_nm(positions, units), _widths_in_nm(widths, positions, width_units)


def _stated_positions(tags: RasterTags, warnings: list[str]) -> tuple[list[float | None], list[SpectralUnit | None]]:
    """Positions as the tags or the header state them, and the unit of each."""
    positions = [positive_number(text) for text in _column(tags, _WAVELENGTH, warnings)]
    units = [parse_unit(text) for text in _units(tags)]
    unstated = [p for p, unit in zip(positions, units, strict=True) if p is not None and unit is None]
    if unstated:
        guess = infer_unit(unstated)
        outcome = f"taken as {guess.name}, judged by their size" if guess else "left out"
        warnings.append(f"The file does not say in which unit its wavelengths are; they were {outcome}.")
        units = [unit or guess for unit in units]
    return positions, units


def _column(tags: RasterTags, keys: Sequence[str], warnings: list[str]) -> list[str | None]:
    """One text per band for the first of ``keys`` that a source has."""
    count = len(tags.descriptions)
    values = [_first(band, keys) for band in tags.band]
    if any(v is not None for v in values):
        return values
    for source in (tags.envi, tags.dataset):
        text = _first(source, keys)
        if text is None:
            continue
        listed: list[str | None] = [part.strip() for part in text.strip().strip("{}").split(",") if part.strip()]
        if len(listed) == count:
            return listed
        warnings.append(f"The file lists {len(listed)} values of {keys[0]!r} for {count} bands; the list was ignored.")
    return [None] * count


def _units(tags: RasterTags) -> list[str | None]:
    """Name of the unit of each band: the band's own, else the one of the header or dataset."""
    common = _first(tags.envi, _UNITS) or _first(tags.dataset, _UNITS)
    return [_first(band, _UNITS) or common for band in tags.band]


def _in_nm(positions: Sequence[float | None], units: Sequence[SpectralUnit | None]) -> tuple[float | None, ...]:
    return tuple(
        None if p is None or unit is None else round(unit.to_nm(p), 6) or None
        for p, unit in zip(positions, units, strict=True)
    )


def _widths_in_nm(
    widths: Sequence[float | None], positions: Sequence[float | None], units: Sequence[SpectralUnit | None]
) -> tuple[float | None, ...]:
    return tuple(
        None if w is None or p is None or unit is None else round(unit.width_to_nm(w, p), 6) or None
        for w, p, unit in zip(widths, positions, units, strict=True)
    )


def _normal(tags: Tags) -> dict[str, str]:
    return {re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_"): value for key, value in tags.items()}


def _first(tags: Tags, keys: Sequence[str]) -> str | None:
    return next((tags[key] for key in keys if tags.get(key, "").strip()), None)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def positive_number(text: str | None) -> float | None:
    """The number a tag states; None where it states none, or one that is not positive and finite."""
    value = _number(text)
    return value if value is not None and 0.0 < value < float("inf") else None
