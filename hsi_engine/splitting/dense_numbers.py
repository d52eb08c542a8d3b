"""Numbers 0… for keys, without sorting millions of them where they are small."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

IndexArray = npt.NDArray[np.int64]

# A table of so many entries for each key takes less time and room than sorting.
_TABLE = 4


def dense_numbers(keys: npt.NDArray[np.integer[Any]]) -> IndexArray:
    """The place of each key among the different ones, rising, (n,): what ``np.unique`` calls the inverse.

    Parameters
    ----------
    keys : whole numbers, 0 or more, (n,).
    """
    if not len(keys) or int(keys.max()) > _TABLE * len(keys):
        return _as_indices(np.unique(keys, return_inverse=True)[1])
    present = np.zeros(int(keys.max()) + 1, dtype=np.int64)
    present[keys] = 1
    return _as_indices((np.cumsum(present) - 1)[keys])


def different(keys: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.integer[Any]]:
    """The different keys, rising: what ``np.unique`` gives; ``keys`` as in :func:`dense_numbers`."""
    if not len(keys) or int(keys.max()) > _TABLE * len(keys):
        return np.unique(keys)
    present = np.zeros(int(keys.max()) + 1, dtype=bool)
    present[keys] = True
    return np.flatnonzero(present).astype(keys.dtype)


def _as_indices(numbers: npt.NDArray[Any]) -> IndexArray:
    return numbers.astype(np.int64, copy=False)
