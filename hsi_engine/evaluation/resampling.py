"""Drawing whole units, such as blocks or polygons, with replacement.

Neighbouring pixels are alike, so a pixel is not an independent draw; the place it was taken from is closer to one.

References
----------
Efron, B. and Tibshirani, R. J. (1993): An introduction to the bootstrap. Chapman & Hall (bootstrap, percentile
interval). Field, C. A. and Welsh, A. H. (2007): Bootstrapping clustered data. Journal of the Royal Statistical
Society B 69, 369–390 (clusters drawn whole).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

# 2 million numbers of 8 bytes: a chunk of draws stays at 16 MB, however many units there are.
_CHUNK_VALUES = 2_000_000


def number_units(units: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], int]:
    """Number the units from 0, in the order of their names.

    Parameters
    ----------
    units : name or number of the unit each sample belongs to, (n,), any type that can be sorted.

    Returns
    -------
    The number of the unit of each sample, (n,), and how many units there are.
    """
    names, index = np.unique(np.asarray(units).ravel(), return_inverse=True)
    return index.reshape(-1).astype(np.int64), len(names)


def sums_by_unit(
    index: npt.NDArray[np.int64],
    units: int,
    values: npt.NDArray[Any],
    columns: npt.NDArray[np.integer[Any]],
    width: int,
) -> npt.NDArray[np.float64]:
    """Add up ``values`` (n,) by unit ``index`` (n,) and column ``columns`` (n,); float64 (units, width)."""
    cells = index * width + columns
    sums = np.bincount(cells, weights=np.asarray(values, dtype=np.float64), minlength=units * width)
    return np.asarray(sums.reshape(units, width), dtype=np.float64)


def resampled_sums(
    rng: np.random.Generator, sums: npt.NDArray[np.float64], draws: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Draw as many units as there are, with replacement, and add up what they hold.

    Parameters
    ----------
    sums : what each unit holds, float64 (units, values).
    draws : how often.

    Yields
    ------
    Sums of the drawn units in chunks, float64 (some draws, values). Each is a product of the numbers of times that
    the units were drawn, which follow a multinomial distribution, and ``sums``.
    """
    units, width = sums.shape
    at_once = max(1, _CHUNK_VALUES // max(units, width))
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        drawn = rng.integers(units, size=(size, units)) + units * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * units).reshape(size, units)
        yield times.astype(np.float64) @ sums


def check_lengths(**arrays: npt.NDArray[Any]) -> None:
    """See that all arrays have one axis and the same length.

    Raises
    ------
    ValueError : they differ; the message names each.
    """
    if any(array.ndim != 1 for array in arrays.values()) or len({len(array) for array in arrays.values()}) > 1:
        found = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"one value per sample was expected everywhere, found shapes {found}")


def check_draws(draws: int) -> None:
    """See that there are enough draws for a spread.

    Raises
    ------
    ValueError : fewer than 2.
    """
    if draws < 2:
        raise ValueError(f"2 draws or more are needed, 1,000 for an interval of 95 %; found {draws}")
