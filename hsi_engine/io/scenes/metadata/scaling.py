"""Scale and offset of the bands of a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ....spectrum.bands import named_bands
from ...rasters.band_tags import RasterTags, is_number, list_ignored, number_and_unit, split_list


def scale_and_offset(dataset: Any, tags: RasterTags) -> tuple[tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Scale and offset of each band of an open rasterio dataset as stated, and notes on what could not be read.

    A value is ``number * scale + offset``.
    """
    notes: list[str] = []
    scale = _listed(dataset.scales, tags, "data gain values", 1.0, notes)
    offset = _listed(dataset.offsets, tags, "data offset values", 0.0, notes)
    if all(s == 1 for s in scale) and all(o == 0 for o in offset):
        scale = [1.0 / _reflectance_scale_factor(tags, notes)] * len(scale)
    return tuple(scale), tuple(offset), tuple(notes)


def without_unusable(
    scale: Sequence[float], offset: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Scale and offset of each band, 1 and 0 where they would leave no number, and a note on those."""
    wrong = [i for i, (s, o) in enumerate(zip(scale, offset, strict=True)) if s == 0 or not math.isfinite(s + o)]
    if not wrong:
        return tuple(scale), tuple(offset), ()
    note = f"Scale {scale[wrong[0]]:g} and offset {offset[wrong[0]]:g} of {named_bands(wrong)} were ignored."
    used = [(1.0, 0.0) if i in wrong else pair for i, pair in enumerate(zip(scale, offset, strict=True))]
    return tuple(s for s, _ in used), tuple(o for _, o in used), (note,)


def _listed(by_gdal: Any, tags: RasterTags, name: str, neutral: float, notes: list[str]) -> list[float]:
    """What GDAL reports, unless an ENVI header has a list of another length, of which GDAL takes the beginning.

    GDAL does not read a header next to a GeoTIFF: there, the list counts.
    """
    listed = split_list(tags.envi.get(name.replace(" ", "_"), ""))
    if not listed:
        return list(by_gdal)
    if len(listed) == len(by_gdal):
        readable = all(map(is_number, listed)) and all(value == neutral for value in by_gdal)
        return [float(text) for text in listed] if readable else list(by_gdal)
    notes.append(list_ignored(name, len(listed), len(by_gdal)))
    return [neutral] * len(by_gdal)


def _reflectance_scale_factor(tags: RasterTags, notes: list[str]) -> float:
    """The factor by which ENVI divides, a field that GDAL does not know; 1 if there is none."""
    text = tags.envi.get("reflectance_scale_factor", "").strip()
    if not text:
        return 1.0
    number = number_and_unit(text)
    if number is not None and not number[1] and 0 < number[0] < math.inf:
        return number[0]
    notes.append(f"The reflectance scale factor {text!r} cannot be read; values are used without scaling.")
    return 1.0
