"""Samples in units that stay whole, and the search for the folds of the units that test most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray, SampleSet
from .box_count import BoxCounter
from .dense_numbers import dense_numbers, different

Score = tuple[int, int, float]
BoolArray = npt.NDArray[np.bool_]

_TILES = 16
_GREEDY, _SWEEPS = 6, 6
_FIRST_TRIALS = 60
_WORK = 20_000_000
"""Cells times folds that the search of one layout may look at; bounds its time if there are many cells."""
_ENOUGH_UNITS = 30
_WORTH_A_TEST = 0.1
"""Share of a class that must be tested for the class to count: a few pixels at the border of a block show little."""


class Neighbourhood:
    """Finds the samples near to some of them; its tables are no larger than what lies around these."""

    def __init__(self, samples: SampleSet) -> None:
        self._order = np.argsort(samples.rows, kind="stable")
        self._rows, self._cols = samples.rows[self._order], samples.cols[self._order]
        self._samples = samples

    def within(self, members: IndexArray, distance: int) -> IndexArray:
        """Samples within a Chebyshev ``distance`` (in pixels) of any of ``members``, themselves included."""
        rows, cols = self._samples.rows[members], self._samples.cols[members]
        first = np.searchsorted(self._rows, rows.min() - distance)
        stop = np.searchsorted(self._rows, rows.max() + distance, side="right")
        near_rows, near_cols = self._rows[first:stop], self._cols[first:stop]
        inside = (near_cols >= cols.min() - distance) & (near_cols <= cols.max() + distance)
        counted = BoxCounter(rows, cols).count_around(near_rows[inside], near_cols[inside], distance)
        return np.asarray(self._order[first:stop][inside][counted > 0])

    def around(self, members: IndexArray, distance: int) -> BoolArray:
        """As :meth:`within`, as a mask of all samples, for ``members`` from all over the scene, or none."""
        near = np.zeros(len(self._order), dtype=bool)
        rows, cols = self._samples.rows, self._samples.cols
        edge = 1 + max(int(np.ptp(rows)), int(np.ptp(cols))) // _TILES
        tile = (rows - rows.min()) // edge * _TILES + (cols - cols.min()) // edge
        for _, here in split_by_unit(tile, members):
            near[self.within(here, distance)] = True
        return near


def split_by_unit(unit: IndexArray, indices: IndexArray) -> Iterator[tuple[int, IndexArray]]:
    """The number of each unit that holds some of ``indices``, and these."""
    ordered = indices[np.argsort(unit[indices], kind="stable")]
    numbers, starts = np.unique(unit[ordered], return_index=True)
    yield from zip(numbers.tolist(), np.split(ordered, starts[1:]), strict=True) if len(numbers) else ()


def number_blocks(samples: SampleSet, block_px: int, whole_px: int = 0) -> IndexArray:
    """Block 0… of each sample, (n,).

    A region no larger than a block, or than ``whole_px``, goes whole to the block of its centre; larger ones are cut.
    """
    region = dense_numbers(samples.groups)
    small, place = np.ones(len(samples), dtype=bool), []
    for position in (samples.rows, samples.cols):
        low, high = np.full(region.max() + 1, position.max()), np.full(region.max() + 1, position.min())
        np.minimum.at(low, region, position)
        np.maximum.at(high, region, position)
        small &= (high - low < max(block_px, whole_px))[region]
        place.append((position, ((low + high) // 2)[region]))
    row, col = ((np.where(small, centre, own) - own.min()) // block_px for own, centre in place)
    return dense_numbers(row * (col.max() + 1) + col)


def regions_of_classes(samples: SampleSet) -> IndexArray:
    """Number of polygons or connected areas that hold samples of each class, (classes,)."""
    classes = len(samples.legend)
    return np.bincount(different(samples.groups * classes + samples.classes) % classes, minlength=classes)


class FoldLayout:
    """Samples counted by unit, class and the units that a guard reaches from them.

    Samples that have these in common share their fate whatever fold each unit is in. They are counted once, as a cell,
    so that weighing an assignment of units to folds hardly depends on the number of samples. Classes that lie in one
    unit or one region only cannot be tested: they train in every fold and keep no other sample out of training.

    Parameters
    ----------
    unit : number 0… of the unit of each sample, (n,), without gaps.
    block_px : edge of a block in pixels; None if units are not blocks.
    guard_px : Chebyshev distance in pixels up to which a training sample may not lie near a tested one.
    """

    def __init__(self, samples: SampleSet, unit: IndexArray, *, block_px: int | None, guard_px: int) -> None:
        self.unit, self.block_px = unit, block_px
        self.n_units, self._classes = int(unit.max()) + 1, len(samples.legend)
        present = different(unit * self._classes + samples.classes)
        self.class_units = np.bincount(present % self._classes, minlength=self._classes)
        self._total = samples.counts()
        # Two parts of one polygon are not two places, however large it is.
        self.testable = ((self.class_units >= 2) & (regions_of_classes(samples) >= 2))[samples.classes]

        # Cells are told apart by a sum of random numbers, one for each unit near; equal sums by chance are as good as
        # impossible, and would mislead the search only.
        rng = np.random.default_rng(0)
        mark = rng.integers(0, 2**64, size=self.n_units, dtype=np.uint64)
        key = rng.integers(0, 2**64, size=self.n_units * self._classes, dtype=np.uint64)[
            unit * self._classes + samples.classes
        ]
        neighbourhood = Neighbourhood(samples)
        pairs = []
        for number, members in split_by_unit(unit, np.flatnonzero(self.testable)):
            near = neighbourhood.within(members, guard_px)
            near = near[(unit[near] != number) | ~self.testable[near]]
            key[near] += mark[number]
            pairs.append((near, np.full(len(near), number)))
        _, first, counts = np.unique(key, return_index=True, return_counts=True)
        order = np.argsort(samples.classes[first], kind="stable")
        first, self._counts = first[order], counts[order]
        self._unit, self._class, self._testable = unit[first], samples.classes[first], self.testable[first]
        self._present, self._starts_of_class = np.unique(self._class, return_index=True)
        stands_for = np.full(len(samples), -1)
        stands_for[first] = np.arange(len(first))
        near, near_unit = np.concatenate([np.empty((2, 0), dtype=np.int64), *map(np.stack, pairs)], axis=1)
        shown = stands_for[near] >= 0
        self._near_cell, self._near_unit = stands_for[near[shown]], near_unit[shown]

        shares = self._counts * self._testable / np.maximum(self._total, 1)[self._class]
        self._shares = np.zeros((self.n_units, self._classes + 1))
        np.add.at(self._shares, (self._unit, self._class), shares)
        np.add.at(self._shares[:, -1], self._unit, self._counts * self._testable / len(samples))
        rows, cols = (np.bincount(unit, weights=p) / np.bincount(unit) for p in (samples.rows, samples.cols))
        self._centres = np.stack([rows, cols], axis=1)

    def counts(self, folds: IndexArray, n_folds: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Samples that train and samples to be tested, both of shape (classes, folds), after the guard.

        Parameters
        ----------
        folds : fold of each unit, (units,).
        """
        cells = np.arange(len(self._unit))
        own = folds[self._unit]
        kept_out = np.zeros((len(cells), n_folds), dtype=bool)
        kept_out[self._near_cell, folds[self._near_unit]] = True
        kept_out[cells[self._testable], own[self._testable]] = True
        train = np.zeros((self._classes, n_folds), dtype=np.int64)
        train[self._present] = np.add.reduceat(~kept_out * self._counts[:, None], self._starts_of_class, axis=0)
        weights = self._counts * self._testable
        tested = np.bincount(self._class * n_folds + own, weights=weights, minlength=self._classes * n_folds)
        return train, tested.astype(np.int64).reshape(self._classes, n_folds)

    def score(self, folds: IndexArray, n_folds: int) -> Score:
        """How good folds are; tuples compare, larger is better.

        First the classes that are tested, then the folds that test any, then the shares of samples and of classes that
        are tested and trained, how even the folds are in them, and whether units are enough for a bootstrap.
        """
        train, tested = (counted[self._present] for counted in self.counts(folds, n_folds))
        tested = tested * ((train > 0) & (np.count_nonzero(train, axis=0) >= 2))
        total, n = self._total[self._present], int(self._total.sum())
        in_class, in_fold = tested.sum(axis=1), tested.sum(axis=0)
        used = in_fold > 0
        n_used = int(np.count_nonzero(used))
        if not n_used:
            return 0, 0, 0.0
        trained_in_class = train / np.maximum(total[:, None] - tested, 1)
        trained_in_fold = train.sum(axis=0) / np.maximum(n - in_fold, 1)
        uneven_in_class = abs(tested / np.maximum(in_class, 1)[:, None] - 1 / n_used)[:, used]
        uneven_in_fold = abs(in_fold / in_fold.sum() - 1 / n_used)[used]
        pairs = n_used * len(total)
        quality = (
            0.5 * (in_class / total).sum() / len(total)
            + 0.5 * in_fold.sum() / n
            + 0.5 * trained_in_class[:, used].sum() / pairs
            + trained_in_fold[used].min()
            + np.count_nonzero(train[:, used]) / pairs
            - 0.25 * uneven_in_class.sum() / len(total)
            - uneven_in_fold.sum()
            + 0.5 * min(1.0, self.n_units / _ENOUGH_UNITS)
        )
        return int(np.count_nonzero(in_class >= _WORTH_A_TEST * total)), n_used, round(float(quality), 9)

    def search(self, n_folds: int, rng: np.random.Generator) -> Assignment:
        """The best of some assignments that are even in their classes and some that are compact."""
        movable = np.flatnonzero(self._shares[:, -1])
        k = min(n_folds, len(movable))
        if k < 2:
            return Assignment(layout=self, folds=np.zeros(self.n_units, dtype=np.int64), n_folds=1, score=(0, 0, 0.0))
        starts = [self._weigh(folds, k) for folds in self._starts(movable, k, rng)]
        return self.climb(max(starts, key=lambda start: start.score), _FIRST_TRIALS, rng)

    def strips(self, n_folds: int, rng: np.random.Generator) -> list[Assignment]:
        """Folds of neighbouring units, cut along random directions: tested units lie far from those that train."""
        movable = np.flatnonzero(self._shares[:, -1])
        k = min(n_folds, len(movable))
        return [self._weigh(folds, k) for folds in self._sweeps(movable, k, rng)] if k > 1 else []

    def climb(self, best: Assignment, trials: int, rng: np.random.Generator) -> Assignment:
        """Move single units or swap two as long as this makes the score better."""
        movable = np.flatnonzero(self._shares[:, -1])
        trials = min(trials, _WORK // (len(self._unit) * best.n_folds))
        for one, other in movable[rng.integers(len(movable), size=(trials, 2))] if best.n_folds > 1 else ():
            folds = best.folds.copy()
            if rng.random() < 0.5 or folds[one] == folds[other]:
                folds[one] = (folds[one] + rng.integers(1, best.n_folds)) % best.n_folds
            else:
                folds[[one, other]] = folds[[other, one]]
            best = max(best, self._weigh(folds, best.n_folds), key=lambda assignment: assignment.score)
        return best

    def _weigh(self, folds: IndexArray, n_folds: int) -> Assignment:
        return Assignment(layout=self, folds=folds, n_folds=n_folds, score=self.score(folds, n_folds))

    def _starts(self, movable: IndexArray, k: int, rng: np.random.Generator) -> Iterator[IndexArray]:
        """Units put into the fold that has least of their classes, largest first; and strips along a direction."""
        size = self._shares.sum(axis=1)[movable]
        for number in range(_GREEDY if len(movable) < 2000 else 1):
            folds, loads = np.zeros(self.n_units, dtype=np.int64), np.zeros((k, self._shares.shape[1]))
            jitter = rng.lognormal(0, 0.5, len(movable)) if number else 1.0
            for one in movable[np.argsort(-size * jitter, kind="stable")]:
                folds[one] = np.argmin(loads @ self._shares[one])
                loads[folds[one]] += self._shares[one]
            yield folds
        yield from self._sweeps(movable, k, rng)

    def _sweeps(self, movable: IndexArray, k: int, rng: np.random.Generator) -> Iterator[IndexArray]:
        size = self._shares.sum(axis=1)[movable]
        for angle in rng.uniform(0, 2 * np.pi, _SWEEPS):
            folds = np.zeros(self.n_units, dtype=np.int64)
            order = np.argsort(self._centres[movable] @ np.array([np.sin(angle), np.cos(angle)]), kind="stable")
            before = np.cumsum(size[order]) - size[order]
            folds[movable[order]] = np.minimum(k * before / size.sum(), k - 1).astype(np.int64)
            yield folds


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """The fold of each unit of a layout, (units,), of ``n_folds`` some of which may test nothing."""

    layout: FoldLayout
    folds: IndexArray
    n_folds: int
    score: Score
