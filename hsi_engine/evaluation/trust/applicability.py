"""Area of applicability: where a scene is like the pixels that a model was trained on.

References
----------
Meyer, H. and Pebesma, E. (2021): Predicting into unknown space? Estimating the area of applicability of spatial prediction
models. Methods in Ecology and Evolution 12, 1620–1633 (dissimilarity index, threshold). Their package CAST caps the threshold
at the largest training dissimilarity, and counts the training points near a pixel (local point density); so does this
module. Hyndman, R. J. and Fan, Y. (1996): Sample quantiles in statistical packages. The American Statistician 50, 361–365
(quantiles of type 7).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]

# 2 million distances of 8 bytes at once: 16 MB.
_CHUNK_DISTANCES = 2_000_000
# Up to so many folds, each is searched from by a tree of the others.
_MANY_FOLDS = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Applicability:
    """Training points in the space of the predictors, and how far from them a model may be applied.

    Parameters
    ----------
    points : scaled and weighted predictors of the training pixels, float64 (n, predictors), two or more.
    centre, factor : a pixel with predictors x lies at ``(x - centre) * factor``, float64 (predictors,).
    mean_distance : mean distance between two training points, above 0; the unit of the dissimilarity.
    threshold : largest dissimilarity inside the area of applicability, 0 or more.

    Raises
    ------
    ValueError : shapes or numbers that are impossible.
    """

    points: Floats
    centre: Floats
    factor: Floats
    mean_distance: float
    threshold: float

    def __post_init__(self) -> None:
        for name in ("points", "centre", "factor"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(frozen).all():
                raise ValueError(f"the {name} of an area of applicability must be finite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        if self.points.ndim != 2 or len(self.points) < 2 or not self.points.shape[1]:
            raise ValueError(f"two training points or more were expected, found an array of shape {self.points.shape}")
        if not self.centre.shape == self.factor.shape == self.points.shape[1:]:
            raise ValueError(
                f"{self.points.shape[1]} predictors do not fit {self.centre.shape} and {self.factor.shape}"
            )
        if not (
            self.mean_distance > 0 and self.threshold >= 0 and np.isfinite([self.mean_distance, self.threshold]).all()
        ):
            raise ValueError(f"found a mean distance of {self.mean_distance} and a threshold of {self.threshold}")

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: it makes the search tree itself, which finds the same distances."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def n_predictors(self) -> int:
        return len(self.centre)

    def dissimilarity(self, predictors: npt.NDArray[np.floating[Any]]) -> Floats:
        """Dissimilarity index of pixels, float64 (n,), from predictors (n, predictors).

        The distance to the nearest training point, divided by the mean distance between training points (Meyer and Pebesma,
        2021): 0 at a training point. Each pixel is searched for alone, so its value depends on no other.
        """
        nearest, _ = self._tree.query(self._placed(predictors))
        return np.asarray(nearest / self.mean_distance)

    def nearest(self, predictors: npt.NDArray[np.floating[Any]], count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Dissimilarity to the nearest training points, and which they are, both (n, count), nearest first.

        The first is :meth:`dissimilarity`. There are as many as points if these are fewer than ``count``.
        """
        count = min(count, len(self.points))
        distances, which = self._tree.query(self._placed(predictors), k=np.arange(1, count + 1))
        return np.asarray(distances / self.mean_distance), np.asarray(which, dtype=np.int64)

    def is_inside(self, dissimilarity: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
        """Whether pixels with this dissimilarity lie in the area of applicability; False for NaN."""
        return np.asarray(dissimilarity <= self.threshold)

    def local_density(self, predictors: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
        """Training points nearer than the threshold to each pixel, int64 (n,), from predictors (n, predictors)."""
        # Just below the threshold: the ball of the tree holds its surface, and a point at the threshold does not count.
        radius = np.nextafter(self.threshold * self.mean_distance, 0.0)
        found = self._tree.query_ball_point(self._placed(predictors), radius, return_length=True)
        return np.asarray(found, dtype=np.int64)

    def _placed(self, predictors: npt.NDArray[np.floating[Any]]) -> Floats:
        return np.asarray((np.asarray(predictors, dtype=np.float64) - self.centre) * self.factor)

    @cached_property
    def _tree(self) -> cKDTree:
        return _tree_of(self.points)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedApplicability:
    """An area of applicability, and the dissimilarity of each training point to those outside its fold, float64 (n,)."""

    area: Applicability
    training_dissimilarity: Floats


def fit_applicability(
    predictors: npt.NDArray[np.floating[Any]],
    folds: npt.NDArray[np.integer[Any]],
    weights: npt.NDArray[np.floating[Any]] | None = None,
    *,
    scale: bool = True,
) -> FittedApplicability:
    """The area of applicability of a model that was trained on these pixels.

    Parameters
    ----------
    predictors : of the training pixels, float (n, predictors).
    folds : fold in which each of them was tested, (n,); its dissimilarity is measured to those of all others.
    weights : importance of each predictor, (predictors,); negative ones count as 0. None: all are alike.
    scale : whether predictors are first divided by their standard deviation (n - 1), after taking off their mean. One that does
        not vary is left out.

    Raises
    ------
    ValueError : shapes do not fit, numbers are not finite, there is a single fold, or all points are alike.
    """
    values = np.asarray(predictors, dtype=np.float64)
    if values.ndim != 2 or folds.shape != (len(values),):
        raise ValueError(f"(n, predictors) values and n folds were expected, found {values.shape}, {folds.shape}")
    if not np.isfinite(values).all():
        raise ValueError("predictors of training points must be finite numbers")
    if len(np.unique(folds)) < 2:
        raise ValueError(
            "training points of two folds or more are needed: dissimilarity is measured from one to the others"
        )
    centre, factor = np.zeros(values.shape[1]), np.ones(values.shape[1])
    if scale:
        centre, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
        varies = deviation > 64 * np.finfo(np.float64).eps * np.abs(centre)
        factor = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)
    if weights is not None:
        factor = factor * np.maximum(np.asarray(weights, dtype=np.float64), 0.0)
    points = (values - centre) * factor
    mean_distance = _mean_distance(points)
    if not mean_distance > 0:
        raise ValueError("all training points have the same predictors")
    found = _nearest_elsewhere(points, folds) / mean_distance
    area = Applicability(
        points=points,
        centre=centre,
        factor=factor,
        mean_distance=mean_distance,
        threshold=dissimilarity_threshold(found),
    )
    return FittedApplicability(area=area, training_dissimilarity=found)


def dissimilarity_threshold(training_dissimilarity: Floats) -> float:
    """Q75 + 1.5 · IQR of the training dissimilarity (n,), by quantiles of type 7; at most its maximum."""
    low, high = np.quantile(training_dissimilarity, (0.25, 0.75))
    return float(min(high + 1.5 * (high - low), training_dissimilarity.max()))


def _mean_distance(points: Floats) -> float:
    """Mean over the points (n, predictors) of their mean distance to all others."""
    from scipy.spatial.distance import cdist  # slow to load, and a map alone has no use for it

    total, step = 0.0, max(1, _CHUNK_DISTANCES // len(points))
    for start in range(0, len(points), step):
        total += float(cdist(points[start : start + step], points).sum())
    return total / (len(points) * (len(points) - 1))


def _nearest_elsewhere(points: Floats, folds: npt.NDArray[np.integer[Any]]) -> Floats:
    """Distance of each point (n, predictors) to the nearest one of another fold, (n,)."""
    found, names = np.empty(len(points)), np.unique(folds)
    if len(names) <= _MANY_FOLDS:
        for fold in names:
            own = folds == fold
            found[own] = _tree_of(points[~own]).query(points[own])[0]
        return found
    # With many small folds, one of the nearest neighbours is hardly ever of the same one.
    tree, left, count = _tree_of(points), np.arange(len(points)), 2
    while len(left):
        count = min(2 * count, len(points))
        distances, neighbours = tree.query(points[left], k=count)
        elsewhere = folds[neighbours] != folds[left][:, None]
        first, known = elsewhere.argmax(axis=1), elsewhere.any(axis=1)
        found[left[known]] = distances[known, first[known]]
        left = left[~known]
    return found


def _tree_of(points: Floats) -> cKDTree:
    from scipy.spatial import cKDTree  # slow to load, and most maps have no use for it

    return cKDTree(points)
