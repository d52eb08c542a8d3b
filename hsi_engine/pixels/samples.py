"""The labelled pixels of one scene, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..classes.class_names import is_named
from ..classes.legend import NO_CLASS, Legend
from ..errors import LabelError
from ..phrases import listed
from .labelled_pixels import LabelledPixels

IndexArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleSet:
    """Labelled pixels that a model may be trained or assessed on.

    Parameters
    ----------
    rows, cols : position of each sample in the scene, shape (n,), int64, pixels.
    classes : class *index* of each sample (its position in ``legend``), shape (n,), int64.
    groups : number of the polygon or connected region a sample comes from, shape (n,), int64.
    legend : the classes. A class may have no sample; see :meth:`require_classes`.
    """

    rows: IndexArray
    cols: IndexArray
    classes: IndexArray
    groups: IndexArray
    legend: Legend

    def __post_init__(self) -> None:
        for name in ("rows", "cols", "classes", "groups"):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.int64)
            if array.ndim != 1 or len(array) != len(self.rows):
                raise ValueError(f"{name} must be of shape ({len(self.rows)},), found {array.shape}")
            object.__setattr__(self, name, array)
        if len(self) and min(self.rows.min(), self.cols.min()) < 0:
            raise ValueError("rows and cols must not be negative")
        if len(self) and not (self.classes.min() >= 0 and self.classes.max() < len(self.legend)):
            raise ValueError(f"classes must be indices from 0 to {len(self.legend) - 1} into the legend")

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SampleSet):
            return NotImplemented
        same = (np.array_equal(getattr(self, n), getattr(other, n)) for n in ("rows", "cols", "classes", "groups"))
        return self.legend == other.legend and all(same)

    __hash__ = None  # type: ignore[assignment]  # arrays are mutable

    def counts(self) -> IndexArray:
        """Number of samples by class index, shape (classes,)."""
        return np.bincount(self.classes, minlength=len(self.legend)).astype(np.int64)

    def take(self, indices: npt.NDArray[Any]) -> SampleSet:
        """The samples at ``indices`` (or where a mask is True), with the same legend."""
        return SampleSet(
            rows=self.rows[indices],
            cols=self.cols[indices],
            classes=self.classes[indices],
            groups=self.groups[indices],
            legend=self.legend,
        )

    @classmethod
    def from_labels(
        cls, pixels: LabelledPixels, legend: Legend, valid: npt.NDArray[np.bool_] | None = None
    ) -> tuple[SampleSet, tuple[str, ...]]:
        """Collect the labelled pixels on which the scene has data.

        Parameters
        ----------
        pixels : the labelled pixels.
        legend : the classes to collect.
        valid : True where the scene has data, for each of ``pixels``, (n,); None: everywhere.

        Returns
        -------
        The samples in row-major order, and a note on each kind of label that was left out.

        Raises
        ------
        LabelError : no labelled pixel lies on a valid pixel.
        """
        if valid is None:
            valid = np.ones(len(pixels), dtype=bool)
        if valid.shape != (len(pixels),):
            raise ValueError(f"valid must be of shape ({len(pixels)},), found {valid.shape}")
        notes: list[str] = []
        indices = legend.to_index(pixels.values)
        unknown = indices == NO_CLASS
        if unknown.any():
            found = ", ".join(str(v) for v in np.unique(pixels.values[unknown])[:10])
            notes.append(
                f"Labelled pixels with values that are not in the legend ({found}), left out: {unknown.sum()}."
            )
        hidden = ~unknown & ~valid
        if hidden.any():
            counts = np.bincount(indices[hidden], minlength=len(legend))
            called = [c.name if is_named(c.value, c.name) else f"class {c.value}" for c in legend]
            of = listed([f"{n:,} of {name}" for name, n in zip(called, counts, strict=True) if n])
            have = (
                "pixel has no data in the scene and was"
                if hidden.sum() == 1
                else "pixels have no data in the scene and were"
            )
            notes.append(f"{hidden.sum():,} labelled {have} left out: {of}.")
        kept = ~unknown & valid
        if not kept.any():
            raise LabelError(
                f"{_none_of(len(pixels))} be used:"
                f" {hidden.sum()} have no data in the scene, {unknown.sum()} have values outside the legend.",
                code="no_samples",
                hint="Check that labels and scene show the same place and that the legend lists the values in use.",
            )
        samples = cls(
            rows=pixels.rows[kept],
            cols=pixels.cols[kept],
            classes=indices[kept],
            groups=pixels.groups[kept],
            legend=legend,
        )
        return samples, tuple(notes)

    def require_classes(self, minimum: int, rule: Literal["error", "drop"]) -> tuple[SampleSet, tuple[str, ...]]:
        """See that there are at least two classes, each with at least ``minimum`` samples.

        Parameters
        ----------
        minimum : samples that a class needs; 2 lets a class be trained and tested at all.
        rule : "error" refuses classes with fewer, "drop" leaves them out of samples and legend.

        Raises
        ------
        LabelError : too few samples in a class under the rule "error"; fewer than two classes left.
        """
        counts = self.counts()
        small = counts < minimum
        notes: tuple[str, ...] = ()
        kept = self
        if small.any():
            listed = _name_counts(self.legend, counts, small)
            if rule == "error":
                raise LabelError(
                    f"Classes with fewer than {minimum} usable pixels ({small.sum()} of {len(counts)}): {listed}.",
                    code="too_few_samples",
                    hint="Draw more labels for these classes, or choose to leave small classes out.",
                )
            notes = (f"Classes with fewer than {minimum} pixels, left out: {listed}.",)
            kept = self._without(small)
        if len(kept.legend) < 2:
            named = _name_counts(kept.legend, kept.counts()) or "none"
            raise LabelError(
                f"Training needs at least two classes with {minimum} or more labelled pixels each; found: {named}.",
                code="one_class",
                hint="Label a second class, or check that the right class field was chosen.",
            )
        return kept, notes

    def _without(self, dropped: npt.NDArray[np.bool_]) -> SampleSet:
        kept = self.take(~dropped[self.classes])
        legend = self.legend.subset(self.legend.values[~dropped])
        return SampleSet(
            rows=kept.rows,
            cols=kept.cols,
            classes=legend.to_index(self.legend.values[kept.classes]),
            groups=kept.groups,
            legend=legend,
        )


def _none_of(count: int) -> str:
    return "The only labelled pixel cannot" if count == 1 else f"None of the {count:,} labelled pixels can"


def _name_counts(legend: Legend, counts: npt.NDArray[Any], which: npt.NDArray[np.bool_] | None = None) -> str:
    shown = counts > 0 if which is None else which
    return ", ".join(f"{c.name} ({n})" for c, n, show in zip(legend, counts, shown, strict=True) if show)
