"""Looking for the assignment of blocks to sides that tests most classes and loses least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..pixels.samples import IndexArray
from ..pixels.split_side import SplitSide
from .block_layout import BlockLayout, RemovedNear, Sides

_STARTS = 48
_CLIMBED = 3
_MAX_TRIALS = 600
_ENOUGH_TEST = 0.25

Score = tuple[int, int, int, float]


@dataclass(frozen=True, kw_only=True)
class SplitTarget:
    """What the sides should hold after the guard: samples by class index, shape (classes,).

    ``strict`` asks for no more training samples than named; otherwise they are a pool to draw from, and more is as good.
    """

    train: IndexArray
    validation: IndexArray
    total: IndexArray
    strict: bool

    def score(self, kept: IndexArray) -> Score:
        """How good a split with ``kept`` (3 sides, classes) samples is; tuples compare, larger is better.

        First the classes that are both trained and tested, then the classes trained at all, then whether there is
        any validation sample if one is wanted, then how much of the target is met, by class and by size, and the
        share of all samples left for the test.
        """
        train, validation, test = kept
        present = self.total > 0
        trained = np.minimum(1, train / np.maximum(self.train, 1))
        tested = np.minimum(1, test / np.maximum(_ENOUGH_TEST * self.total, 1))
        fit = float((trained * tested)[present].mean()) + min(1.0, train.sum() / self.train.sum())
        if self.validation.sum():
            validated = np.minimum(1, validation / np.maximum(self.validation, 1))
            fit += float(validated[present].mean()) + min(1.0, validation.sum() / self.validation.sum())
        if self.strict:
            fit -= abs(train.sum() - self.train.sum()) / self.total.sum()
        return (
            int(((train > 0) & (test > 0)).sum()),
            int((train > 0).sum()),
            int(validation.sum() > 0 or not self.validation.sum()),
            round(fit + test.sum() / self.total.sum(), 9),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """A layout, the side of each of its blocks, and which samples are removed at their borders."""

    layout: BlockLayout
    sides: Sides
    removed_near: RemovedNear
    score: Score

    @property
    def removes_test(self) -> bool:
        """True if test samples near training samples are removed; otherwise it is the other way round."""
        return bool(self.removed_near[SplitSide.TEST, SplitSide.TRAINING])


def search_assignment(layout: BlockLayout, target: SplitTarget, rng: np.random.Generator) -> Assignment:
    """Weigh scattered and compact assignments, then improve the best by moving single blocks."""

    def weigh(sides: Sides, removed_near: RemovedNear) -> Assignment:
        score = target.score(layout.kept(sides, removed_near))
        return Assignment(layout=layout, sides=sides, removed_near=removed_near, score=score)

    rules = (_rule(removes_test=False), _rule(removes_test=True))
    starts = [weigh(sides, rule) for sides in _starts(layout, target, rng) for rule in rules]
    starts.sort(key=lambda a: a.score, reverse=True)
    movable = [SplitSide.TRAINING, SplitSide.TEST, *([SplitSide.VALIDATION] if target.validation.sum() else [])]
    climbed = []
    for best in starts[:_CLIMBED]:
        trials, moved = 0, True
        while moved and trials < _MAX_TRIALS:
            moved = False
            for block in rng.permutation(layout.occupied)[:_MAX_TRIALS]:
                for side in movable:
                    if side == best.sides[block]:
                        continue
                    sides = best.sides.copy()
                    sides[block] = side
                    trial = weigh(sides, best.removed_near)
                    trials += 1
                    if trial.score > best.score:
                        best, moved = trial, True
        climbed.append(best)
    return max(climbed, key=lambda a: a.score)


def _rule(*, removes_test: bool) -> RemovedNear:
    training, validation, test = SplitSide.TRAINING, SplitSide.VALIDATION, SplitSide.TEST
    removed_near = np.zeros((len(SplitSide), len(SplitSide)), dtype=bool)
    removed_near[validation, [training, test]] = True
    removed_near[(test, training) if removes_test else (training, test)] = True
    return removed_near


def _starts(layout: BlockLayout, target: SplitTarget, rng: np.random.Generator) -> Iterator[Sides]:
    """Blocks put on sides in an order that is random, along a direction, or outwards from a block."""
    n = target.total.sum()
    train_share, validation_share = target.train.sum() / n, target.validation.sum() / n
    centres = layout.centres()[layout.occupied]
    first = SplitSide.VALIDATION if validation_share else SplitSide.TRAINING
    for number in range(_STARTS):
        if number % 3 == 0:
            key = rng.random(len(centres))
        elif number % 3 == 1:
            angle = rng.uniform(0, 2 * np.pi)
            key = centres @ np.array([np.sin(angle), np.cos(angle)])
        else:
            key = np.hypot(*(centres - centres[rng.integers(len(centres))]).T)
        ordered = layout.occupied[np.argsort(key, kind="stable")]
        share = train_share if target.strict else rng.uniform(train_share, max(train_share, 0.6))
        before = np.cumsum(layout.block_counts[ordered]) - layout.block_counts[ordered]
        sides = np.full(layout.n_blocks, SplitSide.TEST)
        sides[ordered[before < (share + validation_share) * n]] = first
        sides[ordered[before < share * n]] = SplitSide.TRAINING
        yield sides
