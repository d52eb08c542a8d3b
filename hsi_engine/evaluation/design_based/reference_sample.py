"""Reference points that were drawn by a known design, with what the map and the interpreter say of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...classes.legend import NO_CLASS

Design = Literal["simple", "systematic", "post_stratified", "stratified"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceSample:
    """Labelled points of a probability sample.

    Parameters
    ----------
    design : "stratified" if a number of points was set for each stratum; "simple" if they were drawn from the whole map,
        which then is the only stratum; "systematic" for a regular grid with a random start, which is computed as simple
        (its true variance is usually smaller); "post_stratified" if points of a simple design are weighted by strata
        of known size afterwards.
    classes : number of classes, those of the map and of the reference together.
    reference : class index of each point, 0 to classes - 1, (points,).
    mapped : class index that the map gives it, (points,); -1 if it gives none.
    strata : index of the stratum of each point, 0 to strata - 1, (points,).
    sizes : pixels of each stratum, (strata,), above 0.
    areas : area of the pixel of each point, in any unit, (points,); None if all are the same.
    inside : whether each point is in the part of the map that the figures are of, (points,); None if all are.
    strata_are_classes : the strata are the classes of this map.
    finite : points were drawn without replacement, and the variance falls with the share that was drawn
        (finite-population factor of Stehman 2014). Olofsson et al. (2014) leave it out.
    """

    design: Design
    classes: int
    reference: npt.NDArray[np.int64]
    mapped: npt.NDArray[np.int64]
    strata: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.float64]
    areas: npt.NDArray[np.float64] | None = None
    inside: npt.NDArray[np.bool_] | None = None
    strata_are_classes: bool = False
    finite: bool = True
    points_by_stratum: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        for name, kind in (("reference", np.int64), ("mapped", np.int64), ("strata", np.int64), ("sizes", np.float64)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        n = len(self.reference)
        for name in ("mapped", "strata", "areas", "inside"):
            found = getattr(self, name)
            if found is not None and np.shape(found) != (n,):
                raise ValueError(f"{name} must be of shape ({n},), found {np.shape(found)}")
        _check_range("reference", self.reference, 0, self.classes)
        _check_range("mapped", self.mapped, NO_CLASS, self.classes)
        _check_range("strata", self.strata, 0, len(self.sizes))
        if not (np.isfinite(self.sizes) & (self.sizes > 0)).all():
            raise ValueError(f"each stratum needs a size above 0, found {self.sizes.tolist()}")
        if self.design in ("simple", "systematic") and len(self.sizes) != 1:
            raise ValueError(f"a {self.design} sample has one stratum, found {len(self.sizes)}")
        counts = np.bincount(self.strata, minlength=len(self.sizes))
        if not counts.all():
            raise ValueError(f"strata without a labelled point: {np.flatnonzero(counts == 0).tolist()}")
        if self.finite and (counts > self.sizes).any():
            raise ValueError(f"strata with more points than pixels: {np.flatnonzero(counts > self.sizes).tolist()}")
        object.__setattr__(self, "points_by_stratum", counts)

    def __len__(self) -> int:
        return len(self.reference)

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Share of each stratum in the pixels, (strata,)."""
        return np.asarray(self.sizes / self.sizes.sum())

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Points by class of the reference (rows) and of the map (columns, the last one: no class), (classes, classes + 1)."""
        kept = slice(None) if self.inside is None else self.inside
        columns = np.where(self.mapped == NO_CLASS, self.classes, self.mapped)[kept]
        cells = self.reference[kept] * (self.classes + 1) + columns
        return np.bincount(cells, minlength=self.classes * (self.classes + 1)).reshape(self.classes, -1)


def _check_range(name: str, found: npt.NDArray[Any], low: int, end: int) -> None:
    if found.size and not (found.min() >= low and found.max() < end):
        raise ValueError(f"{name} must lie between {low} and {end - 1}, found {found.min()} to {found.max()}")
