"""Permuting one part after another of what the held-out pixels show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.samples import IndexArray
from ...remaining_time import RemainingTime
from ...reporting import Reporter
from ...selection.importance import HeldOutPatches, HeldOutPredictions, class_accuracies
from ...training.cubes import Cubes
from ...training.recipe import Recipe
from .operation import BandImportanceParams

# Components are permuted one by one if there are so few; of a reduction with more, none is.
_MOST_COMPONENTS = 30


@dataclass(frozen=True, kw_only=True, eq=False)
class Drops:
    """The loss of accuracy by one permuted part: average over the classes, (repeats,), and of each class, (classes,)."""

    average: npt.NDArray[np.float64]
    of_class: npt.NDArray[np.float64]

    @property
    def values(self) -> dict[str, Any]:
        return {
            "drop": float(self.average.mean()),
            "deviation": float(self.average.std(ddof=1)),
            "drops": self.average.tolist(),
        }


class Measure:
    """Permutes parts of the held-out pixels and counts what is lost."""

    def __init__(
        self,
        predictions: HeldOutPredictions,
        tested: HeldOutPatches,
        before: npt.NDArray[np.float64],
        params: BandImportanceParams,
        count: int,
        reporter: Reporter,
    ) -> None:
        self._predictions, self._tested, self._before = predictions, tested, before
        self._repeats, self._seed, self._count = params.repeats, params.seed, count
        self._reporter = reporter
        self._done, self._remaining = 0, RemainingTime()

    def drops(self, name: str, **part: Any) -> Drops:
        """The loss by one part; the orders follow from the seed and the repeat, and are the same for all parts."""
        lost = []
        for repeat in range(self._repeats):
            share = self._done / self._count
            self._reporter.progress(share, f"Permuting {name}{self._remaining.after(share)}")
            order: IndexArray = np.random.default_rng((self._seed, repeat)).permutation(len(self._tested.samples))
            predicted = self._predictions.predict(order, check_cancelled=self._reporter.check_cancelled, **part)
            lost.append(self._before - class_accuracies(predicted, self._tested.samples))
            self._done += 1
        together = np.array(lost)
        return Drops(average=np.nanmean(together, axis=1), of_class=together.mean(axis=0))


def components_of(cubes: Cubes, recipes: Sequence[Recipe]) -> list[tuple[int, int]]:
    """Branch and channel of each component that is permuted: of reductions to few principal or MNF components."""
    used = dict.fromkeys(cubes.branch_of(recipe.reduction) for recipe in recipes)
    branches = cubes.preprocessing.branches
    return [
        (branch, channel)
        for branch in used
        if branches[branch].kind in ("pca", "mnf") and branches[branch].n_components <= _MOST_COMPONENTS
        for channel in range(branches[branch].n_components)
    ]
