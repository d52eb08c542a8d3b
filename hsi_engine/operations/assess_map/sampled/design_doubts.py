"""What the points of a stated design say against it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ....evaluation.design_based.point_pattern import chance_of_count, clumps, spread
from ....phrases import counted
from .map_values import MeasuredMap, has_class
from .points import ReferencePoints

# So rare that an honest sample hardly ever meets it.
_CONTRADICTION = 1e-4


def doubts_on_design(points: ReferencePoints, measured: MeasuredMap, reference: str) -> tuple[str, ...]:
    """Warnings if points of a stated design plainly contradict it; see :mod:`hsi_engine.evaluation.design_based.point_pattern`.

    That a grid was stated as random points, or the other way round, is no reason: both are computed alike.

    Parameters
    ----------
    measured : the map that they were drawn over, with its values at the points.
    reference : name of the file of the points.
    """
    if not points.stated:
        return ()
    return (*_uneven(points, measured, reference), *_shares(points, measured), *_clumped(points, measured))


def _uneven(points: ReferencePoints, measured: MeasuredMap, reference: str) -> Iterator[str]:
    """Where pixels of the same chance were drawn more often than elsewhere."""
    by_class = points.design == "stratified"
    if by_class and not points.strata_are_classes:
        return
    step = measured.thinned_step
    values, places = measured.at_points, _positions(points)
    groups = [(values == v, measured.thinned == v) for v in measured.classes]
    if not by_class:
        groups = [(has_class(values), has_class(measured.thinned))]
    found = spread([(places[own], np.argwhere(of).astype(np.float64) * step + (step - 1) / 2) for own, of in groups])
    if found is None or found.p_value >= _CONTRADICTION:
        return
    within = " within its classes" if by_class else ""
    yield (
        f"The points of {reference} are not spread over the map as a draw at random would spread them{within}: parts of it that should"
        f" hold about {found.expected:,.0f} of them hold {found.found:,} (chi-squared test over {found.parts:,} parts, p < 0.0001). If"
        " they were drawn in a part of the map, or more densely there, the figures are not those of the whole map."
    )


def _shares(points: ReferencePoints, measured: MeasuredMap) -> Iterator[str]:
    """The class of the map that points lie in too often or too seldom, if each pixel had the same chance."""
    if points.design == "stratified":
        return
    values = measured.at_points[has_class(measured.at_points)]
    names = {c.value: c.name for c in measured.legend}
    n, tests = len(values), len(measured.classes)
    shares = {v: found.pixels / measured.classified_pixels for v, found in measured.classes.items()}
    lying = {v: int((values == v).sum()) for v in shares}
    chances = {v: tests * chance_of_count(lying[v], n, shares[v]) for v in shares}
    least = min(chances, key=lambda value: chances[value])
    if tests < 2 or chances[least] >= _CONTRADICTION:
        return
    yield (
        f"{lying[least]:,} of {counted(n, 'point')} lie where the map shows {names.get(least, str(least))}; if each pixel of the map"
        f" had the same chance, it would be about {n * shares[least]:,.0f} (binomial test, p < 0.0001). If points were drawn within"
        " the classes, state the design stratified."
    )


def _clumped(points: ReferencePoints, measured: MeasuredMap) -> Iterator[str]:
    """Points that lie closer together than single draws."""
    places = _positions(points)
    found = clumps(
        [(places[points.strata == number], stratum.pixels) for number, stratum in enumerate(points.known_strata)]
    )
    if found is None or found.p_value >= _CONTRADICTION:
        return
    yield (
        f"The points lie in clumps: {found.found:,} pairs of them are within {found.radius_px} pixels of each other; if each was drawn"
        f" alone, it would be about {found.expected:,.0f} at most (p < 0.0001). Neighbouring points say less than as many single"
        " ones: the intervals are too narrow."
    )


def _positions(points: ReferencePoints) -> npt.NDArray[np.float64]:
    return np.stack([points.rows, points.cols], axis=1).astype(np.float64)
