"""Which bands a person means by a string such as ``1-20, 30, 400-900nm``."""

from __future__ import annotations

import re

from ..errors import ParameterError
from ..foreign.text import shown
from .bands import BandTable

# Of as many digits as the largest number that a band or a wavelength can have, and then some.
_NUMBER = r"([0-9]{1,12}(?:\.[0-9]{1,12})?)"
_PART = re.compile(rf"{_NUMBER}(?:\s*[-–]\s*{_NUMBER})?\s*(nm|µm|μm|um)?", re.IGNORECASE)
_FORMS = "Write band numbers and ranges separated by commas, such as 1-20, 30, and wavelengths with their unit, such as 400-900nm."


def parse_band_selection(text: str, bands: BandTable) -> tuple[int, ...]:
    """Read a band selection.

    Parameters
    ----------
    text : parts separated by commas; each is a band number counted from 1, a range of numbers (both ends
        included), or a wavelength or range of wavelengths with the unit nm or µm.
    bands : the table the selection is about.

    Returns
    -------
    0-based indices in rising order, each once.

    Raises
    ------
    ParameterError : a part cannot be read, or names no band of the table.
    """
    chosen: set[int] = set()
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if not parts:
        raise ParameterError("The band selection is empty.", code="band_selection_empty", hint=_FORMS)
    for part in parts:
        found = _PART.fullmatch(part)
        if found is None:
            raise ParameterError(
                f"The band selection {shown(text)!r} holds {shown(part)!r}, which is neither a band number nor a wavelength.",
                code="band_selection_format",
                hint=_FORMS,
            )
        first, last, unit = found.groups()
        if float(last or first) < float(first):
            raise ParameterError(
                f"The range {part!r} of the band selection ends before it begins.",
                code="band_selection_range",
                hint=f"Write it as {last}-{first}{unit or ''}.",
            )
        if unit:
            factor = 1.0 if unit.lower() == "nm" else 1000.0
            end = None if last is None else float(last) * factor
            chosen.update(_by_wavelength(part, float(first) * factor, end, bands))
        else:
            chosen.update(_by_number(part, first, last or first, bands))
    return tuple(sorted(chosen))


def _by_number(part: str, first: str, last: str, bands: BandTable) -> range:
    if "." in first or "." in last:
        raise ParameterError(
            f"{part!r} in the band selection is not a whole band number.",
            code="band_selection_format",
            hint=f"If you mean a wavelength, add its unit: {part}nm.",
        )
    if int(first) < 1 or int(last) > len(bands):
        raise ParameterError(
            f"{part!r} in the band selection lies outside the scene's bands, which run from 1 to {len(bands)}.",
            code="band_selection_outside",
            hint=f"If you mean a wavelength, add its unit: {part}nm.",
        )
    return range(int(first) - 1, int(last))


def _by_wavelength(part: str, start_nm: float, end_nm: float | None, bands: BandTable) -> list[int]:
    known = [(w, i) for i, w in enumerate(bands.wavelength_nm) if w is not None]
    if not known:
        raise ParameterError(
            f"The band selection asks for {part!r}, but the scene states no wavelengths.",
            code="band_selection_no_wavelengths",
            hint=f"Select by band number, 1 to {len(bands)}.",
        )
    if end_nm is not None:
        found = [i for w, i in known if start_nm <= w <= end_nm]
    else:
        distance, nearest = min((abs(w - start_nm), i) for w, i in known)
        found = [nearest] if distance <= bands.tolerance_nm(nearest) else []
    if not found:
        raise ParameterError(
            f"No band lies at {part!r}; the scene has {bands.describe()}.",
            code="band_selection_outside",
            hint="Widen the range.",
        )
    return found
