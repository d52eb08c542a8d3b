"""Ways to divide samples into training, validation and test. Spatial blocks: :mod:`hsi_engine.splitting.blocks`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from ..phrases import listed
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
    """Send whole polygons (or connected regions) to one side, so that each class comes as near to its shares as they allow.

    A class with one polygon is trained and not tested, one with two is trained and tested. Polygons that lie close
    together still leak; see the measured share. The sides depend on where polygons lie, not on their order in a file or on
    the numbers of classes.

    Parameters and errors are those of :func:`random_split`; shares are met in samples, not in polygons. A note names the
    classes that miss their training share by more than half of it.
    """
    check_shares(train_share, validation_share, seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    in_place = np.lexsort((samples.cols, samples.rows))
    group_of = _numbered(samples.groups, in_place)
    class_of = np.zeros(group_of.max() + 1, dtype=np.int64)
    class_of[group_of] = samples.classes
    if np.any(class_of[group_of] != samples.classes):
        raise ValueError("each group must hold samples of one class only")
    sizes, counts = np.bincount(group_of), samples.counts()
    side = np.full(len(sizes), SplitSide.TEST)
    for index in samples.classes[in_place][_firsts(samples.classes[in_place])]:
        shuffled = rng.permutation(np.flatnonzero(class_of == index))
        chosen = _nearest_to(sizes, shuffled, train_share * counts[index], most=max(1, len(shuffled) - 1))
        side[chosen] = SplitSide.TRAINING
        rest = shuffled[~np.isin(shuffled, chosen)]
        if validation_share and len(rest) > 1:
            chosen = _nearest_to(sizes, rest, validation_share * counts[index], most=len(rest) - 1)
            side[chosen] = SplitSide.VALIDATION
    train, validation, test = (np.flatnonzero(side[group_of] == s) for s in SIDES)
    note = f"{len(sizes)} polygons: {', '.join(f'{(side == s).sum()} {s.word}' for s in SIDES)}."
    missed = _missed_share(samples, train, train_share)
    return measured_split(
        samples,
        train=train,
        validation=validation,
        test=test,
        radius=radius,
        strategy="polygons",
        unit_name="polygon",
        unit=group_of,
        notes=(note, _state_sizes(samples, train, validation, test), *missed),
    )


def given_split(samples: SampleSet, side: npt.NDArray[Any], *, radius: int, test_from_validation: bool = True) -> Split:
    """Take the split as it is given.

    Parameters
    ----------
    side : the :class:`SplitSide` of each sample as a whole number, (n,). If no polygon or connected area lies on two
        sides, these are the units of the split.
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
    whole = _are_whole(samples.groups, train, validation, test)
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
        unit_name="polygon" if whole else "pixel",
        unit=samples.groups if whole else None,
        notes=(*notes, _state_sizes(samples, train, validation, test)),
    )


def _are_whole(groups: IndexArray, train: IndexArray, validation: IndexArray, test: IndexArray) -> bool:
    """Whether no group, (n,), has samples on two sides, and some have more than one: else single pixels were divided."""
    sides = [np.unique(groups[side]) for side in (train, validation, test)]
    apart = sum(map(len, sides)) == len(np.unique(np.concatenate(sides)))
    return apart and len(np.unique(groups)) < len(groups)


def _firsts(values: IndexArray) -> IndexArray:
    """Positions at which each different value stands for the first time, rising."""
    return np.sort(np.unique(values, return_index=True)[1])


def _numbered(groups: IndexArray, in_place: IndexArray) -> IndexArray:
    """Numbers 0… of ``groups`` (n,) in the order of their first pixels; ``in_place`` sorts samples by row and column."""
    _, first, group_of = np.unique(groups[in_place], return_index=True, return_inverse=True)
    number = np.empty(len(first), dtype=np.int64)
    number[np.argsort(first)] = np.arange(len(first))
    numbered = np.empty(len(groups), dtype=np.int64)
    numbered[in_place] = number[group_of.reshape(-1)]
    return numbered


def _nearest_to(sizes: IndexArray, shuffled: IndexArray, target: float, *, most: int) -> IndexArray:
    """Some of the ``shuffled`` groups, 1 to ``most``, that together come near to ``target`` samples.

    In their order, those are taken that fit; then the one of the others that brings the sum nearest, if it does.
    """
    taken: list[int] = []
    reached = 0
    for group in shuffled:
        if reached + sizes[group] <= target:
            taken.append(group)
            reached += sizes[group]
    rest = shuffled[~np.isin(shuffled, taken)]
    if len(rest):
        last = rest[np.argmin(abs(reached + sizes[rest] - target))]
        if not taken or abs(reached + sizes[last] - target) < target - reached:
            taken.append(last)
    if len(taken) > most:
        taken.remove(min(taken, key=lambda group: sizes[group]))
    return np.asarray(taken, dtype=np.int64)


def _missed_share(samples: SampleSet, train: IndexArray, share: float) -> tuple[str, ...]:
    """A note that names the classes whose training samples are fewer than half of their share, or more than one and a half."""
    trained, counts = np.bincount(samples.classes[train], minlength=len(samples.legend)), samples.counts()
    missed = abs(trained - share * counts) > np.maximum(share * counts / 2, 1)
    named = [f"{samples.legend.names[k]} ({trained[k]:,} of {counts[k]:,} pixels)" for k in np.flatnonzero(missed)]
    if not named:
        return ()
    return (
        f"The training share of {100 * share:g} % is missed by more than half for {listed(named)}: polygons are not cut, and"
        " these are too few or too large.",
    )


def _state_sizes(samples: SampleSet, train: IndexArray, validation: IndexArray, test: IndexArray) -> str:
    return (
        f"Of {len(samples):,} labelled pixels {len(train):,} are for training, {len(validation):,} for validation"
        f" and {len(test)} for the test."
    )
