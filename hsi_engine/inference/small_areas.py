"""Small areas of a class map that join a neighbour; the map comes strip by strip and may be larger than the memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from ..io.labels.rasters.connected_regions import StripRegions

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

MAX_AREAS = 2_000_000
"""Areas that one map may have. Each takes about 600 bytes of memory while it waits to be merged."""

_PER_CHECK = 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class MergedAreas:
    """What became of the areas.

    Parameters
    ----------
    values : class value by the number that :meth:`SmallAreas.add` gave a pixel, (numbers,); 0 for 0.
    merged : areas that were too small and joined a neighbour.
    alone : areas that are too small still, because they touch no other class.
    areas : number of the area that each area became a part of, (numbers,); 0 for 0.
    """

    values: Ints
    merged: int
    alone: int
    areas: Ints


class SmallAreas:
    """Lets areas that are too small take the class of a neighbour.

    An area is of one class, joined by edges or corners. The smallest comes first (of several, the one with the smaller
    class, then the upper one); it joins the area with which it shares the longest border, counted in edges of pixels;
    of several the larger one, then the smaller class. Whatever of that class it touches is one area from then on.
    Afterwards only areas that touch no other class are smaller. A second time changes nothing. The result does not depend
    on the strips in which the map came. The memory depends on the number of areas, not of pixels.

    Parameters
    ----------
    max_areas : areas of all strips, counted separately in each, before the map is refused.
    """

    def __init__(self, *, max_areas: int = MAX_AREAS) -> None:
        self._regions = StripRegions()
        self._max_areas = max_areas
        self._sizes: list[Longs] = [np.zeros(1, np.int64)]
        self._borders: list[tuple[Ints, Ints, Ints]] = []
        self._above: Ints | None = None

    def add(self, values: npt.NDArray[np.integer], row_sizes: Longs | None = None) -> Ints:
        """Take in the next strip downwards.

        Parameters
        ----------
        values : class values (rows, cols), 0 if there is none. These pixels neither change nor spread.
        row_sizes : size of the pixels of each row, (rows,), whole numbers in any unit; 1 each if they are not given.

        Returns
        -------
        The number of the area of each pixel, (rows, cols), for :attr:`MergedAreas.values`; 0 if there is no class.

        Raises
        ------
        LabelError : the map has more areas than memory is meant for.
        """
        before = len(self._regions)
        numbers = self._regions.add(values.astype(np.int32))
        if len(self._regions) > self._max_areas:
            raise LabelError(
                f"The map has more than {self._max_areas:,} areas, the most that can be merged.",
                code="too_many_areas",
                hint="Use a majority window first, or a larger one: it removes most specks. Or cut the map into parts.",
            )
        weights = None if row_sizes is None else np.repeat(row_sizes, values.shape[1])
        # Sums of whole numbers below 2^53 are exact, also as floats.
        sizes = np.bincount(numbers.ravel(), weights, minlength=len(self._regions) + 1)
        self._sizes.append(sizes[before + 1 :].astype(np.int64))
        self._borders.append(_borders(numbers, self._above))
        self._above = numbers[-1].copy()
        return numbers

    def merge(self, minimum: float, check_cancelled: Callable[[], None] = lambda: None) -> MergedAreas:
        """Merge until each area has ``minimum``, in the unit of the sizes, or touches no other class."""
        number, classes = self._regions.finish()
        sizes = np.bincount(number, np.concatenate(self._sizes), minlength=len(classes)).astype(np.int64)
        check_cancelled()
        small = (sizes > 0) & (sizes < minimum)
        merging = _Merging(sizes.tolist(), classes.tolist(), self._neighbours(number, small))
        merging.merge_smaller_than(minimum, check_cancelled)
        final, heads = np.array(merging.classes(), np.int32), np.array(merging.heads(), np.int32)
        return MergedAreas(values=final[number], merged=merging.merged, alone=merging.alone, areas=heads[number])

    def _neighbours(self, number: Ints, small: npt.NDArray[np.bool_]) -> dict[int, dict[int, int]]:
        """Length of the border by the two areas; only if one of them is small: other borders are never needed."""
        ones, others, lengths = (np.concatenate(part) for part in zip(*self._borders, strict=True))
        one, other = number[ones].astype(np.int64), number[others].astype(np.int64)
        wanted = (one != other) & (small[one] | small[other])
        one, other = one[wanted], other[wanted]
        found, total = _sums(np.minimum(one, other) * len(small) + np.maximum(one, other), lengths[wanted])
        neighbours: dict[int, dict[int, int]] = {}
        firsts, seconds = np.divmod(found, len(small))
        for first, second, length in zip(firsts.tolist(), seconds.tolist(), total.tolist(), strict=True):
            neighbours.setdefault(first, {})[second] = length
            neighbours.setdefault(second, {})[first] = length
        return neighbours


def _borders(numbers: Ints, above: Ints | None) -> tuple[Ints, Ints, Ints]:
    """Pairs of areas that touch in a strip or across its upper border, and edges between them; 0 if only corners touch."""
    with_above = numbers if above is None else np.vstack([above[None], numbers])
    upper, lower = with_above[:-1], with_above[1:]
    touching = (
        (numbers[:, :-1], numbers[:, 1:], 1),
        (upper, lower, 1),
        (upper[:, :-1], lower[:, 1:], 0),
        (upper[:, 1:], lower[:, :-1], 0),
    )
    keys, lengths = [], []
    base = np.int64(numbers.max(initial=0)) + 1
    if above is not None:
        base = max(base, np.int64(above.max(initial=0)) + 1)
    for here, there, length in touching:
        differ = (here != there) & (here > 0) & (there > 0)
        one, other = here[differ].astype(np.int64), there[differ].astype(np.int64)
        keys.append(np.minimum(one, other) * base + np.maximum(one, other))
        lengths.append(np.full(len(keys[-1]), length, np.int32))
    found, total = _sums(np.concatenate(keys), np.concatenate(lengths))
    first, second = np.divmod(found, base)
    return first.astype(np.int32), second.astype(np.int32), total.astype(np.int32)


def _sums(keys: Longs, numbers: Ints) -> tuple[Longs, Longs]:
    """The keys once each, in rising order, and the sum of the numbers of each."""
    found, place = np.unique(keys, return_inverse=True)
    return found, np.bincount(place, numbers, minlength=len(found)).astype(np.int64)


class _Merging:
    """Areas that become one; each group goes by the number of one of its areas, its head."""

    def __init__(self, sizes: list[int], classes: list[int], borders: dict[int, dict[int, int]]) -> None:
        self._sizes = sizes
        self._classes = classes
        self._borders = borders
        self._head = list(range(len(sizes)))
        self.merged = 0
        self.alone = 0

    def merge_smaller_than(self, minimum: float, check_cancelled: Callable[[], None]) -> None:
        """Merge until each group has ``minimum`` or touches no other."""
        waiting = [(size, area) for area, size in enumerate(self._sizes) if 0 < size < minimum]
        heapify(waiting)
        steps = 0
        while waiting:
            steps += 1
            if steps % _PER_CHECK == 0:
                check_cancelled()
            size, area = heappop(waiting)
            if self._head[area] != area or self._sizes[area] != size:
                continue
            if not self._borders.get(area):
                self.alone += 1
                continue
            value = self._classes[self._chosen(area)]
            merged = area
            for neighbour in [n for n in self._borders[area] if self._classes[n] == value]:
                merged = self._join(merged, neighbour)
            self._classes[merged] = value
            self.merged += 1
            if self._sizes[merged] < minimum:
                heappush(waiting, (self._sizes[merged], merged))

    def _chosen(self, area: int) -> int:
        borders = self._borders[area]
        return max(borders, key=lambda n: (borders[n], self._sizes[n], -self._classes[n]))

    def _join(self, one: int, other: int) -> int:
        """Make two groups one, and return its head: that with more neighbours, so that less has to be moved."""
        if len(self._borders[one]) > len(self._borders[other]):
            one, other = other, one
        for neighbour, length in self._borders[one].items():
            del self._borders[neighbour][one]
            if neighbour != other:
                joint = self._borders[other].get(neighbour, 0) + length
                self._borders[other][neighbour] = self._borders[neighbour][other] = joint
        self._borders[one] = {}
        self._sizes[other] += self._sizes[one]
        self._head[one] = other
        return other

    def classes(self) -> list[int]:
        """The class of the group of each area."""
        return [self._classes[head] for head in self.heads()]

    def heads(self) -> list[int]:
        """The head of the group of each area."""
        return [self._head_of(area) for area in range(len(self._head))]

    def _head_of(self, area: int) -> int:
        head = area
        while self._head[head] != head:
            head = self._head[head]
        while self._head[area] != head:
            self._head[area], area = head, self._head[area]
        return head
