"""Which bands are used where two detectors of an instrument cover the same wavelengths (EnMAP, PRISMA)."""

from __future__ import annotations

import statistics
from typing import Literal

from ..source import Scene

DetectorOverlap = Literal["vnir", "swir", "both"]

DOUBLE = "overlap of the detectors"


def doubles(scene: Scene, chosen: DetectorOverlap) -> dict[int, str]:
    """The bands that are left out because a band of the other detector stands for them, with the reason.

    The rule: of two detectors, that of the shorter wavelengths is ``vnir``. All its good bands are used, and of the other
    those beyond its longest wavelength; with ``swir`` all of the other, and of the first those below the shortest
    wavelength of the other; with ``both`` all bands. More than two detectors, and bands without a wavelength or
    detector, are left as they are.

    Parameters
    ----------
    scene : as its format describes it.

    Returns
    -------
    0-based bands and ``overlap of the detectors``.
    """
    places: dict[str, dict[int, float]] = {}
    for band, detector in enumerate(scene.detectors):
        wavelength = scene.bands.wavelength_nm[band]
        if detector and wavelength is not None and scene.bands.good[band]:
            places.setdefault(detector, {})[band] = wavelength
    if chosen == "both" or len(places) != 2:
        return {}
    first, second = sorted(places.values(), key=lambda bands: statistics.median(bands.values()))
    longest, shortest = max(first.values()), min(second.values())
    left_out = (
        [band for band, wavelength in second.items() if wavelength <= longest]
        if chosen == "vnir"
        else [band for band, wavelength in first.items() if wavelength >= shortest]
    )
    return dict.fromkeys(left_out, DOUBLE)
