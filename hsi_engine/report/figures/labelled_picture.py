"""Pictures of labelled pixels: each is drawn, also in the picture of a large scene, which shows others in steps only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from .pictures import thinning_step, upright

# A labelled pixel is at least as large as one of so many along the longer edge.
_SMALLEST_SHARE = 350


def picture_of_labels(
    grid: Grid, samples: SampleSet, numbers: npt.NDArray[np.integer], colours: Sequence[str]
) -> npt.NDArray[np.uint8]:
    """Labelled pixels in the colours of their classes, (rows, cols, 4), north up; transparent between them.

    Parameters
    ----------
    numbers : index into ``colours`` (``#rrggbb``) of each sample, (n,).
    """
    step = thinning_step(grid.shape)
    rows, cols = (math.ceil(edge / step) for edge in grid.shape)
    number = np.zeros((rows, cols), dtype=np.int64)
    number[samples.rows // step, samples.cols // step] = numbers + 1
    for _ in range(max(rows, cols) // (2 * _SMALLEST_SHARE)):
        number = _grown(number)
    table = np.array([(0, 0, 0, 0), *(_rgba(colour) for colour in colours)], dtype=np.uint8)
    return np.ascontiguousarray(upright(table[number], grid))


def _grown(number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each labelled pixel one pixel wider to every side, unless another one is there."""
    padded = np.pad(number, 1)
    rows, cols = number.shape
    grown = number.copy()
    for row in range(3):
        for col in range(3):
            neighbour = padded[row : row + rows, col : col + cols]
            grown = np.where(grown == 0, neighbour, grown)
    return grown


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, 255
