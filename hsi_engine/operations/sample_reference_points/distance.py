"""Points that keep a distance from one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...errors import MismatchError
from ...phrases import counted
from .drawing import DrawnPixels


def keep_apart(
    drawn: DrawnPixels, places: npt.NDArray[np.float64], wanted: Sequence[int], distance_m: float
) -> tuple[npt.NDArray[np.int64], list[int]]:
    """Take the pixels of each stratum in their order, unless one is too near to one that was taken before.

    Strata with the smallest number of pixels to choose from come first, as they have hardly any other places.

    Parameters
    ----------
    drawn : more pixels of each stratum than are wanted, in random order.
    places : of these pixels in metres.

    Returns
    -------
    Positions in ``drawn`` of those that are taken, and how many each stratum lacks.
    """
    members = [np.flatnonzero(drawn.strata == h) for h in range(len(wanted))]
    taken = np.zeros((sum(wanted), places.shape[1]))
    which: list[int] = []
    lacking = list(wanted)
    for h in sorted(range(len(wanted)), key=lambda number: (len(members[number]), number)):
        for position in members[h].tolist():
            if not lacking[h]:
                break
            apart = ((taken[: len(which)] - places[position]) ** 2).sum(axis=1) >= distance_m**2
            if apart.all():
                taken[len(which)] = places[position]
                which.append(position)
                lacking[h] -= 1
    return np.array(which, np.int64), lacking


def cannot_keep_apart(
    names: Sequence[str], wanted: Sequence[int], lacking: Sequence[int], distance: float
) -> MismatchError:
    """The error for strata that have no room for their points."""
    h = int(np.argmax(lacking))
    return MismatchError(
        f"A minimum distance of {distance:g} m leaves room for only {counted(wanted[h] - lacking[h], 'point')} of"
        f" {wanted[h]:,} in “{names[h]}”.",
        code="minimum_distance",
        hint="Choose a smaller distance, or fewer points in small strata (minimum per stratum, proportional allocation).",
    )
