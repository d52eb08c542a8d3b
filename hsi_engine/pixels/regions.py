"""Regions: labels that are one place, from pairs of those that lie on each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def linked_regions(pairs: npt.NDArray[Any], count: int) -> npt.NDArray[np.int32]:
    """The region of each of the numbers below ``count``: the lowest that it is linked to, which may be itself.

    Parameters
    ----------
    pairs : numbers that belong to one region, (pairs, 2); any number of steps links them.
    """
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, region = connected_components(links, directed=False)
    _, lowest = np.unique(region, return_index=True)
    return np.asarray(lowest[region], dtype=np.int32)
