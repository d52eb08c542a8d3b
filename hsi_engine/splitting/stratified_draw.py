"""Drawing a fixed number of samples so that each class gets its share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray


def allocate(total: int, weights: IndexArray, capacity: IndexArray, *, minimum: int = 0) -> IndexArray:
    """Share ``total`` among classes in proportion to ``weights``, rounded by the largest remainder (Hamilton, 1792).

    Parameters
    ----------
    weights : size of each class, shape (classes,).
    capacity : most that each class can give, shape (classes,). What one class cannot give is shared among the others.
    minimum : least that each class gives as far as it can, even beyond ``total``.

    Returns
    -------
    Number for each class, shape (classes,); sums to ``total`` unless capacity or minimum forbid it.
    """
    least = np.minimum(minimum, capacity).astype(np.int64)
    if total <= least.sum():
        return least
    if total >= capacity.sum():
        return capacity.astype(np.int64)
    weights = np.maximum(weights, 1)

    def share(rate: float) -> npt.NDArray[np.float64]:
        return np.clip(rate * weights, least, capacity)

    # The sum of the clipped shares rises with the rate, so halving finds the rate that meets the total.
    low, high = 0.0, float((capacity / weights).max())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle).sum() < total else (low, middle)
    exact = share(high)
    given = np.floor(exact).astype(np.int64)
    remainder = np.where(given < capacity, exact - given, -1.0)
    given[np.argsort(-remainder, kind="stable")[: total - int(given.sum())]] += 1
    return given


def draw(
    rng: np.random.Generator, candidates: IndexArray, classes: IndexArray, number: IndexArray
) -> tuple[IndexArray, IndexArray]:
    """Draw without replacement ``number[c]`` of the candidates of each class ``c``.

    Parameters
    ----------
    candidates : indices into ``classes``.
    classes : class index of every sample, shape (n,).
    number : how many to draw, by class index; no more than there are.

    Returns
    -------
    The drawn and the other candidates, both rising.
    """
    shuffled = rng.permutation(candidates)
    drawn = [shuffled[classes[shuffled] == c][:n] for c, n in enumerate(number)]
    taken = np.sort(np.concatenate(drawn)).astype(np.int64)
    return taken, np.setdiff1d(candidates, taken, assume_unique=True)
