"""Looking for the assignment of blocks to sides that tests most classes and loses least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray
from .block_layout import NOWHERE, TEST, TRAIN, VALIDATION, BlockLayout, Sides

_STARTS = 48
_CLIMBED = 3
_MAX_TRIALS = 600
_ENOUGH_TEST = 0.25

Score = tuple[int, int, int, float]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the sides should hold after the guard: samples by class index, shape (classes,).

    ``strict`` asks for no more training than wished for; else the wish is a pool to draw from, and more is as good.
    """

    train: IndexArray
    validation: IndexArray
    total: IndexArray
    strict: bool

    def score(self, kept: IndexArray) -> Score:
        """How good a split with ``kept`` (3 sides, classes) samples is; tuples compare, larger is better.

        First the classes that are both trained and tested, then the classes trained at all, then whether there is
        any validation sample that was wished for, then how much of the wish is met, by class and by size, and the
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
    """A layout, the side of each of its blocks and who gives way at their borders."""

    layout: BlockLayout
    sides: Sides
    yields: npt.NDArray[np.bool_]
    score: Score

    @property
    def test_yields(self) -> bool:
        """True where test samples near training are removed; else training samples near the test are."""
        return bool(self.yields[TEST, TRAIN])


def search_assignment(layout: BlockLayout, wish: Wish, rng: np.random.Generator) -> Assignment:
    """Weigh scattered and compact assignments, then improve the best by moving single blocks."""

    def weigh(sides: Sides, yields: npt.NDArray[np.bool_]) -> Assignment:
        score = wish.score(layout.kept(sides, yields))
        return Assignment(layout=layout, sides=sides, yields=yields, score=score)

    rules = (_rule(train_yields=True), _rule(train_yields=False))
    starts = [weigh(sides, yields) for sides in _starts(layout, wish, rng) for yields in rules]
    starts.sort(key=lambda a: a.score, reverse=True)
    movable = [TRAIN, TEST, VALIDATION] if wish.validation.sum() else [TRAIN, TEST]
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
                    trial = weigh(sides, best.yields)
                    trials += 1
                    if trial.score > best.score:
                        best, moved = trial, True
        climbed.append(best)
    return max(climbed, key=lambda a: a.score)


def _rule(*, train_yields: bool) -> npt.NDArray[np.bool_]:
    yields = np.zeros((3, NOWHERE + 1), dtype=bool)
    yields[VALIDATION, [TRAIN, TEST]] = True
    yields[(TRAIN, TEST) if train_yields else (TEST, TRAIN)] = True
    return yields


def _starts(layout: BlockLayout, wish: Wish, rng: np.random.Generator) -> Iterator[Sides]:
    """Blocks put on sides in an order that is random, along a direction, or outwards from a block."""
    n = wish.total.sum()
    train_share, validation_share = wish.train.sum() / n, wish.validation.sum() / n
    centres = layout.centres()[layout.occupied]
    for number in range(_STARTS):
        if number % 3 == 0:
            key = rng.random(len(centres))
        elif number % 3 == 1:
            angle = rng.uniform(0, 2 * np.pi)
            key = centres @ np.array([np.sin(angle), np.cos(angle)])
        else:
            key = np.hypot(*(centres - centres[rng.integers(len(centres))]).T)
        ordered = layout.occupied[np.argsort(key, kind="stable")]
        share = train_share if wish.strict else rng.uniform(train_share, max(train_share, 0.6))
        before = np.cumsum(layout.block_counts[ordered]) - layout.block_counts[ordered]
        sides = np.full(layout.n_blocks, TEST)
        sides[ordered[before < (share + validation_share) * n]] = VALIDATION if validation_share else TRAIN
        sides[ordered[before < share * n]] = TRAIN
        yield sides
