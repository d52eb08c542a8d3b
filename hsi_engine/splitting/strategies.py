"""Ways to divide samples into training, validation and test. Spatial blocks: :mod:`hsi_engine.splitting.blocks`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from ..pixels.samples import IndexArray, SampleSet
from ..pixels.split_side import SIDES, SplitSide
from .blocks import block_split
from .shares import check_shares
from .split import Split, measured_split
from .stratified_draw import allocate, draw

__all__ = ["block_split", "given_split", "polygon_split", "random_split"]


def random_split(
    samples: SampleSet,
    *,
    radius: int,
    train_share: float,
    validation_share: float = 0.0,
    seed: int,
) -> Split:
    """Draw single pixels at random, each class in proportion: the protocol of most of the literature.

    Neighbours of test pixels end up in training, so with patches the accuracy is too good; the leakage measures by how much.
    Each class gives at least one training sample. Classes of two and more samples keep at least one for the test.
    Validation is drawn from what training leaves, never from the test.

    Parameters
    ----------
    radius : half the patch in pixels, for measuring the leakage.
    train_share, validation_share : shares of all samples, 0 to 1; the rest is the test.
    seed : whole number, 0 or more; the same seed draws the same samples.

    Raises
    ------
    ParameterError : shares or seed outside their bounds.
    """
    check_shares(train_share, validation_share, seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    n, counts = len(samples), samples.counts()
    number = allocate(round(train_share * n), counts, counts - (counts > 1), minimum=1)
    train, rest = draw(rng, np.arange(n), samples.classes, number)
    counts_rest = counts - number
    number = allocate(round(validation_share * n), counts, np.maximum(counts_rest - 1, 0))
    validation, test = draw(rng, rest, samples.classes, number)
    return measured_split(
        samples,
        train=train,
        validation=validation,
        test=test,
        radius=radius,
        strategy="random",
        notes=(_state_sizes(samples, train, validation, test),),
    )


def polygon_split(
    samples: SampleSet,
    *,
    radius: int,
    train_share: float,
    validation_share: float = 0.0,
    seed: int,
) -> Split:
    """Send whole polygons (or connected regions) to one side, each class in proportion as well as polygons allow.

    A class with one polygon is trained and not tested, one with two is trained and tested. Polygons that lie close
    together still leak; see the measured share.

    Parameters and errors are those of :func:`random_split`; shares are met in samples, not in polygons.
    """
    check_shares(train_share, validation_share, seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    groups, group_of, sizes = np.unique(samples.groups, return_inverse=True, return_counts=True)
    class_of = np.zeros(len(groups), dtype=np.int64)
    class_of[group_of] = samples.classes
    if np.any(class_of[group_of] != samples.classes):
        raise ValueError("each group must hold samples of one class only")
    side = np.full(len(groups), SplitSide.TEST)
    for index, count in enumerate(samples.counts()):
        order = rng.permutation(np.flatnonzero(class_of == index))
        n_train = _groups_for(sizes[order], train_share * count, minimum=1)
        n_train = min(n_train, max(1, len(order) - 1))
        rest = order[n_train:]
        n_validation = _groups_for(sizes[rest], validation_share * count, minimum=int(validation_share > 0))
        n_validation = min(n_validation, max(0, len(rest) - 1))
        side[order[:n_train]] = SplitSide.TRAINING
        side[rest[:n_validation]] = SplitSide.VALIDATION
    train, validation, test = (np.flatnonzero(side[group_of] == s) for s in SIDES)
    note = f"{len(groups)} polygons: {', '.join(f'{(side == s).sum()} {s.word}' for s in SIDES)}."
    return measured_split(
        samples,
        train=train,
        validation=validation,
        test=test,
        radius=radius,
        strategy="polygons",
        notes=(note, _state_sizes(samples, train, validation, test)),
    )


def given_split(samples: SampleSet, side: npt.NDArray[Any], *, radius: int, test_from_validation: bool = True) -> Split:
    """Take the split as it is given.

    Parameters
    ----------
    side : the :class:`SplitSide` of each sample as a whole number, (n,).
    radius : half the patch in pixels, for measuring the leakage.
    test_from_validation : if no sample is for the test, those for validation become the test (and must then
        select nothing), so that an accuracy can be stated.

    Raises
    ------
    LabelError : other values than 0 to 3, or no training sample.
    """
    if len(side) != len(samples):
        raise ValueError(f"{len(side)} sides for {len(samples)} samples")
    strange = np.setdiff1d(np.unique(side), list(SplitSide))
    if len(strange):
        raise LabelError(
            f"A split holds 1 (training), 2 (validation), 3 (test) and 0 (unused); found {strange[:5].tolist()}.",
            code="split_values",
            hint="Recode the split raster or field.",
        )
    train, validation, test = (np.flatnonzero(side == s) for s in SIDES)
    if not len(train):
        raise LabelError(
            "The given split marks no labelled pixel for training (value 1).",
            code="split_without_training",
            hint="Check that the split and the labels cover the same place.",
        )
    notes = []
    if not len(test) and len(validation) and test_from_validation:
        validation, test = test, validation
        notes.append(
            "The given split has no test pixels (value 3): its validation pixels (value 2) are used for the test "
            "instead and do not help to choose weights."
        )
    unused = int((side == SplitSide.UNUSED).sum())
    if unused:
        notes.append(
            f"{unused} of {len(samples)} labelled pixels are not in the given split (value 0) and were not used."
        )
    return measured_split(
        samples,
        train=train,
        validation=validation,
        test=test,
        radius=radius,
        strategy="given",
        notes=(*notes, _state_sizes(samples, train, validation, test)),
    )


def _groups_for(sizes: IndexArray, target: float, *, minimum: int) -> int:
    """How many of the groups, in their order, come closest to ``target`` samples."""
    reached = np.concatenate([[0], np.cumsum(sizes)])
    return max(minimum, int(np.argmin(np.abs(reached - target))))


def _state_sizes(samples: SampleSet, train: IndexArray, validation: IndexArray, test: IndexArray) -> str:
    return (
        f"Of {len(samples):,} labelled pixels {len(train):,} are for training, {len(validation):,} for validation"
        f" and {len(test)} for the test."
    )
