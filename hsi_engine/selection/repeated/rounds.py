"""What each training of a comparison trains on and tests, the same for all models."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import LabelError
from ...pixels.samples import IndexArray, SampleSet
from ...splitting.folds import Folds, make_folds
from ...splitting.split import NEAR_PX, guard_of, measure_leakage
from ...splitting.strategies import random_split


@dataclass(frozen=True, kw_only=True, eq=False)
class Round:
    """One training of every model.

    Parameters
    ----------
    seed : of the folds, and of the random numbers of the training.
    fold : number from 0.
    train, test : indices of samples, rising, int64.
    units : block or labelled area of each training sample, (train,); what tunes itself keeps them together.
    """

    seed: int
    fold: int
    train: IndexArray
    test: IndexArray
    units: IndexArray

    def digest(self, samples: SampleSet) -> str:
        """A hash of the pixels on both sides and their classes."""
        found = hashlib.sha256()
        for side in (self.train, self.test):
            for values in (samples.rows[side], samples.cols[side], samples.classes[side]):
                found.update(np.ascontiguousarray(values, dtype=np.int64).tobytes())
            found.update(b"|")
        found.update(np.ascontiguousarray(self.units, dtype=np.int64).tobytes())
        return found.hexdigest()


@dataclass(frozen=True, kw_only=True, eq=False)
class Rounds:
    """All trainings of a model.

    Parameters
    ----------
    rounds : by seed, then by fold.
    unit : block or labelled area of each sample, (samples,), the same for all seeds; what tests flip and intervals draw.
    unit_name : "block" or "labelled area".
    description : of the split, as JSON values.
    notes : sentences for the reader.
    """

    rounds: tuple[Round, ...]
    unit: IndexArray
    unit_name: str
    description: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def seeds(self) -> list[int]:
        """Each once, rising."""
        return sorted({one.seed for one in self.rounds})

    @property
    def test_train_ratio(self) -> float:
        """Tested over training samples, mean over the rounds."""
        return float(np.mean([len(one.test) / len(one.train) for one in self.rounds]))

    def of_seed(self, seed: int) -> list[Round]:
        """The rounds of one seed."""
        return [one for one in self.rounds if one.seed == seed]


def rounds_of_folds(
    samples: SampleSet,
    *,
    seeds: Sequence[int],
    radius: int,
    n_folds: int,
    block_px: int | None,
    mismatch: Callable[[Folds], float] | None = None,
) -> Rounds:
    """Folds of separate places, dealt again for every seed among the same blocks.

    Parameters
    ----------
    radius : of the largest patch of all models, in pixels; what it reaches around a tested pixel is not trained on by any of
        them, so that all learn from the same pixels.
    n_folds, block_px, mismatch : as in :func:`hsi_engine.splitting.folds.make_folds`.

    Raises
    ------
    LabelError : the labels allow no test.
    """
    rounds: list[Round] = []
    notes: list[str] = []
    unit, tested = np.empty(0, np.int64), []
    for seed in seeds:
        folds = make_folds(samples, n_folds=n_folds, guard_px=radius, seed=seed, block_px=block_px, mismatch=mismatch)
        notes += folds.notes
        if not folds.n_folds:
            raise LabelError(
                f"The models cannot be compared in separate places. {folds.notes[0] if folds.notes else ''}".rstrip(),
                code="no_folds",
                hint="Label more places, compare models with smaller patches, or test random pixels with split 'random'.",
            )
        if seed == seeds[0]:
            # The blocks of the first seed serve all: only then is a block of one seed that of another.
            unit, block_px = folds.unit, folds.block_px
        for fold in range(folds.n_folds):
            train = folds.training_of(fold, radius)
            test = folds.tested_in(fold)
            rounds.append(Round(seed=seed, fold=fold, train=train, test=test, units=folds.unit[train]))
        tested.append(int((folds.fold >= 0).sum()))
    return Rounds(
        rounds=tuple(rounds),
        unit=unit,
        unit_name="block",
        description={
            "strategy": "folds",
            "folds": [sum(one.seed == seed for one in rounds) for seed in seeds],
            "block_px": block_px,
            "guard_px": guard_of(radius),
            "leakage": 0.0,
            "unit_name": "block",
            **_sizes(rounds, samples, tested, unit),
        },
        notes=tuple(dict.fromkeys(notes)),
    )


def rounds_of_pixels(samples: SampleSet, *, seeds: Sequence[int], radius: int, train_share: float) -> Rounds:
    """Single pixels at random, drawn again for every seed.

    Parameters
    ----------
    radius : of the largest patch of all models, in pixels, for measuring the leakage.
    train_share : as in :func:`hsi_engine.splitting.strategies.random_split`.

    Raises
    ------
    LabelError : one of the sides holds fewer than two classes.
    """
    rounds, leakage, near, tested = [], [], [], []
    for seed in seeds:
        split = random_split(samples, radius=radius, train_share=train_share, seed=seed)
        if len(np.unique(samples.classes[split.train])) < 2 or len(np.unique(samples.classes[split.test])) < 2:
            raise LabelError(
                f"The models cannot be compared: {len(split.train)} training and {len(split.test)} test pixels do not hold two"
                " classes each.",
                code="one_class",
                hint="Label more pixels, or change the training share.",
            )
        groups = samples.groups[split.train]
        rounds.append(Round(seed=seed, fold=0, train=split.train, test=split.test, units=groups))
        leakage.append(split.leakage)
        near.append(measure_leakage(samples, split.train, split.test, NEAR_PX))
        tested.append(len(split.test))
    return Rounds(
        rounds=tuple(rounds),
        unit=np.unique(samples.groups, return_inverse=True)[1],
        unit_name="labelled area",
        description={
            "strategy": "random",
            "train_share": train_share,
            "guard_px": 0,
            "leakage": float(np.mean(leakage)),
            "near": float(np.mean(near)),
            "largest_patch_px": 2 * radius + 1,
            "unit_name": "labelled area",
            **_sizes(rounds, samples, tested, samples.groups),
        },
        notes=(),
    )


def _sizes(rounds: list[Round], samples: SampleSet, tested: list[int], unit: IndexArray) -> dict[str, Any]:
    return {
        "units": len(np.unique(np.concatenate([unit[one.test] for one in rounds]))),
        "samples": len(samples),
        "tested": tested,
        "train_samples": round(float(np.mean([len(one.train) for one in rounds]))),
        "test_samples": round(float(np.mean([len(one.test) for one in rounds]))),
        "trainings": len(rounds),
    }
