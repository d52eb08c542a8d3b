"""Polygons whose spectra do not look like those of their class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from ..pixels.samples import IndexArray
from .separability import FloatArray, members_of_classes

FEWEST_POLYGONS = 5
"""Polygons that a class needs before one of them can be called odd: of fewer, one cannot decide which one is."""

_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""
_MOST_DEVIATION = 3.5
_CHANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class OddPolygon:
    """A polygon that is far from the others of its class.

    Parameters
    ----------
    group : its number.
    own_class : index of its class; ``nearest_class`` of the class it is nearest to, which may be the same.
    distance : Mahalanobis distance from the middle of its class; ``usual`` is the median over its polygons.
    """

    group: int
    own_class: int
    nearest_class: int
    distance: float
    usual: float


def find_odd_polygons(points: FloatArray, classes: IndexArray, groups: IndexArray) -> list[OddPolygon]:
    """Polygons whose mean spectrum is an outlier of their class, the farthest first.

    The middle of a class is the median of its polygons' means, so that an odd one does not move it. The scale is the
    covariance within polygons plus the spread between their means, the latter from median absolute deviations. A
    polygon is odd if its distance is beyond what one in a thousand reaches by chance (chi-squared), and 3.5 robust
    deviations beyond the distance that is usual in its class (Iglewicz and Hoaglin 1993).

    Parameters
    ----------
    points : places of the pixels in a :class:`~hsi_engine.label_check.separability.SpectralSpace`, (n, components).
    classes, groups : class index and polygon number of each, (n,). A polygon has one class.
    """
    k = points.shape[1]
    limit = float(np.sqrt(chdtri(k, _CHANCE)))  # quantile of chi-squared
    numbers, first, member = np.unique(groups, return_index=True, return_inverse=True)
    sizes = np.bincount(member)
    means = np.stack([np.bincount(member, weights=points[:, axis]) / sizes for axis in range(k)], axis=1)
    own = classes[first]
    of_class, pixels_of = members_of_classes(own), members_of_classes(classes)
    middles, precisions, present = {}, {}, list(of_class)
    for c, which in of_class.items():
        centre = np.median(means[which], axis=0)
        spread = _TO_SIGMA * np.median(np.abs(means[which] - centre), axis=0)
        inside = points[pixels_of[c]] - means[member[pixels_of[c]]]
        weight = k + 1  # towards the identity, the covariance common to all classes
        within = (inside.T @ inside + weight * np.eye(k)) / (len(inside) - len(which) + weight)
        middles[c], precisions[c] = centre, np.linalg.inv(within + np.diag(spread**2))

    def distance(which: IndexArray, c: int) -> FloatArray:
        offset = means[which] - middles[c]
        found: FloatArray = np.sqrt(np.einsum("ij,jk,ik->i", offset, precisions[c], offset))
        return found

    centres, inverses = np.stack(list(middles.values())), np.stack(list(precisions.values()))
    odd = []
    for c, which in of_class.items():
        if len(which) < FEWEST_POLYGONS:
            continue
        distances = distance(which, c)
        usual = float(np.median(distances))
        spread_of_distances = _TO_SIGMA * float(np.median(np.abs(distances - usual)))
        beyond = (distances > limit) & (distances - usual > _MOST_DEVIATION * spread_of_distances)
        for at in np.flatnonzero(beyond):
            offsets = means[which[at]] - centres
            nearest = present[int(np.einsum("cj,cjk,ck->c", offsets, inverses, offsets).argmin())]
            odd.append(
                OddPolygon(
                    group=int(numbers[which[at]]),
                    own_class=int(c),
                    nearest_class=int(nearest),
                    distance=float(distances[at]),
                    usual=usual,
                )
            )
    return sorted(odd, key=lambda polygon: -polygon.distance / max(polygon.usual, 1e-9))
