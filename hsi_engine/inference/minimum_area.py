"""Class maps without specks: small areas join a neighbour, or every pixel takes the class of the majority around it."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..io.connected_regions import RegionNumbering
from ..legend import NODATA_VALUE

ValueT = TypeVar("ValueT", np.uint8, np.uint16)
Ints = npt.NDArray[np.int32]

# Steps to the neighbours that have not been met before, and what each adds to the length of a border.
_STEPS = ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, -1, 0))


def remove_small_areas(values: npt.NDArray[ValueT], *, min_pixels: int) -> npt.NDArray[ValueT]:
    """Let regions of fewer than ``min_pixels`` take the class of a neighbour.

    A region is of one class, joined by edges or corners. The smallest comes first (of several, the one with the smaller
    class, then the upper one); it joins the region with which it shares the longest border, counted in edges of pixels;
    of several the larger one, then the smaller class. Whatever of that class it touches is one region from then on.
    Afterwards only regions that touch no other are smaller. A second time changes nothing. The result depends on the
    whole raster: the tiles of a map cannot be treated one by one.

    Parameters
    ----------
    values : class values (rows, cols), 0 where there is none. These pixels neither change nor spread.
    min_pixels : 1 or less changes nothing.

    Returns
    -------
    A new raster of the same shape and type.
    """
    if not values.any():
        return values.copy()
    regions = _number_regions(values)
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    if not (sizes[1:] < min_pixels).any():
        return values.copy()
    classes = np.zeros(len(sizes), values.dtype)
    classes[regions] = values
    merging = _Merging(sizes.tolist(), classes.tolist(), _borders(regions, len(sizes)))
    merging.merge_smaller_than(min_pixels)
    return np.array(merging.classes(), values.dtype)[regions]


def majority_filter(values: npt.NDArray[ValueT], radius_px: int) -> npt.NDArray[ValueT]:
    """Give each pixel the most frequent class of the window around it.

    The result of a pixel depends on the pixels up to ``radius_px`` away and on no others. Where several classes are the
    most frequent, the pixel keeps its own if it is among them, or takes the smallest value.

    Parameters
    ----------
    values : class values (rows, cols), 0 where there is none. These pixels stay, and have no vote.
    radius_px : the window has 2 · radius + 1 pixels on each side.

    Returns
    -------
    A new raster of the same shape and type.
    """
    present = np.unique(values[values != NODATA_VALUE])
    most = np.zeros(values.shape, np.int32)
    own = np.zeros(values.shape, np.int32)
    winner = values.copy()
    for value in present:
        here = values == value
        votes = _counts(_counts(here.astype(np.int32), radius_px).T, radius_px).T
        own[here] = votes[here]
        winner[votes > most] = value
        np.maximum(most, votes, out=most)
    return np.where((own == most) | (values == NODATA_VALUE), values, winner)


def _counts(counts: Ints, radius: int) -> Ints:
    """Sums over 2 · radius + 1 rows around each row, as far as there are rows; exact, as they are whole numbers."""
    rows = len(counts)
    running = np.zeros((rows + 1, counts.shape[1]), np.int32)
    np.cumsum(counts, axis=0, out=running[1:])
    row = np.arange(rows)
    return running[np.minimum(row + radius + 1, rows)] - running[np.maximum(row - radius, 0)]


def _number_regions(values: npt.NDArray[ValueT]) -> Ints:
    """Number 1… of the region of each pixel, (rows, cols); 0 where there is no class."""
    numbering = RegionNumbering()
    numbering.add(values.astype(np.int32))
    regions = np.zeros(values.shape, np.int32)
    regions[values != NODATA_VALUE] = numbering.finish()
    return regions


def _borders(regions: Ints, count: int) -> list[dict[int, int]]:
    """Of each region the regions it touches, and the length of the border with each; 0 where only corners touch."""
    rows, cols = regions.shape
    keys, lengths = [], []
    for down, across, length in _STEPS:
        here = regions[: rows - down, max(0, -across) : cols - max(0, across)]
        there = regions[down:, max(0, across) : cols - max(0, -across)]
        touching = (here != there) & (here > 0) & (there > 0)
        pair = here[touching].astype(np.int64), there[touching].astype(np.int64)
        keys.append(np.minimum(*pair) * count + np.maximum(*pair))
        lengths.append(np.full(len(keys[-1]), length))
    found, place = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.bincount(place, np.concatenate(lengths), minlength=len(found)).astype(np.int64)
    borders: list[dict[int, int]] = [{} for _ in range(count)]
    for key, length in zip(found.tolist(), totals.tolist(), strict=True):
        first, second = divmod(key, count)
        borders[first][second] = borders[second][first] = length
    return borders


class _Merging:
    """Regions that become one; each group goes by the number of one of its regions, its head."""

    def __init__(self, sizes: list[int], classes: list[int], borders: list[dict[int, int]]) -> None:
        self._sizes = sizes
        self._classes = classes
        self._borders = borders
        self._head = list(range(len(sizes)))

    def merge_smaller_than(self, min_pixels: int) -> None:
        """Merge until each group has ``min_pixels`` or touches no other."""
        waiting = [(size, region) for region, size in enumerate(self._sizes) if 0 < size < min_pixels]
        heapify(waiting)
        while waiting:
            size, region = heappop(waiting)
            if self._head[region] != region or self._sizes[region] != size or not self._borders[region]:
                continue
            value = self._classes[self._chosen(region)]
            merged = region
            for neighbour in [n for n in self._borders[region] if self._classes[n] == value]:
                merged = self._join(merged, neighbour)
            self._classes[merged] = value
            if self._sizes[merged] < min_pixels:
                heappush(waiting, (self._sizes[merged], merged))

    def _chosen(self, region: int) -> int:
        borders = self._borders[region]
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
        """The class of the group of each region."""
        return [self._classes[self._head_of(region)] for region in range(len(self._head))]

    def _head_of(self, region: int) -> int:
        head = region
        while self._head[head] != head:
            head = self._head[head]
        while self._head[region] != head:
            self._head[region], region = head, self._head[region]
        return head
