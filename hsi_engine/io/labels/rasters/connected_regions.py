"""Connected regions of a raster of classes that comes strip by strip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse

IntArray = npt.NDArray[np.int32]

_TOUCHING = np.ones((3, 3))  # by edges or corners
# Up to this number of classes, those of a strip are numbered one after the other; more together.
_FEW_CLASSES = 16


class StripRegions:
    """Numbers the regions of one class, joined by edges or corners, and keeps no pixels.

    Each strip is numbered separately; what touches across the border of two strips is one region in the end
    (Rosenfeld and Pfaltz, 1966). The numbers do not depend on how the raster was cut.
    """

    def __init__(self) -> None:
        # Of each region of a strip: its class, and its first pixel among all that have a class. 0 is not a region.
        self._values: list[IntArray] = [np.zeros(1, dtype=np.int32)]
        self._first: list[npt.NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
        self._regions, self._pixels = 1, 0
        self._joins: list[IntArray] = [np.empty((2, 0), dtype=np.int32)]
        self._above: tuple[IntArray, IntArray] | None = None

    def __len__(self) -> int:
        """Regions of the strips so far, each strip separately."""
        return self._regions - 1

    def add(self, values: IntArray) -> IntArray:
        """Take in the next strip downwards: class values (rows, cols), 0 if there is none.

        Returns
        -------
        The region of each pixel within its strip, (rows, cols); 0 if there is no class. :meth:`finish` has the numbers
        that hold for the whole raster.
        """
        numbers, found_before = np.zeros(values.shape, dtype=np.int32), self._regions
        if not values.any():
            self._above = None
            return numbers
        present = np.unique(values[values > 0])
        numbered, found = (_label_by_runs if len(present) > _FEW_CLASSES else _label_by_class)(values, present)
        np.add(numbered, np.int32(self._regions - 1), out=numbers, where=numbered > 0)
        of_region = np.zeros(found + 1, dtype=np.int32)
        of_region[numbered] = values
        self._values.append(of_region[1:])
        self._regions += found
        part = numbers[values > 0]
        first = np.empty(self._regions - found_before, dtype=np.int64)
        first[part[::-1] - found_before] = np.arange(len(part))[::-1] + self._pixels  # of several, the last stays
        self._first.append(first)
        self._pixels += len(part)
        if self._above is not None:
            self._join(*self._above, values[0], numbers[0])
        self._above = values[-1].copy(), numbers[-1].copy()
        return numbers

    def _join(self, values_above: IntArray, above: IntArray, values_below: IntArray, below: IntArray) -> None:
        cols = len(values_above)
        for shift in (-1, 0, 1):
            upper = slice(max(0, shift), cols + min(0, shift))
            lower = slice(max(0, -shift), cols + min(0, -shift))
            same = (values_above[upper] == values_below[lower]) & (values_above[upper] > 0)
            pairs = _without_repeats(np.stack([above[upper][same], below[lower][same]]))
            self._joins.append(np.unique(pairs, axis=1))

    def finish(self) -> tuple[IntArray, IntArray]:
        """Number 1… of the region that each region of a strip is a part of, and the class of each region; both start with 0.

        Regions are numbered class by class, and in each by their first pixel.
        """
        joins = np.concatenate(self._joins, axis=1)
        graph = sparse.coo_array((np.ones(joins.shape[1], np.int8), joins), shape=(self._regions, self._regions))
        count, whole = sparse.csgraph.connected_components(graph, directed=False)
        first = np.full(count, self._pixels)
        np.minimum.at(first, whole, np.concatenate(self._first))
        values = np.empty(count, dtype=np.int32)
        values[whole] = np.concatenate(self._values)
        order = np.lexsort((first, values))  # class 0 comes first: what is no region stays 0
        rank = np.empty(count, dtype=np.int32)
        rank[order] = np.arange(count)
        return rank[whole], values[order]


def _label_by_class(values: IntArray, present: IntArray) -> tuple[IntArray, int]:
    """Number 1… of the region of each pixel of a strip, 0 without a class, and how many there are; class by class."""
    numbers, count = np.zeros(values.shape, dtype=np.int32), 0
    for value in present:
        numbered, found = ndimage.label(values == value, structure=_TOUCHING)
        numbers += np.where(numbered > 0, numbered + np.int32(count), np.int32(0))
        count += found
    return numbers, count


def _label_by_runs(values: IntArray, present: IntArray) -> tuple[IntArray, int]:
    """The same for many classes at once: pixels of one class side by side are a run, and runs that touch are a region."""
    begins = np.ones(values.shape, dtype=bool)
    np.not_equal(values[:, 1:], values[:, :-1], out=begins[:, 1:])
    run = (np.cumsum(begins, dtype=np.int32) - np.int32(1)).reshape(values.shape)
    of_run = values[begins]
    joins, cols = [], values.shape[1]
    for shift in (-1, 0, 1):
        upper, lower = (
            slice(max(0, shift), cols + min(0, shift)),
            slice(max(0, -shift), cols - max(0, shift)),
        )
        above, below = run[:-1, upper], run[1:, lower]
        touching = np.stack([above, below])[:, values[:-1, upper] == values[1:, lower]]
        joins.append(_without_repeats(touching))
    joined = np.concatenate(joins, axis=1)
    graph = sparse.coo_array((np.ones(joined.shape[1], np.int8), joined), shape=(len(of_run), len(of_run)))
    _, region = sparse.csgraph.connected_components(graph, directed=False)
    labelled = np.isin(of_run, present)
    kept = np.unique(region[labelled])
    number = np.zeros(int(region.max()) + 1, dtype=np.int32)
    number[kept] = np.arange(1, len(kept) + 1)
    return number[region][run], len(kept)


def _without_repeats(pairs: IntArray) -> IntArray:
    """Pairs (2, n) without those that equal the one before: along two regions the same pair comes again and again."""
    new = np.ones(pairs.shape[1], dtype=bool)
    new[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
    return pairs[:, new]


class RegionNumbering:
    """The region of each pixel of a raster that comes strip by strip; see :class:`StripRegions`."""

    def __init__(self) -> None:
        self._regions = StripRegions()
        self._parts: list[IntArray] = []

    def add(self, values: IntArray) -> None:
        """Take in the next strip downwards: class values (rows, cols), 0 if there is none."""
        self._parts.append(self._regions.add(values)[values > 0])

    def finish(self) -> IntArray:
        """Number 1… of the region of each pixel that has a class, row by row, (n,)."""
        number, _ = self._regions.finish()
        return np.concatenate([np.empty(0, dtype=np.int32), *(number[part] for part in self._parts)])
