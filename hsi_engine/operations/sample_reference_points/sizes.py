"""From what a user asks for to the number of points in each stratum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import MismatchError, ParameterError
from ...evaluation.design_based.sample_size import (
    equal_allocation,
    proportional_allocation,
    simple_sample_size,
    stratified_sample_size,
)
from ...phrases import counted
from .operation import SampleReferencePointsParams

_NAMED = 5
# A standard error that nobody would tell from the one that was asked for.
_AS_GOOD = 1.005


@dataclass(frozen=True, kw_only=True)
class StratumSize:
    """A stratum before points are drawn: its name, pixels, candidates, area, and class value if it is of one class."""

    name: str
    pixels: int
    candidates: int
    area_m2: float | None
    expected: float


def planned_points(params: SampleReferencePointsParams, strata: Sequence[StratumSize], notes: list[str]) -> list[int]:
    """Points of each stratum, of one stratum for designs without strata; what a user has to know goes to ``notes``.

    Raises
    ------
    ParameterError : fewer points than the minima of the strata need.
    MismatchError : there are fewer pixels than points.
    """
    drawable = [s for s in strata if s.candidates]
    if not drawable:
        raise MismatchError(
            "No pixel of the map has eight neighbours of its class, so none can be drawn.",
            code="no_candidates",
            hint="Leave out the pure neighbourhood.",
        )
    total = params.points if params.target_error is None else _needed(params, drawable, params.target_error, notes)
    available = sum(s.candidates for s in drawable)
    if total > available:
        raise MismatchError(
            f"{counted(total, 'point')} cannot be drawn: only {counted(available, 'pixel')} can be chosen.",
            code="too_few_pixels",
            hint="Ask for fewer points, or a larger target standard error, or sample a larger region.",
        )
    lowest = sum(min(s.candidates, params.minimum_per_stratum) for s in drawable)
    if params.design == "stratified" and lowest > total:
        raise ParameterError(
            f"{counted(total, 'point')} {'is' if total == 1 else 'are'} too few for {len(drawable)} {'stratum' if len(drawable) == 1 else 'strata'} with"
            f" at least {params.minimum_per_stratum} points each: that takes {lowest:,}.{_small(drawable, params.minimum_per_stratum)}",
            code="too_few_points",
            hint="Ask for more points or a smaller minimum per stratum, or use fewer strata.",
        )
    minimum = params.minimum_per_stratum if params.design == "stratified" else 0
    share_out = equal_allocation if params.allocation == "equal" else proportional_allocation
    shared = dict(zip(drawable, share_out(total, [s.candidates for s in drawable], minimum=minimum), strict=True))
    found = [shared.get(s, 0) for s in strata]
    if params.design == "stratified":
        reached = expected_standard_error(strata, found, stratified=True)
        if params.target_error is not None and reached > params.target_error * _AS_GOOD:
            notes.append(
                f"With this allocation it comes to {reached:.4f}: the number is that for the best allocation (Olofsson et al."
                " 2014, equation 13)."
            )
        _tell(strata, found, params.minimum_per_stratum, notes)
    return found


def _small(strata: Sequence[StratumSize], minimum: int) -> str:
    """A sentence on the strata that have fewer pixels than the minimum, of which all are taken; empty if there are none."""
    small = sorted((s for s in strata if s.candidates < minimum), key=lambda s: s.candidates)
    if not small:
        return ""
    shown = ", ".join(f"{s.name} ({s.candidates:,})" for s in small[:_NAMED])
    more = f" and {len(small) - _NAMED} more" if len(small) > _NAMED else ""
    one = len(small) == 1
    return f" Smaller {'stratum' if one else 'strata'}, of which every pixel is taken: {shown}{more}."


def _needed(params: SampleReferencePointsParams, strata: Sequence[StratumSize], target: float, notes: list[str]) -> int:
    pixels = [float(s.pixels) for s in strata]
    if params.design == "stratified":
        total = stratified_sample_size(pixels, [s.expected for s in strata], target)
    else:
        overall = float(np.average([s.expected for s in strata], weights=pixels))
        total = simple_sample_size(overall, target, z=1.0)
    notes.append(
        f"A standard error of {target:g} of the overall accuracy takes {counted(total, 'point')} if the expected accuracies"
        " come true."
    )
    lowest = sum(min(s.candidates, params.minimum_per_stratum) for s in strata)
    if params.design == "stratified" and lowest > total:
        notes.append(f"The minimum of {params.minimum_per_stratum} points per stratum raises this to {lowest:,}.")
        return lowest
    return total


def _tell(strata: Sequence[StratumSize], points: Sequence[int], minimum: int, notes: list[str]) -> None:
    whole = [s.name for s, n in zip(strata, points, strict=True) if n and n == s.candidates]
    if whole:
        notes.append(f"All pixels are taken of {_some(whole)}, as there are no more.")
    impure = [s.name for s in strata if not s.candidates]
    if impure:
        notes.append(
            f"No point is drawn in {_some(impure)}, where no pixel has eight neighbours of its class: nothing will be known of"
            " the map there."
        )
    few = [s.name for s, n in zip(strata, points, strict=True) if n < 2 and s.candidates > 1]
    if few:
        notes.append(
            f"Fewer than two points: {_some(few)}. Such a stratum has no standard error; set a minimum of 2 or more."
            if minimum < 2
            else f"Fewer than two points: {_some(few)}. Such a stratum has no standard error."
        )


def expected_standard_error(strata: Sequence[StratumSize], points: Sequence[int], *, stratified: bool) -> float:
    """Standard error of the overall accuracy if the expected accuracies come true.

    Stratified: √(Σ W_h² U_h (1 − U_h) / n_h) (Olofsson et al. 2014, equation 5, with n_h for n_h − 1, as before a sample
    is drawn); otherwise √(p (1 − p) / n), which a systematic sample hardly ever exceeds (Cochran 1977).

    Parameters
    ----------
    strata, points : as in :func:`planned_points`; strata without points are left out.
    """
    used = [(s, n) for s, n in zip(strata, points, strict=True) if n]
    pixels = np.array([s.pixels for s, _ in used], np.float64)
    share, expected = pixels / pixels.sum(), np.array([s.expected for s, _ in used])
    n = np.array([n for _, n in used], np.float64)
    if stratified:
        return float(np.sqrt((share**2 * expected * (1 - expected) / n).sum()))
    overall = float(share @ expected)
    return math.sqrt(overall * (1 - overall) / float(n.sum()))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
