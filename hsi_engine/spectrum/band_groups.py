"""Groups of neighbouring bands that carry much the same information."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

RULE = (
    "Neighbouring groups of bands are merged, the two whose mean values correlate most first, until no two neighbours reach a"
    " correlation of {correlation:g} over the labelled pixels and there are at most {most} groups."
)
"""How :func:`group_bands` makes groups, for people."""


def band_order(wavelength_nm: Sequence[float | None]) -> npt.NDArray[np.int64]:
    """Positions of bands by rising wavelength; as they are if one of them has none."""
    if any(w is None for w in wavelength_nm):
        return np.arange(len(wavelength_nm))
    return np.argsort(np.array(wavelength_nm, dtype=np.float64), kind="stable").astype(np.int64)


def group_bands(
    spectra: npt.NDArray[np.floating], order: npt.NDArray[np.int64], *, correlation: float, most: int
) -> list[npt.NDArray[np.int64]]:
    """Groups of bands that are next to one another, see :data:`RULE`.

    Parameters
    ----------
    spectra : (pixels, bands), two pixels or more.
    order : positions of the bands in the order in which they are neighbours.
    correlation : neighbours that reach it are merged, 0 to 1; Pearson's, of the means of standardised bands.
    most : neighbours that correlate less are merged too while there are more groups.

    Returns
    -------
    The positions of the bands of each group, in order.
    """
    values = np.asarray(spectra, dtype=np.float64)[:, order]
    values = values - values.mean(axis=0)
    deviation = values.std(axis=0)
    # A band that does not vary tells pixels apart as little as any other says it does.
    values = np.divide(values, deviation, out=np.zeros_like(values), where=deviation > 0)
    groups = [np.array([at]) for at in range(len(order))]
    sums = [values[:, at] for at in range(len(order))]
    near = [_correlation(a, b) for a, b in pairwise(sums)]
    while near and (max(near) >= correlation or len(groups) > most):
        at = int(np.argmax(near))
        groups[at : at + 2] = [np.concatenate(groups[at : at + 2])]
        sums[at : at + 2] = [sums[at] + sums[at + 1]]
        del near[at]
        if at > 0:
            near[at - 1] = _correlation(sums[at - 1], sums[at])
        if at < len(near):
            near[at] = _correlation(sums[at], sums[at + 1])
    return [order[group] for group in groups]


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else 1.0
