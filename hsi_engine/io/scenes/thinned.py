"""Every n-th pixel of some bands, read piece by piece: for pictures, and as a sample of the whole scene."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window
from .reader import SceneReader

_READ_PIXELS = 1 << 20
_READ_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class ThinnedBands:
    """Pixels on a regular grid over a scene or a part of it.

    Parameters
    ----------
    numbers : as in the file, (bands, rows, cols).
    valid : (rows, cols); True where every band holds data.
    step : distance of these pixels in pixels, in both directions, from the upper left one on.
    """

    numbers: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]
    step: int


def step_for_pixels(shape: tuple[int, int], most_pixels: int) -> int:
    """The smallest step that leaves at most ``most_pixels`` of a scene of ``shape``."""
    rows, cols = shape
    step = max(1, math.isqrt(rows * cols // most_pixels))
    while math.ceil(rows / step) * math.ceil(cols / step) > most_pixels:
        step += 1
    return step


def read_thinned(
    reader: SceneReader,
    bands: Sequence[int],
    step: int,
    part: Window | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
    progress: Callable[[float], None] = lambda share: None,
) -> ThinnedBands:
    """Read every ``step``-th pixel; no more of the file than it takes, and never more than a piece at once.

    Parameters
    ----------
    bands : 0-based, at least one.
    part : the pixels to choose from, inside the scene; all if None.
    check_cancelled : called before each piece; what it raises ends the reading.
    progress : called before each piece with the share that is read, 0 to 1.

    Raises
    ------
    SceneError : the file is damaged.
    """
    part = Window.of_shape(reader.scene.grid.shape) if part is None else part
    rows, cols = (math.ceil(edge / step) for edge in part.shape)
    numbers = np.zeros((len(bands), rows, cols), dtype=np.dtype(reader.scene.dtype))
    valid = np.zeros((rows, cols), dtype=bool)
    for read in _pieces(reader, part, step):
        check_cancelled()
        progress((read.row - part.row) / part.height)
        window = read.relative_to(part)
        skip_rows, skip_cols = -window.row % step, -window.col % step
        if skip_rows >= window.height or skip_cols >= window.width:
            continue
        found, valid_here = reader.read_numbers(read, bands)
        valid_here = valid_here[skip_rows::step, skip_cols::step]
        row, col = math.ceil(window.row / step), math.ceil(window.col / step)
        target = (slice(row, row + valid_here.shape[0]), slice(col, col + valid_here.shape[1]))
        numbers[(slice(None), *target)] = found[:, skip_rows::step, skip_cols::step]
        valid[target] = valid_here
    return ThinnedBands(numbers=numbers, valid=valid, step=step)


def _pieces(reader: SceneReader, part: Window, step: int) -> Iterator[Window]:
    """Windows that hold all pixels that are wanted; single rows if the file lets the rows between be skipped."""
    if step > reader.scene.block_shape[0]:
        for row in range(part.row, part.row_end, step):
            yield Window(row=row, col=part.col, height=1, width=part.width)
        return
    most = max(1, min(_READ_PIXELS, _READ_BYTES // reader.scene.pixel_bytes))
    for window in reader.block_windows(most):
        piece = window.intersect(part)
        if not piece.is_empty:
            yield piece
