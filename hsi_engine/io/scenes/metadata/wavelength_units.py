"""Spectral positions in whatever unit a file uses, as wavelengths in nm."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LIGHT_NM_PER_S = 2.99792458e17

_NM_PER_UNIT = {
    "nm": 1.0, "nanometer": 1.0, "nanometre": 1.0,
    "um": 1e3, "µm": 1e3, "μm": 1e3, "micron": 1e3, "micrometer": 1e3, "micrometre": 1e3,
    "mm": 1e6, "millimeter": 1e6, "millimetre": 1e6,
    "cm": 1e7, "centimeter": 1e7, "centimetre": 1e7,
    "m": 1e9, "meter": 1e9, "metre": 1e9,
    "a": 0.1, "å": 0.1, "angstrom": 0.1, "ångström": 0.1,
}  # fmt: skip
_WAVENUMBER = {"wavenumber", "cm-1", "1/cm", "cm^-1", "cm⁻¹"}
_HZ_PER_UNIT = {"hz": 1.0, "mhz": 1e6, "ghz": 1e9, "thz": 1e12}
_IN_FRONT = re.compile(r"^wavelengths?\s*(in\b)?\s*", re.IGNORECASE)
_FILLING = frozenset({"", "s", "wavelength", "wavelengths"})
_UNSTATED = frozenset(
    {"", "unknown", "none", "null", "n/a", "na", "nan", "-", "unspecified", "undefined", "not specified"}
)

# Outside this range no imaging spectrometer works: far ultraviolet to the end of the thermal infrared.
PLAUSIBLE_NM = (100.0, 1e5)


@dataclass(frozen=True, kw_only=True)
class SpectralUnit:
    """How to turn positions and widths of one unit into nm.

    Parameters
    ----------
    name : as a person would write it.
    to_nm : position to wavelength in nm.
    reciprocal : True for wavenumbers and frequencies: the width of a band then depends on its position.
    """

    name: str
    to_nm: Callable[[float], float]
    reciprocal: bool = False

    def width_to_nm(self, width: float, position: float) -> float:
        """Width of a band in nm; for small widths ``|dλ| = λ · dν / ν`` if the unit is reciprocal."""
        return self.to_nm(position) * width / position if self.reciprocal else self.to_nm(width)


def parse_unit(text: str | None) -> SpectralUnit | None:
    """The unit a file names, also as ``Nanometer(s)`` or ``wavelength (nm)``; None if it names no unit of wavelength."""
    whole = _exact(text or "")
    if whole is not None:
        return whole
    parts = [part.strip() for part in re.split(r"[()\[\]]", text or "")]
    units = [_exact(_IN_FRONT.sub("", part)) for part in parts if part.lower() not in _FILLING]
    first = units[0] if units else None
    same = first is not None and all(unit is not None and unit.to_nm(2.0) == first.to_nm(2.0) for unit in units)
    return first if same else None


def says_no_unit(text: str | None) -> bool:
    """Whether text leaves the unit open, unlike one that names something else (a date, an index)."""
    return (text or "").strip().lower() in _UNSTATED


def _exact(text: str) -> SpectralUnit | None:
    key = re.sub(r"[\s_]", "", text.strip().rstrip(".").lower())
    if text.strip() == "a":  # a year; ångströms are written A
        return None
    for candidate in (key, key.removesuffix("s")):
        if candidate in _NM_PER_UNIT:
            return _scaled(text, _NM_PER_UNIT[candidate])
        if candidate in _WAVENUMBER:
            return SpectralUnit(name="wavenumber (1/cm)", to_nm=lambda v: 1e7 / v, reciprocal=True)
        if candidate in _HZ_PER_UNIT:
            return _frequency(text, _HZ_PER_UNIT[candidate])
    return None


def rounded_nm(value: float) -> float | None:
    """A wavelength or width in nm as tables hold it; None if it is not a positive number, or as good as none."""
    return (round(value, 6) or None) if 0 < value < float("inf") else None


def infer_unit(positions: Sequence[float]) -> SpectralUnit | None:
    """Guess the unit of wavelengths from their magnitude; None if nothing is likely.

    The bounds leave a wide gap around the wavelengths in use (about 300 to 15,000 nm) in each unit. Running
    numbers 1, 2, 3, … are band numbers, not wavelengths.
    """
    if not positions or list(positions) == [float(i + 1) for i in range(len(positions))]:
        return None
    middle = statistics.median(positions)
    if 100.0 <= middle < 1e5:
        return _scaled("nanometres", 1.0)
    if 0.1 <= middle < 100.0:
        return _scaled("micrometres", 1e3)
    if 1e-7 <= middle < 1e-4:
        return _scaled("metres", 1e9)
    return None


def is_plausible(wavelength_nm: float) -> bool:
    """True for a wavelength in nm that an imaging spectrometer could measure."""
    return math.isfinite(wavelength_nm) and PLAUSIBLE_NM[0] <= wavelength_nm <= PLAUSIBLE_NM[1]


def _scaled(name: str, factor: float) -> SpectralUnit:
    return SpectralUnit(name=name.strip(), to_nm=lambda value: value * factor)


def _frequency(name: str, hertz: float) -> SpectralUnit:
    return SpectralUnit(name=name.strip(), to_nm=lambda value: _LIGHT_NM_PER_S / (value * hertz), reciprocal=True)
