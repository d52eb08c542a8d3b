"""The candidates of a scene that comes tile by tile: of each predicted class and level of usefulness some pixels at random.

Memory follows the number of points that are asked for and of classes, not the scene. The random number of a pixel follows from
its place in the scene, so that the tiles make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import numpy.typing as npt

from .scores import N_UNLIKE, N_UNSURE, Floats, Integers, draw_keys, level_scores

_N_LEVELS = N_UNSURE * N_UNLIKE
# So many may wait to be sorted in.
_PENDING = 100_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Pixels of a scene, all arrays (n,).

    Parameters
    ----------
    rows, cols : in the scene.
    classes : index of the predicted class.
    levels : how unsure the model is of them, and how unlike they are, in steps.
    keys : the smaller, the earlier a pixel is taken of those of one class and level: a random number of the pixel. Of
        :meth:`CandidatePool.by_class` the larger, the earlier of all.
    uncertainty : 0 to 1.
    dissimilarity : to the training pixels; NaN if the model does not know it.
    probability : of the predicted class.
    """

    rows: Integers
    cols: Integers
    classes: Integers
    levels: Integers
    keys: Floats
    uncertainty: Floats
    dissimilarity: Floats
    probability: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: npt.NDArray[np.int64]) -> Candidates:
        """Those at the positions ``which``, in this order."""
        return Candidates(**{part.name: getattr(self, part.name)[which] for part in fields(self)})

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """All of several parts, one or more, one after another."""
        return cls(**{name.name: np.concatenate([getattr(part, name.name) for part in parts]) for name in fields(cls)})

    def by_key(self) -> Candidates:
        """Those with the largest keys first; of equal keys the upper left pixel is first."""
        return self.take(np.lexsort((self.cols, self.rows, -self.keys)))


@dataclass(kw_only=True, eq=False)
class CandidatePool:
    """Gathers candidates.

    Parameters
    ----------
    n_classes : of the model.
    most : how many are kept of each class and level.
    pixels : pixels that each class is predicted for, (classes,).
    of_level : pixels of each level, (levels,).
    sum_uncertainty, sum_dissimilarity : over all of them.
    """

    n_classes: int
    most: int
    pixels: Integers = field(init=False)
    of_level: Integers = field(init=False)
    sum_uncertainty: float = 0.0
    sum_dissimilarity: float = 0.0
    _kept: list[Candidates] = field(default_factory=list)
    _highest: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.pixels = np.zeros(self.n_classes, np.int64)
        self.of_level = np.zeros(_N_LEVELS, np.int64)
        # No pixel of a class and level with a larger random number is one of its first.
        self._highest = np.full(self.n_classes * _N_LEVELS, np.inf)

    def add(self, found: Candidates) -> None:
        """Take in the pixels of a tile."""
        self.pixels += np.bincount(found.classes, minlength=self.n_classes)
        self.of_level += np.bincount(found.levels, minlength=_N_LEVELS)
        self.sum_uncertainty += float(found.uncertainty.sum())
        self.sum_dissimilarity += float(found.dissimilarity.sum())
        self._kept.append(self._few(found.take(np.flatnonzero(found.keys < self._highest[_group(found)]))))
        # Sorting all of them after every tile would take longer than predicting it.
        first, *others = map(len, self._kept)
        if sum(others) > max(_PENDING, first):
            self._settle()

    def by_class(self, weight: float) -> dict[int, Candidates]:
        """The candidates of each class that has any, by its index, in the order of a random draw by their scores.

        ``weight`` is that of the dissimilarity, next to the uncertainty.
        """
        if not self._kept:
            return {}
        kept = self._settle()
        keys = draw_keys(level_scores(self.of_level, weight)[kept.levels], kept.keys)
        drawn = replace(kept, keys=keys)
        return {
            index: drawn.take(np.flatnonzero(drawn.classes == index)).by_key()
            for index in np.unique(kept.classes).tolist()
        }

    def _settle(self) -> Candidates:
        """Keep the first ones of all that were gathered, and note which of each class and level is the last."""
        kept = self._few(Candidates.joined(self._kept))
        self._kept = [kept]
        group = _group(kept)
        full = np.bincount(group, minlength=len(self._highest)) >= self.most
        largest = np.full(len(self._highest), -np.inf)
        np.maximum.at(largest, group, kept.keys)
        self._highest = np.where(full, largest, np.inf)
        return kept

    def _few(self, found: Candidates) -> Candidates:
        """Of each class and level those with the smallest random numbers."""
        group = _group(found)
        order = np.lexsort((found.cols, found.rows, found.keys, group))
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
        return found.take(order[place < self.most])


def _group(found: Candidates) -> Integers:
    """A number for each class and level, (n,)."""
    return found.classes * _N_LEVELS + found.levels
