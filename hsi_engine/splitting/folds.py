"""Folds for cross-fitting: each sample is tested once, by a model that was trained at some distance from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ..errors import ParameterError
from ..pixels.samples import IndexArray, SampleSet
from .dense_numbers import different
from .fold_layout import Assignment, FoldLayout, Neighbourhood, number_blocks, regions_of_classes
from .fold_notes import name_untested, named_classes, why_fewer, why_none
from .split import guard_of, measure_leakage

Units = Literal["auto", "blocks", "polygons", "pixels"]

_CUTS = (2, 3, 4, 5, 6, 8, 10, 12, 16)
_LEAST_EDGE = 4
# A region is cut between folds only if it is so large: within a smaller one, tested pixels would not be another place.
_LEAST_CUT_PX = 24
_TRIALS = 1200
_NEARLY = 0.05
"""Difference in quality up to which larger blocks are preferred; see :meth:`FoldLayout.score`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Folds:
    """Which samples are tested in which fold, and which train there.

    Parameters
    ----------
    fold : fold in which each sample is tested, 0 to ``n_folds - 1``, or -1 if it only trains, (n,), int64.
    unit : number 0… of the block, polygon or pixel each sample belongs to, (n,), int64; what a bootstrap draws.
    n_folds : 2 or more; 0 if no honest test is possible, and then no sample is tested.
    unit_name : "block", "polygon" or "pixel".
    block_px : edge of a block in pixels; None if units are not blocks.
    notes : what a reader of the accuracies has to know and may do about it, in sentences.
    untested : indices of the classes that have samples and are tested in no fold, rising.
    """

    samples: SampleSet
    fold: IndexArray
    unit: IndexArray
    n_folds: int
    unit_name: str
    block_px: int | None
    notes: tuple[str, ...]
    untested: tuple[int, ...]

    def tested_in(self, fold: int) -> IndexArray:
        """Indices of the samples that ``fold`` tests, rising."""
        return np.flatnonzero(self.fold == fold)

    def training_of(self, fold: int, guard_px: int) -> IndexArray:
        """Indices of the samples to train on for the test of ``fold``, rising.

        These are not tested in ``fold`` and more than ``guard_px`` pixels, 2 or more (Chebyshev distance), from every sample
        that is. Each class that ``fold`` tests is among them for all guards up to that of :func:`make_folds`. If units
        are pixels there is no guard.
        """
        if self.unit_name == "pixel":
            return np.flatnonzero(self.fold != fold)
        if not len(self.samples):
            return np.arange(0)
        return np.flatnonzero(~Neighbourhood(self.samples).around(self.tested_in(fold), guard_of(guard_px)))

    def leakage(self, guard_px: int, radius: int) -> float:
        """Share of the tested samples with a training sample of their fold within ``radius`` pixels; NaN without test.

        0 if ``guard_px`` is at least ``radius``, unless units are pixels.
        """
        near = 0.0
        for fold in range(self.n_folds):
            tested = self.tested_in(fold)
            near += len(tested) * measure_leakage(self.samples, self.training_of(fold, guard_px), tested, radius)
        return near / int((self.fold >= 0).sum()) if self.n_folds else math.nan

    def places_of(self, here: IndexArray) -> int:
        """How many separate places some samples lie in: one polygon or connected area is one, however many blocks it fills."""
        units = len(np.unique(self.unit[here]))
        return units if self.unit_name == "pixel" else min(units, len(np.unique(self.samples.groups[here])))

    def to_json(self) -> dict[str, Any]:
        """Sizes of the folds as a whole and by class. Classes without samples are left out."""
        tested = self.fold >= 0
        classes = []
        order = np.argsort(self.samples.classes, kind="stable")
        counts = self.samples.counts()
        of_class = np.split(order, np.cumsum(counts)[:-1])
        for index in np.flatnonzero(counts):
            here = of_class[index]
            classes.append(
                {
                    "name": self.samples.legend.names[index],
                    "samples": len(here),
                    "units": len(np.unique(self.unit[here])),
                    "places": self.places_of(here),
                    "tested": int(tested[here].sum()),
                    "folds": len(np.unique(self.fold[here[tested[here]]])),
                }
            )
        return {
            "strategy": f"{self.unit_name}s",
            "n_folds": self.n_folds,
            "block_px": self.block_px,
            "unit_name": self.unit_name,
            "units": len(np.unique(self.unit)),
            "samples": len(self.samples),
            "tested": int(tested.sum()),
            "untested": [self.samples.legend.names[index] for index in self.untested],
            "classes": classes,
            "notes": list(self.notes),
        }


def make_folds(
    samples: SampleSet,
    *,
    n_folds: int = 5,
    guard_px: int,
    seed: int,
    block_px: int | None = None,
    units: Units = "auto",
    mismatch: Callable[[Folds], float] | None = None,
) -> Folds:
    """Deal whole units into folds so that most classes are tested, in most folds, with most samples.

    A sample is tested if its fold keeps training samples of its class and of a second class, all more than
    ``guard_px`` pixels away; else it trains in all folds, as does a class that lies in one unit or region only. If that
    leaves a single class to test, none is: it would show nothing about telling classes apart. Too few or too
    close labels are not an error: there are fewer folds then, or none, and the notes say what to label.

    Parameters
    ----------
    n_folds : folds asked for, 2 or more.
    guard_px : the widest guard that :meth:`Folds.training_of` will be asked for, in pixels; less than 2 counts as 2.
    seed : whole number, 0 or more; the same seed makes the same folds.
    block_px : edge of a block in pixels. None: the extent of the samples is cut along its longer edge into 2 to 16
        blocks of at least twice the guard; the largest blocks are kept that do nearly as well as the best.
    units : "blocks": square blocks; a region no larger than a block, 24 pixels or three guards goes whole to the block of its
        centre. "polygons":
        the groups of the samples, whatever their size. "pixels": single pixels at random within each class and without
        a guard, the leaky way of the literature. "auto": blocks, which small enough come to about one per polygon.
    mismatch : of several folds that test as many classes, in as many folds, those with the lowest one are taken in place of
        those with the largest blocks; blocks of all sizes are tried, dealt evenly and in strips. Not used with pixels.

    Raises
    ------
    ParameterError : folds, guard, seed, block or units outside their bounds.
    """
    _check(n_folds, guard_px, seed, block_px, units)
    seeds, guard_px = np.random.SeedSequence(seed), guard_of(guard_px)
    if units == "pixels" or not len(samples):
        fold, unit = _deal_pixels(samples, n_folds, np.random.default_rng(seeds)), np.arange(len(samples))
        return _describe(samples, fold, unit, unit_name="pixel", block_px=None, asked=n_folds, guard_px=0)
    unit_name = "polygon" if units == "polygons" else "block"
    if unit_name == "polygon":
        drawn: Iterable[tuple[int | None, IndexArray]] = [(None, np.unique(samples.groups, return_inverse=True)[1])]
    else:
        edges = [block_px] if block_px is not None else _edges(samples, guard_px)
        drawn = [(edge, number_blocks(samples, edge, max(_LEAST_CUT_PX, 3 * guard_px))) for edge in edges]
    found, generators = [], [np.random.default_rng(child) for child in seeds.spawn(len(_CUTS))]
    for (edge, unit), rng in zip(drawn, generators, strict=False):
        layout = FoldLayout(samples, unit, block_px=edge, guard_px=guard_px)
        found.append(layout.search(n_folds, rng))
        if mismatch is not None:
            found += layout.strips(n_folds, rng)
    best = max(assignment.score for assignment in found)
    good = [a for a in found if a.score[:2] == best[:2]]
    if mismatch is not None:
        return min((_finished(samples, one, unit_name, n_folds, guard_px) for one in good), key=mismatch)
    # Edges fall, so the first that is good enough has the largest blocks.
    chosen = next(a for a in good if a.score[2] >= best[2] - _NEARLY)
    chosen = chosen.layout.climb(chosen, _TRIALS, generators[0])
    return _finished(samples, chosen, unit_name, n_folds, guard_px)


def _finished(samples: SampleSet, chosen: Assignment, unit_name: str, asked: int, guard_px: int) -> Folds:
    layout = chosen.layout
    fold = np.where(layout.testable, chosen.folds[layout.unit], -1)
    fold = _only_honest(samples, fold, chosen.n_folds, guard_px)
    return _describe(
        samples, fold, layout.unit, unit_name=unit_name, block_px=layout.block_px, asked=asked, guard_px=guard_px
    )


def _check(n_folds: int, guard_px: int, seed: int, block_px: int | None, units: str) -> None:
    if n_folds < 2:
        raise ParameterError(f"There must be 2 folds or more; found {n_folds}.", code="n_folds", hint="5 is usual.")
    if guard_px < 0:
        raise ParameterError(f"The guard must be 0 pixels or more; found {guard_px}.", code="guard_px")
    if seed < 0:
        raise ParameterError(f"The seed must be 0 or more; found {seed}.", code="seed", hint="For example 0.")
    if block_px is not None and block_px < 1:
        raise ParameterError(
            f"Blocks must be 1 pixel wide or more; found {block_px}.",
            code="block_px",
            hint="Leave the block size empty, or use several times the guard.",
        )
    if units not in get_args(Units):
        raise ParameterError(f"Units must be one of {', '.join(get_args(Units))}; found {units!r}.", code="units")


def _edges(samples: SampleSet, guard_px: int) -> list[int]:
    extent = 1 + max(int(np.ptp(samples.rows)), int(np.ptp(samples.cols)))
    least = max(2 * guard_px, _LEAST_EDGE)
    return sorted({max(-(-extent // cut), least) for cut in _CUTS}, reverse=True)


def _only_honest(samples: SampleSet, fold: IndexArray, dealt: int, guard_px: int) -> IndexArray:
    """Take from the test what its fold cannot train, class by class, the smallest first; number the folds that are "
    "left.

    Samples that are no longer tested can only add to the training, so what is found honest stays so.
    """
    fold, total, neighbourhood = fold.copy(), samples.counts(), Neighbourhood(samples)
    for number in range(dealt):
        while len(tested := np.flatnonzero(fold == number)):
            here = np.bincount(samples.classes[tested], minlength=len(total))
            training = ~neighbourhood.around(tested, guard_px)
            trained = np.bincount(samples.classes[training], minlength=len(total)) > 0
            lacking = np.flatnonzero((here > 0) & ~trained)
            if not len(lacking) and trained.sum() >= 2:
                break
            # A class that is tested here as a whole is hopeless; others may be helped by its going.
            worst = min(lacking, key=lambda c: (here[c] < total[c], here[c]), default=None)
            fold[tested if worst is None else tested[samples.classes[tested] == worst]] = -1
    kept = np.unique(fold[fold >= 0])
    if len(kept) < 2:
        return np.full(len(fold), -1)
    return np.where(fold >= 0, np.searchsorted(kept, fold), -1)


def _deal_pixels(samples: SampleSet, n_folds: int, rng: np.random.Generator) -> IndexArray:
    counts = samples.counts()
    fold = np.full(len(samples), -1)
    if (counts > 0).sum() < 2:
        return fold
    shuffled = rng.permutation(len(samples))
    dealt = shuffled[np.argsort(samples.classes[shuffled], kind="stable")]
    dealt = dealt[counts[samples.classes[dealt]] > 1]
    fold[dealt] = np.arange(len(dealt)) % n_folds
    return fold


def _describe(
    samples: SampleSet,
    fold: IndexArray,
    unit: IndexArray,
    *,
    unit_name: str,
    block_px: int | None,
    asked: int,
    guard_px: int,
) -> Folds:
    testable = np.unique(samples.classes[fold >= 0])
    if len(testable) == 1:  # its accuracy would say nothing about telling classes apart
        fold = np.full(len(fold), -1)
    n_folds = int(fold.max(initial=-1)) + 1
    counts, classes = samples.counts(), len(samples.legend)
    tested = np.bincount(samples.classes[fold >= 0], minlength=classes)
    places = np.bincount(different(unit * classes + samples.classes) % classes, minlength=classes)
    if unit_name != "pixel":
        places = np.minimum(places, regions_of_classes(samples))
    untested = (counts > 0) & (tested == 0)
    if not n_folds:
        notes = [why_none(samples, places, guard_px, testable)]
    else:
        notes = [] if n_folds == asked else [why_fewer(n_folds, asked, int(places[tested > 0].max()), unit_name)]
        notes += name_untested(samples, untested, places)
        left = np.flatnonzero((tested > 0) & (tested < counts))
        if len(left):
            notes.append(
                f"{(counts - tested)[left].sum()} pixels of {named_classes(samples, left)} are only used for training, "
                f"because testing them would leave too little to train on."
            )
    return Folds(
        samples=samples,
        fold=fold,
        unit=unit,
        n_folds=n_folds,
        unit_name=unit_name,
        block_px=block_px,
        notes=tuple(notes),
        untested=tuple(np.flatnonzero(untested).tolist()),
    )
