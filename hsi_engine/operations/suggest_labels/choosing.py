"""From candidates to points: in the order of their keys, shared among the classes, and apart from one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from .candidates import Candidates
from .scores import Floats

Balance = Literal["moderate", "equal", "none"]
Places = Callable[[Candidates], Floats]


def class_shares(pixels: npt.NDArray[np.int64], balance: Balance) -> Floats | None:
    """The share of the points that each class is to get, (classes,), from the pixels that it is predicted for.

    moderate : by the square root of its pixels, between an equal share and one in proportion.
    equal : the same for each class that is predicted anywhere.
    none : None; the keys alone decide.
    """
    if balance == "none":
        return None
    weights = np.sqrt(pixels.astype(np.float64)) if balance == "moderate" else (pixels > 0).astype(np.float64)
    return np.asarray(weights / weights.sum())


def choose_points(
    candidates: Mapping[int, Candidates], shares: Floats | None, count: int, distance: float, places: Places
) -> Candidates:
    """The points in the order in which they are to be labelled.

    Each point is the candidate with the largest key that keeps the distance from all points before it. With shares, it comes
    from the class that lags behind its share the most (Sainte-Laguë); a class without candidates leaves its share to the others.

    Parameters
    ----------
    candidates : of each class by its index, in the order of their keys; one class or more.
    shares : of the classes; None: the largest key of all classes is next.
    count : how many points are wanted. There are fewer if no candidate is left that keeps the distance.
    distance : the smallest between two points, in the unit of ``places``.
    places : of candidates, (n, dimensions).
    """
    groups = [Candidates.joined(list(candidates.values()))] if shares is None else list(candidates.values())
    if shares is None:
        groups = [groups[0].by_key()]
    weights = [1.0] if shares is None else [float(shares[index]) for index in candidates]
    free = [_Free(group, places(group)) for group in groups]
    taken = [0] * len(groups)
    chosen: list[Candidates] = []
    while len(chosen) < count:
        order = sorted(range(len(groups)), key=lambda g: ((2 * taken[g] + 1) / weights[g], g))
        turn = next((g for g in order if free[g].has_any), None)
        if turn is None:
            break
        point, place = free[turn].pop()
        chosen.append(point)
        taken[turn] += 1
        for group in free:
            group.close_around(place, distance)
    return Candidates.joined(chosen)


class _Free:
    """The candidates of one group that may still be chosen."""

    def __init__(self, candidates: Candidates, places: Floats) -> None:
        self._candidates, self._places = candidates, places
        self._free = np.ones(len(candidates), bool)

    @property
    def has_any(self) -> bool:
        return bool(self._free.any())

    def pop(self) -> tuple[Candidates, Floats]:
        """The first one, and its place."""
        first = int(np.argmax(self._free))
        self._free[first] = False
        return self._candidates.take(np.array([first])), self._places[first]

    def close_around(self, place: Floats, distance: float) -> None:
        """Leave out all that are nearer than the distance."""
        self._free &= ((self._places - place) ** 2).sum(axis=1) >= distance**2
