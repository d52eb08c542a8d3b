"""For which distances from training pixels the figures of a training hold, and folds that suit those of the map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray, SampleSet
from ..splitting.distances import DistanceComparison, Floats, nearest_distances
from ..splitting.folds import Folds
from ..splitting.split import Split

Sides = tuple[SampleSet, IndexArray, IndexArray]


def compare_distances(
    folds: Folds | None,
    split: Split | None,
    samples: SampleSet,
    guard_px: int,
    with_data: npt.NDArray[np.int64],
    pixel_size_m: tuple[float, float] | None,
) -> DistanceComparison | None:
    """Distances of the tested pixels to those they were tested without, and of the map; None if nothing was tested.

    Parameters
    ----------
    folds : of a cross-fitted test; used if there is no ``split``.
    split : whose test side was tested.
    samples : all labelled pixels, which ``split`` counts.
    guard_px : pixels between tested and training pixels of a fold.
    with_data : row and col of pixels of the map, (n, 2).
    pixel_size_m : edges of a pixel along a row and along a column; None: distances are in pixels.
    """
    along, across = pixel_size_m or (1.0, 1.0)
    scale = np.array([across, along])
    sides = _sides(folds, split, samples, guard_px)
    tested = [nearest_distances(_places(s, t) * scale, _places(s, m) * scale) for s, m, t in sides if len(m) and len(t)]
    if not tested or not len(with_data):
        return None
    trained = np.arange(len(samples)) if split is None else split.train
    mapped = nearest_distances(with_data * scale, _places(samples, trained) * scale)
    return DistanceComparison.of(np.concatenate(tested), mapped, "px" if pixel_size_m is None else "m")


def mismatch_with(
    samples: SampleSet, guard_px: int, with_data: npt.NDArray[np.int64], pixel_size_m: tuple[float, float] | None
) -> Callable[[Folds], float]:
    """How far the distances that folds test are from those of the map: Wasserstein's distance, as kNNDM minimises it.

    Linnenbrink et al. (2024) cut clusters of labels into folds and keep the number of clusters with the lowest one. Here it
    chooses among blocks of several sizes, which keep the guard. Infinite if nothing is tested. Parameters are those of
    :func:`compare_distances`.
    """

    def mismatch(folds: Folds) -> float:
        found = compare_distances(folds, None, samples, guard_px, with_data, pixel_size_m)
        return math.inf if found is None else found.wasserstein

    return mismatch


def _sides(folds: Folds | None, split: Split | None, samples: SampleSet, guard_px: int) -> Iterator[Sides]:
    """Samples, those that were trained on, and those that were tested without the others."""
    if split is not None:
        yield samples, split.train, split.test
    elif folds is not None:
        for fold in range(folds.n_folds):
            yield folds.samples, folds.training_of(fold, guard_px), folds.tested_in(fold)


def _places(samples: SampleSet, members: IndexArray) -> Floats:
    return np.stack([samples.rows[members], samples.cols[members]], axis=1).astype(np.float64)
