"""Whether points look as if they had been drawn at random over the pixels of a map.

A test can contradict a design, but not confirm it. All of these hold for draws with and without replacement, and for regular grids, whose
points are spread more evenly than random ones. Positions are (points, 2) or (pixels, 2): row and column, in pixels.

References
----------
Clopper, C. J. and Pearson, E. S. (1934): The use of confidence or fiducial limits. Biometrika 26, 404–413 (exact test of one count).
Pearson, K. (1900): On the criterion that a given system of deviations from the probable in the case of a correlated system of
variables is such that it can be reasonably supposed to have arisen from random sampling. Philosophical Magazine 50, 157–175
(chi-squared test).
Diggle, P. J. (2003): Statistical analysis of spatial point patterns. 2nd edition, Arnold (counts in quadrats, pairs within a
distance).
Silverman, B. W. and Brown, T. C. (1978): Short distances, flat triangles and Poisson limits. Journal of Applied Probability 15,
815–825 (the number of close pairs of independent points is nearly a Poisson variable).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.float64]

# Points that a part of the map should hold, so that chi-squared is a good approximation far out in its tail.
_POINTS_PER_PART = 10
_FEWEST_PER_PART = 5.0
_MOST_PARTS = 400
# Two pixels, doubled as long as a neighbourhood is a small part of the map.
_FIRST_RADIUS_PX = 2
_LARGEST_NEIGHBOURHOOD = 0.02
# Pairs in excess, per point, below which clumps would change no interval.
_EXCESS = 0.1


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How evenly points are spread over the parts of a map: a p-value, and what the parts with too few should hold and do hold."""

    p_value: float
    parts: int
    expected: float
    found: int


@dataclass(frozen=True, kw_only=True)
class Clumps:
    """Pairs of points within ``radius_px`` of each other: as found, and at most as many as independent points would make."""

    p_value: float
    radius_px: int
    expected: float
    found: int


def chance_of_count(found: int, points: int, share: float) -> float:
    """Two-sided p-value of ``found`` of ``points`` in a part of the map that holds ``share`` of its pixels (exact binomial test)."""
    from scipy.stats import binomtest  # takes most of a second, and most assessments have no use for it

    return float(binomtest(found, points, min(max(share, 0.0), 1.0)).pvalue)


def spread(strata: Sequence[tuple[Positions, Positions]]) -> Spread | None:
    """Chi-squared test of the points in parts of about equal size, within each stratum; None if there are too few points.

    Parameters
    ----------
    strata : positions of the points of each stratum, and of its pixels: all of them, or those of a lattice over the map.
    """
    from scipy.stats import chi2

    statistic, freedom, few, should = 0.0, 0, 0, 0.0
    for points, pixels in strata:
        if len(points) < 2 * _POINTS_PER_PART or len(pixels) < 2:
            continue
        found, expected = _counts_in_parts(points, pixels)
        if len(found) < 2:
            continue
        # The pixels of a lattice are a sample too.
        statistic += float(((found - expected) ** 2 / expected).sum()) / (1 + len(points) / len(pixels))
        freedom += len(found) - 1
        few += int(found[found < expected].sum())
        should += float(expected[found < expected].sum())
    if not freedom:
        return None
    return Spread(p_value=float(chi2.sf(statistic, freedom)), parts=freedom + 1, expected=should, found=few)


def _counts_in_parts(points: Positions, pixels: Positions) -> tuple[Positions, Positions]:
    """Points in each part, found and expected: bands of rows, each cut by columns, so that all hold about as many pixels."""
    parts = min(len(points) // _POINTS_PER_PART, _MOST_PARTS)
    bands = max(1, round(math.sqrt(parts)))
    across = max(2, parts // bands)
    cuts = _cuts(pixels[:, 0], bands)
    band_of_pixel, band_of_point = (np.searchsorted(cuts, at[:, 0], side="right") for at in (pixels, points))
    found: list[npt.NDArray[np.int64]] = []
    held: list[npt.NDArray[np.int64]] = []
    for band in range(bands):
        columns, own = pixels[band_of_pixel == band, 1], points[band_of_point == band, 1]
        inner = _cuts(columns, across) if len(columns) else np.empty(0)
        for into, values in ((held, columns), (found, own)):
            into.append(np.bincount(np.searchsorted(inner, values, side="right"), minlength=across).astype(np.int64))
    expected = np.concatenate(held).astype(np.float64) * (len(points) / len(pixels))
    return _merged(np.concatenate(found).astype(np.float64), expected)


def _cuts(values: Positions, parts: int) -> Positions:
    return np.asarray(np.quantile(values, np.arange(1, parts) / parts))


def _merged(found: Positions, expected: Positions) -> tuple[Positions, Positions]:
    """The parts, with those that should hold few points put together."""
    order = np.argsort(expected)
    found, expected = found[order], expected[order]
    small = int((expected < _FEWEST_PER_PART).sum())
    if small and expected[:small].sum() < _FEWEST_PER_PART:
        small = min(small + 1, len(expected))
    if small < 2:
        return found, expected
    both = (np.concatenate([[values[:small].sum()], values[small:]]) for values in (found, expected))
    return next(both), next(both)


def clumps(strata: Sequence[tuple[Positions, float]]) -> Clumps | None:
    """Count the pairs of points that lie close together, at several distances, and compare with independent points.

    A pixel has at most as many neighbours as there are offsets within the radius, wherever the pixels of the stratum lie; so of
    n points in N pixels at most n (n − 1) / 2 · offsets / N pairs are expected. The p-value is that of the radius that speaks most
    against independence, times the number of radii (Bonferroni).

    Parameters
    ----------
    strata : positions of the points of each stratum, and how many pixels it has.

    Returns
    -------
    None if there is no radius to look at, or too few pairs in excess to change anything.
    """
    from scipy.spatial import cKDTree
    from scipy.stats import poisson

    total = sum(pixels for _, pixels in strata)
    number = sum(len(points) for points, _ in strata)
    radii = []
    radius = _FIRST_RADIUS_PX
    while offsets_within(radius) <= _LARGEST_NEIGHBOURHOOD * total:
        radii.append(radius)
        radius *= 2
    trees = [(cKDTree(points), len(points), pixels) for points, pixels in strata if len(points) > 1]
    worst: Clumps | None = None
    for radius in radii:
        share = offsets_within(radius)
        expected = sum(n * (n - 1) / 2 * min(1.0, share / pixels) for _, n, pixels in trees)
        found = sum((int(tree.count_neighbors(tree, radius + 1e-6)) - n) // 2 for tree, n, _ in trees)
        p_value = min(1.0, len(radii) * float(poisson.sf(found - 1, expected)))
        if found - expected >= _EXCESS * number and (worst is None or p_value < worst.p_value):
            worst = Clumps(p_value=p_value, radius_px=radius, expected=expected, found=found)
    return worst


def offsets_within(radius_px: int) -> int:
    """Pixels whose centres lie within a radius of that of a pixel, itself included."""
    steps = np.arange(-radius_px, radius_px + 1)
    return int((steps[:, None] ** 2 + steps**2 <= radius_px**2).sum())
