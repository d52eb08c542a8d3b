"""The bands of a scene for its page: values, remarks, and why some are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ...io.scenes.statistics import SceneStatistics
from ...io.scenes.usable_bands import UsableBands
from ...spectrum.bands import BandTable, band_numbers
from ..figures.scene import WATER_VAPOUR_NM

# Neighbouring bands of a spectrometer see nearly the same; if they do not, they show noise.
_UNLIKE_NEIGHBOURS = 0.5
_FEWEST_FOR_NOISE = 30
_FEWEST_PIXELS = 50
_MOST_NOISY = 0.25
_REPEATED = re.compile(r"band|nanometers?|micrometers?|nm|um|[\s\d.,:()_#-]+", re.IGNORECASE)


class ScenePixels(Protocol):
    """The part of a page on a scene that describes its bands."""

    @property
    def bands(self) -> BandTable: ...
    @property
    def why_bad(self) -> tuple[str, ...]: ...
    @property
    def statistics(self) -> SceneStatistics | None: ...
    @property
    def usable(self) -> UsableBands | None: ...


def noisy_bands(scene: ScenePixels) -> tuple[int, ...]:
    """0-based usable bands whose values hardly follow those of their neighbours; none if that is usual in the scene."""
    statistics, usable = scene.statistics, scene.usable
    if (
        statistics is None
        or usable is None
        or len(usable.indices) < _FEWEST_FOR_NOISE
        or len(statistics.sample) < _FEWEST_PIXELS
    ):
        return ()
    values = np.asarray(statistics.sample, dtype=np.float64)
    if all(scene.bands.wavelength_nm[band] is not None for band in usable.indices):
        order = np.argsort([scene.bands.wavelength_nm[band] or 0.0 for band in usable.indices], kind="stable")
    else:
        order = np.arange(len(usable.indices))
    centred = values[:, order] - values[:, order].mean(axis=0)
    norms = np.sqrt(np.square(centred).sum(axis=0))
    norms[norms == 0] = np.inf  # a constant band is reported as such
    beside = (centred[:, 1:] * centred[:, :-1]).sum(axis=0) / (norms[1:] * norms[:-1])
    # The better of both sides: a detector begins, or its neighbour is the noisy one.
    best = np.maximum(np.append(beside, -1.0), np.insert(beside, 0, -1.0))
    found = [usable.indices[order[at]] for at in np.flatnonzero((best < _UNLIKE_NEIGHBOURS) & np.isfinite(norms))]
    return tuple(sorted(found)) if len(found) <= _MOST_NOISY * len(usable.indices) else ()


def constant_bands(scene: ScenePixels) -> list[int]:
    """0-based usable bands that hold a single value."""
    if scene.statistics is None or scene.usable is None:
        return []
    return [band for band in scene.statistics.constant if band in scene.usable.indices]


def band_row(scene: ScenePixels, index: int, noisy: Sequence[int], digits: int | None) -> dict[str, Any]:
    values = None if scene.statistics is None else scene.statistics.bands.get(index)
    wavelength, fwhm = scene.bands.wavelength_nm[index], scene.bands.fwhm_nm[index]
    reason = _reason(scene, index)
    remarks = [reason] if reason else []
    if values is not None and values.is_constant:
        remarks.append(f"every pixel holds {number_text(values.mean)}: no information")
    if index in noisy:
        remarks.append("unlike its neighbours: mostly noise?")
    if scene.usable is not None and index in scene.usable.indices and (vapour := _in_water_vapour(wavelength)):
        remarks.append(f"within {vapour}, where hardly any light arrives")
    return {
        "number": index + 1,
        "name": _own_name(scene.bands.names[index], wavelength),
        "wavelength": "–" if wavelength is None else f"{wavelength:.1f}",
        "fwhm": "–" if fwhm is None else f"{fwhm:.1f}",
        "cells": None
        if values is None
        else [_fixed(v, digits) for v in (values.minimum, values.mean, values.maximum, values.deviation)],
        "out": bool(reason),
        "remark": "; ".join(remarks),
    }


def _own_name(name: str, wavelength: float | None) -> str:
    """The name of a band, empty if it only repeats number or wavelength."""
    words = _REPEATED.sub("", name)
    if wavelength is not None:
        digits = f"{wavelength:.0f}", f"{int(wavelength)}", f"{wavelength / 1000:.3f}"
        words = "" if any(text in name for text in digits) else words
    return name if words.strip() else ""


def _reason(scene: ScenePixels, index: int) -> str:
    """Why a band is left out, empty if it is not."""
    if scene.why_bad[index]:
        empty = scene.statistics is not None and index in scene.statistics.flagged_empty
        vapour = _in_water_vapour(scene.bands.wavelength_nm[index])
        parts = [
            scene.why_bad[index],
            *(["holds no data"] if empty else []),
            *([f"within {vapour}"] if vapour else []),
        ]
        return ", ".join(parts)
    return "no pixel holds data" if scene.usable is not None and index in scene.usable.empty else ""


def _in_water_vapour(wavelength: float | None) -> str:
    within = any(wavelength is not None and low <= wavelength <= high for low, high in WATER_VAPOUR_NM)
    return "the absorption of water vapour" if within else ""


def left_out(scene: ScenePixels) -> list[dict[str, str]]:
    """Bands that are left out, those with one reason together."""
    groups: dict[str, list[int]] = {}
    for index in range(len(scene.bands)):
        if reason := _reason(scene, index):
            groups.setdefault(reason, []).append(index)
    return [
        {
            "bands": band_numbers(indices),
            "count": f"{len(indices):,}",
            "reason": reason,
            "nm": _range_nm(scene, indices),
        }
        for reason, indices in groups.items()
    ]


def _range_nm(scene: ScenePixels, indices: Sequence[int]) -> str:
    known = [w for i in indices if (w := scene.bands.wavelength_nm[i]) is not None]
    if not known:
        return "–"
    return f"{known[0]:.1f}" if len(known) == 1 else f"{min(known):.1f} to {max(known):.1f}"


def decimals(scene: ScenePixels) -> int | None:
    """Decimals of the values in the table of bands; None if they differ too much for a fixed number."""
    if scene.statistics is None:
        return None
    largest = max((abs(v.mean) + v.deviation for v in scene.statistics.bands.values()), default=0.0)
    if not 1e-3 <= largest < 1e7:
        return None
    return 4 if largest < 10 else 2 if largest < 1000 else 0


def _fixed(value: float, digits: int | None) -> str:
    return number_text(value) if digits is None else f"{value:,.{digits}f}".replace("-", "−")


def number_text(value: float, digits: int = 4) -> str:
    text = (
        f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.4e}" if abs(value) >= 1e7 else f"{value:,.0f}"
    )
    return text.replace("-", "−")
