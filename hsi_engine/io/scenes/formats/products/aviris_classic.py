"""AVIRIS (the classic instrument): an ENVI image with text files of its wavelengths (``.spc``) and gains (``.gain``) next to it.

Whole numbers, most significant byte first; -50 means no data and is not declared. A radiance is ``number / gain`` of the band, a
reflectance ``number / 10000``. Wavelengths step back at the three joins of the four spectrometers, so bands are sorted
(AVIRIS distribution documents, JPL).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

from .....errors import SceneError
from .....spectrum.bands import BandTable
from ....files.source_names import is_gdal_name
from ....rasters.open_raster import resolve_raster_path
from ...source import Scene, SceneFormat
from .. import envi
from ..xml_products.image import ProductPixels, ProductSource, describe_image

_NODATA = -50
_PER_REFLECTANCE = 10_000.0
_REFLECTANCE = re.compile(r"rfl|refl", re.IGNORECASE)
_SPECTRA, _GAINS = ".spc", ".gain"
_MAX_BYTES = 1 << 20


def recognises(path: Path) -> bool:
    """Whether a path is an ENVI image with a ``.spc`` or ``.gain`` file of its name, or the header of one."""
    return not is_gdal_name(path) and path.is_file() and bool(_companions(path)) and envi.recognises(path)


def describe(path: Path) -> Scene:
    """Describe an image with its wavelengths and gains.

    Raises
    ------
    SceneError : the image cannot be opened, or the text next to it has another number of lines than there are bands.
    """
    image = describe_image(resolve_raster_path(path))
    found = _companions(path)
    count = len(image.bands)
    bands, scale, notes = image.bands, image.scale, list(image.warnings)
    if _SPECTRA in found:
        rows = _rows(found[_SPECTRA], count)
        wavelengths = tuple(row[0] for row in rows)
        widths = tuple(row[1] if len(row) > 1 and row[1] > 0 else None for row in rows)
        bands = BandTable(names=bands.names, wavelength_nm=wavelengths, fwhm_nm=widths, good=bands.good)
    if _GAINS in found:
        gains = [row[0] for row in _rows(found[_GAINS], count)]
        scale = tuple(1.0 / gain for gain in gains)
        notes.append(
            f"Numbers are divided by the gains of {found[_GAINS].name}: values are radiance in µW cm-2 nm-1 sr-1."
        )
    elif _REFLECTANCE.search(image.path.name) and set(scale) == {1.0} and image.dtype == "int16":
        scale = (1.0 / _PER_REFLECTANCE,) * count
        notes.append("Numbers are divided by 10,000: values are reflectance.")
    nodata = image.band_nodata
    if image.dtype == "int16" and all(value is None for value in nodata):
        nodata = (_NODATA,) * count
        notes.append(f"{_NODATA} means no data, as in all images of AVIRIS, which do not declare it.")
    order = _by_wavelength(bands)
    return replace(
        image,
        bands=bands.select(order),
        scale=tuple(scale[i] for i in order),
        offset=tuple(image.offset[i] for i in order),
        shown_scaling=tuple(image.shown_scaling[i] for i in order),
        nodata=nodata[order[0]],
        band_nodata=tuple(nodata[i] for i in order),
        bad_reasons={place: image.bad_reasons[i] for place, i in enumerate(order) if i in image.bad_reasons},
        shown_bands=order,
        driver="AVIRIS, ENVI",
        texts={"sensor": "AVIRIS", **image.texts},
        files=tuple(dict.fromkeys((*image.files, *map(str, found.values())))),
        warnings=tuple(notes),
        source=ProductSource(image=image, order=order, quality=()),
    )


def _by_wavelength(bands: BandTable) -> tuple[int, ...]:
    """0-based bands of the image by wavelength; in its order if one of them has none."""
    wavelengths = bands.wavelength_nm
    if any(wavelength is None for wavelength in wavelengths):
        return tuple(range(len(bands)))
    return tuple(sorted(range(len(bands)), key=lambda band: (wavelengths[band] or 0.0, band)))


def _companions(path: Path) -> dict[str, Path]:
    """The text files next to an image whose names its own begins with, by ending; of several the longest."""
    try:
        near = sorted(path.parent.iterdir(), key=lambda file: (len(file.name), file.name))
    except OSError:
        return {}
    own = path.name.lower()
    return {
        file.suffix.lower(): file
        for file in near
        if file.suffix.lower() in (_SPECTRA, _GAINS) and file.stem and own.startswith(file.stem.lower())
    }


def _rows(file: Path, count: int) -> list[list[float]]:
    """The positive numbers at the beginning of each line, one line per band.

    Raises
    ------
    SceneError : it cannot be read, or has other lines.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(_MAX_BYTES).decode("ascii", errors="replace")
    except OSError as error:
        raise SceneError(f"{file} cannot be read: {error.strerror}.", code="metadata") from error
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]
    rows = [_numbers(words) for words in lines]
    wrong = next((i for i, row in enumerate(rows) if not row or row[0] <= 0), None)
    if len(rows) != count or wrong is not None:
        what = (
            f"line {wrong + 1} of these is {' '.join(lines[wrong])[:40]!r}" if wrong is not None else "all with numbers"
        )
        raise SceneError(
            f"{file} is expected to hold a positive number for each of the {count} bands of the image; it has {len(rows)}"
            f" lines, {what}.",
            code="metadata",
            hint="Copy or download the file again, or move it to another folder to open the image without it.",
        )
    return rows


def _numbers(words: list[str]) -> list[float]:
    """The numbers before the first word that is not a finite one."""
    found: list[float] = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            break
        if not math.isfinite(value):
            break
        found.append(value)
    return found


AVIRIS_CLASSIC = SceneFormat(name="aviris_classic", recognises=recognises, describe=describe, open=ProductPixels)
