"""Spatially disjoint training and test: blocks first, then a guard between them.

Blocks are assigned so that, in this order, most classes are both trained and tested, most are trained, and most of the
asked shares and of the test remain. A class found in one place only is trained and not tested rather than the reverse,
and named in the notes.

At the border of two sides the samples of one of them are removed: always those of validation; between training and test
the choice is made once for the whole split, for the side whose loss costs fewer classes, then fewer samples. Mostly that
is training, of which only a share is needed. No training, validation or test sample that is kept has a sample of another side within the
guard.
"""

from __future__ import annotations

import numpy as np

from ..errors import LabelError, ParameterError
from ..pixels.samples import IndexArray, SampleSet
from ..pixels.split_side import SIDES
from .block_layout import BlockLayout
from .block_search import Assignment, SplitTarget, search_assignment
from .shares import check_shares
from .split import Split, guard_of, measured_split
from .stratified_draw import allocate, draw

_CUTS = (2, 3, 4, 5, 6, 8)
# Drawn from 40 % of the samples, even a small training set sees many places; as many are left for guard and test.
_POOL_SHARE = 0.4


def block_split(
    samples: SampleSet,
    *,
    radius: int,
    train_share: float,
    validation_share: float = 0.0,
    seed: int,
    block_px: int | None = None,
    guard_px: int | None = None,
    subsample: bool = True,
) -> Split:
    """Put whole square blocks on one side each, then remove samples until the sides are a guard apart.

    Parameters
    ----------
    radius : half the patch in pixels, for measuring the leakage.
    train_share, validation_share : shares of all samples, 0 to 1.
    seed : whole number, 0 or more; the same seed makes the same split.
    block_px : edge of a block in pixels, at least ``guard_px``. None: the extent of the samples is cut along its
        longer edge into 2, 3, 4, 5, 6 and 8 blocks; of the edges of at least twice the guard, the one with the best
        split is kept.
    guard_px : Chebyshev distance in pixels kept free between sides. Twice the radius keeps whole patches apart. None:
        ``radius``, or 2 if that is less, so that no test pixel lies in a training patch or next to a training pixel.
    subsample : draw the shares of all samples from their blocks and leave the others unused; training blocks then hold up
        to 40 % of the samples, so that drawn ones come from many places. False: training gets only the blocks it needs.

    Raises
    ------
    ParameterError : shares, seed, block or guard outside their bounds.
    LabelError : training or test would be empty because the samples lie so close together.
    """
    check_shares(train_share, validation_share, seed)
    guard = guard_of(radius) if guard_px is None else guard_px
    _check_sizes(block_px, guard)
    search_seed, draw_seed = np.random.SeedSequence(seed).spawn(2)
    target = _target(samples, train_share, validation_share, subsample=subsample)
    edges = _edges(samples, guard) if block_px is None else [block_px]
    best = _best_assignment(samples, edges, guard, target, np.random.default_rng(search_seed))
    side, removed = best.layout.assign(best.sides, best.removed_near)
    train, validation, test = (np.flatnonzero((side == s) & ~removed) for s in SIDES)
    if not len(train) or not len(test):
        raise _too_close(best.layout.block_px, guard, len(train), len(test), len(samples))
    pooled = len(train) + len(validation)
    if subsample:
        train, validation = _drawn(samples, train, validation, train_share, validation_share, draw_seed)
    sizes = _on_sizes(len(samples), len(train), len(validation), len(test), pooled, validation_share > 0)
    return measured_split(
        samples,
        train=train,
        validation=validation,
        test=test,
        radius=radius,
        strategy="blocks",
        guard_px=guard,
        removed=int(removed.sum()),
        unit_name="block",
        unit=best.layout.block_of,
        notes=(_describe(best, guard, int(removed.sum())), *sizes),
    )


def _best_assignment(
    samples: SampleSet, edges: list[int], guard: int, target: SplitTarget, rng: np.random.Generator
) -> Assignment:
    layouts = (BlockLayout(samples, block_px=edge, guard_px=guard) for edge in edges)
    return max((search_assignment(layout, target, rng) for layout in layouts), key=lambda found: found.score)


def _drawn(
    samples: SampleSet,
    train: IndexArray,
    validation: IndexArray,
    train_share: float,
    validation_share: float,
    seed: np.random.SeedSequence,
) -> tuple[IndexArray, IndexArray]:
    rng = np.random.default_rng(seed)
    kept, _ = _draw_share(rng, samples, train, train_share, minimum=1)
    kept_validation, _ = _draw_share(rng, samples, validation, validation_share)
    return kept, kept_validation


def _too_close(block_px: int, guard: int, train: int, test: int, samples: int) -> LabelError:
    return LabelError(
        f"The labels lie too close together for blocks of {block_px} pixels with a guard of {guard}:"
        f" {train} training and {test} test pixels would remain of {samples}.",
        code="blocks_too_close",
        hint="Use a smaller patch or guard, label more places, or choose a split by polygon or at random.",
    )


def _on_sizes(samples: int, train: int, validation: int, test: int, pooled: int, wanted_validation: bool) -> list[str]:
    unused = pooled - train - validation
    notes = [f"{unused:,} labelled pixels were not used."] if unused else []
    notes.append(
        f"Of {samples:,} labelled pixels {train:,} ({100 * train / samples:.1f} %) are for training, {validation:,} for validation and {test:,}"
        " for the test."
    )
    if wanted_validation and not validation:
        notes.append("No pixel remains for validation: its blocks lie within the guard of the others.")
    return notes


def _target(samples: SampleSet, train_share: float, validation_share: float, *, subsample: bool) -> SplitTarget:
    counts = samples.counts()
    pool_share = max(train_share, _POOL_SHARE) if subsample else train_share
    return SplitTarget(
        train=allocate(round(pool_share * len(samples)), counts, counts, minimum=1),
        validation=allocate(round(validation_share * len(samples)), counts, counts),
        total=counts,
        strict=not subsample,
    )


def _check_sizes(block_px: int | None, guard: int) -> None:
    if guard < 0:
        raise ParameterError(f"The guard must be 0 pixels or more; found {guard}.", code="guard_px")
    if block_px is not None and block_px < max(guard, 1):
        raise ParameterError(
            f"Blocks must be at least as wide as the guard of {guard} pixels between them; found {block_px}.",
            code="block_px",
            hint=f"Use {4 * max(guard, 1)} or more, or leave the block size empty.",
        )


def _edges(samples: SampleSet, guard: int) -> list[int]:
    extent = 1 + max(int(np.ptp(samples.rows)), int(np.ptp(samples.cols)))
    edges = {-(-extent // cut) for cut in _CUTS}
    wide_enough = sorted((e for e in edges if e >= 2 * guard), reverse=True)
    return wide_enough or [max(guard, -(-extent // 2), 1)]


def _draw_share(
    rng: np.random.Generator, samples: SampleSet, candidates: IndexArray, share: float, *, minimum: int = 0
) -> tuple[IndexArray, IndexArray]:
    available = np.bincount(samples.classes[candidates], minlength=len(samples.legend))
    number = allocate(round(share * len(samples)), samples.counts(), available, minimum=minimum)
    return draw(rng, candidates, samples.classes, number)


def _describe(assignment: Assignment, guard: int, removed: int) -> str:
    layout = assignment.layout
    sides = assignment.sides[layout.occupied]
    numbers = ", ".join(f"{(sides == side).sum()} {side.word}" for side in SIDES)
    text = f"Blocks of {layout.block_px}×{layout.block_px} pixels: {numbers}."
    if not removed:
        return text
    return (
        f"{text} {removed:,} labelled pixels within {guard} pixels of the border between training, validation and test"
        f" places were left out, mostly from the {'test' if assignment.removes_test else 'training'} places."
    )
