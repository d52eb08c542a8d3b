"""Which samples train a model, which stop its training, which test it, and how far they are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..pixels.samples import IndexArray, SampleSet
from .box_count import BoxCounter

NEAR_PX = 2
"""A test pixel so close to a training pixel is hardly another place, whatever a method sees: pixels mix with their neighbours."""


def guard_of(radius: int) -> int:
    """The guard in pixels between tested and training pixels of a method that sees ``radius`` pixels around each."""
    return max(radius, NEAR_PX)


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Three disjoint sets of samples, and how honest they are.

    Parameters
    ----------
    train, validation, test : indices into the :class:`SampleSet` that was split, rising, int64.
    strategy : "random", "blocks", "polygons" or "given".
    guard_px : Chebyshev distance in pixels up to which no sample of another side is kept; 0 if none was asked for.
    leakage : share of the test samples that lie inside the patch of some training sample (Chebyshev
        distance up to the patch radius); NaN if there is no test sample.
    overlap : share of the test samples whose own patch shares a pixel with some training patch
        (distance up to twice the radius); NaN if there is no test sample.
    removed : samples left out for the sake of the guard.
    notes : what a reader of the accuracies has to know, in sentences.
    unit_name : what was put on one side as a whole, and what a bootstrap draws: "block", "polygon" or "pixel".
    test_unit : number of the block or polygon of each sample of ``test``, in its rising order, int64; None if single
        pixels were divided.
    """

    train: IndexArray
    validation: IndexArray
    test: IndexArray
    strategy: str
    guard_px: int
    leakage: float
    overlap: float
    removed: int
    notes: tuple[str, ...]
    unit_name: str = "pixel"
    test_unit: IndexArray | None = None

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            object.__setattr__(self, name, np.sort(np.asarray(getattr(self, name), dtype=np.int64)))
        used = np.concatenate([self.train, self.validation, self.test])
        if len(np.unique(used)) != len(used):
            raise ValueError("a sample is in more than one of train, validation and test, or twice in one")
        if self.test_unit is not None and self.test_unit.shape != self.test.shape:
            raise ValueError(f"{self.test_unit.shape} units for test samples of shape {self.test.shape}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Split):
            return NotImplemented
        sides = ("train", "validation", "test")
        return self.to_json() == other.to_json() and all(
            np.array_equal(getattr(self, side), getattr(other, side)) for side in sides
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are mutable

    def to_json(self) -> dict[str, Any]:
        """Sizes, strategy and honesty figures; a share that is not defined is null."""
        return {
            "strategy": self.strategy,
            "guard_px": self.guard_px,
            "train_samples": len(self.train),
            "validation_samples": len(self.validation),
            "test_samples": len(self.test),
            "removed_samples": self.removed,
            "leakage": None if math.isnan(self.leakage) else self.leakage,
            "overlap": None if math.isnan(self.overlap) else self.overlap,
            "unit_name": self.unit_name,
            "test_units": None if self.test_unit is None else len(np.unique(self.test_unit)),
            "notes": list(self.notes),
        }


def measure_leakage(samples: SampleSet, train: IndexArray, test: IndexArray, radius: int) -> float:
    """Share of the test samples with a training sample within a Chebyshev distance of ``radius`` pixels.

    Parameters
    ----------
    train, test : indices into ``samples``.
    radius : half the patch, ``patch_size // 2``: the share then says how many test pixels the network has seen
        during training. Twice that: how many test patches share pixels with training patches.

    Returns
    -------
    0 to 1; NaN if there is no test sample.
    """
    if not len(test):
        return math.nan
    counter = BoxCounter(samples.rows[train], samples.cols[train])
    near = counter.count_around(samples.rows[test], samples.cols[test], radius) > 0
    return float(near.mean())


def measured_split(
    samples: SampleSet,
    *,
    train: IndexArray,
    validation: IndexArray,
    test: IndexArray,
    radius: int,
    strategy: str,
    guard_px: int = 0,
    removed: int = 0,
    notes: tuple[str, ...] = (),
    unit_name: str = "pixel",
    unit: IndexArray | None = None,
) -> Split:
    """Make a :class:`Split` whose leakage is measured and whose notes name the classes a side lacks.

    ``unit`` is the number of the block or polygon of each of ``samples``, (n,); None if single pixels were divided.
    """
    missing = [
        _name_missing(samples, train, "training", "the model cannot know it"),
        _name_missing(samples, test, "test", "its accuracy is not measured"),
    ]
    if len(validation):
        missing.append(_name_missing(samples, validation, "validation", "it does not help to choose weights"))
    return Split(
        train=train,
        validation=validation,
        test=test,
        strategy=strategy,
        guard_px=guard_px,
        leakage=measure_leakage(samples, train, test, radius),
        overlap=measure_leakage(samples, train, test, 2 * radius),
        removed=removed,
        notes=(*notes, *(note for note in missing if note)),
        unit_name=unit_name,
        test_unit=None if unit is None else unit[np.sort(test)].astype(np.int64),
    )


def _name_missing(samples: SampleSet, side: IndexArray, side_name: str, consequence: str) -> str:
    here = np.bincount(samples.classes[side], minlength=len(samples.legend))
    missing = [c.name for c, n, total in zip(samples.legend, here, samples.counts(), strict=True) if total and not n]
    return f"No {side_name} pixel of {', '.join(missing)}: {consequence}." if missing else ""
