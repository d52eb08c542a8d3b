"""Which bands of an array are read together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def runs(bands: npt.NDArray[np.intp], gap: int) -> Iterator[slice]:
    """Runs of bands that are read in one go: those between which no more than ``gap`` others lie.

    Parameters
    ----------
    bands : rising, each once.

    Yields
    ------
    Slices of the bands of the file; those in between are read too.
    """
    breaks = np.flatnonzero(np.diff(bands) > gap + 1) + 1
    for part in np.split(bands, breaks):
        yield slice(int(part[0]), int(part[-1]) + 1)


def in_order(bands: Sequence[int]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp] | None]:
    """The bands rising and each once, and where each of those asked for stands among them; None if they are as asked for."""
    wanted = np.asarray(bands, dtype=np.intp)
    rising, places = np.unique(wanted, return_inverse=True)
    return rising, None if len(rising) == len(wanted) and bool((rising == wanted).all()) else places
