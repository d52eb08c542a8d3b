"""The candidates of a scene that comes tile by tile: of each predicted class the pixels with the largest keys.

Memory follows the number of points that are asked for and of classes, not the scene. A key follows from the place of a pixel
in the scene and from what is predicted there, so that the tiles make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Pixels of a scene, all arrays (n,).

    Parameters
    ----------
    rows, cols : in the scene.
    classes : index of the predicted class.
    keys : the larger, the earlier a pixel is taken.
    uncertainty : 0 to 1.
    dissimilarity : to the training pixels; NaN if the model does not know it.
    probability : of the predicted class.
    """

    rows: Integers
    cols: Integers
    classes: Integers
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

    def best(self, count: int) -> Candidates:
        """The ``count`` with the largest keys, those first; of equal keys the upper left pixel is first."""
        order = np.lexsort((self.cols, self.rows, -self.keys))
        return self.take(order[:count])


@dataclass(kw_only=True, eq=False)
class CandidatePool:
    """Gathers candidates.

    Parameters
    ----------
    n_classes : of the model.
    most : how many are kept of each class.
    pixels : pixels that each class is predicted for, (classes,).
    sum_uncertainty, sum_dissimilarity : over all of them.
    """

    n_classes: int
    most: int
    pixels: Integers = field(init=False)
    sum_uncertainty: float = 0.0
    sum_dissimilarity: float = 0.0
    _kept: dict[int, Candidates] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pixels = np.zeros(self.n_classes, np.int64)

    def add(self, found: Candidates) -> None:
        """Take in the pixels of a tile."""
        self.pixels += np.bincount(found.classes, minlength=self.n_classes)
        self.sum_uncertainty += float(found.uncertainty.sum())
        self.sum_dissimilarity += float(found.dissimilarity.sum())
        for index in np.unique(found.classes).tolist():
            new = found.take(np.flatnonzero(found.classes == index)).best(self.most)
            known = self._kept.get(index)
            self._kept[index] = new if known is None else Candidates.joined([known, new]).best(self.most)

    def by_class(self) -> dict[int, Candidates]:
        """The candidates of each class that has any, by its index, the largest keys first."""
        return dict(sorted(self._kept.items()))
