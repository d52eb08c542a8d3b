"""Values for pixels without data, so that a convolution can look past them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_AROUND = [(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1) if (row, col) != (0, 0)]


def fill_from_around(
    image: npt.NDArray[np.float32], known: npt.NDArray[np.bool_], rings: int
) -> npt.NDArray[np.float32]:
    """An image whose unknown pixels get the mean of their known neighbours, ring by ring.

    What is filled within ``rings`` pixels of a known one depends on pixels within so many pixels alone, whatever the rest
    of the array holds.

    Parameters
    ----------
    image : (channels, rows, cols).
    known : (rows, cols); what lies beyond the array is unknown.
    rings : how often; pixels further from any known one become 0.

    Returns
    -------
    ``image`` itself where all is known, else a new array.
    """
    if known.all():
        return image
    padded = np.pad(np.where(known, image, np.float32(0)), ((0, 0), (1, 1), (1, 1)))
    filled = np.pad(known, 1)
    inside = np.zeros_like(filled)
    inside[1:-1, 1:-1] = True
    for _ in range(rings):
        count = np.zeros(filled.shape, np.int8)
        for row, col in _AROUND:
            count += np.roll(filled, (row, col), (0, 1))
        rows, cols = np.nonzero(inside & ~filled & (count > 0))
        if not rows.size:
            break
        total = np.zeros((len(padded), rows.size), np.float32)
        for row, col in _AROUND:  # unknown ones hold 0
            total += padded[:, rows + row, cols + col]
        padded[:, rows, cols] = total / count[rows, cols]
        filled[rows, cols] = True
    return padded[:, 1:-1, 1:-1]
