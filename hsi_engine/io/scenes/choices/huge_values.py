"""Values that are too large to compute with: undeclared fill values, which would decide every mean and variance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ....errors import SceneError
from ....phrases import counted, listed
from ....pixels.window import Window
from ..metadata.nodata import HUGE
from ..reader import SceneReader
from ..source import Scene
from ..undeclared_fill import how_to_declare, shortest_number

HUGE_VALUES = "huge_values"
"""Code of the error for values that are too large to compute with."""

_MAX_BLOCK_PX = 65_536
_MOST_BANDS, _MOST_NUMBERS = 3, 3


def refuse_huge_values(reader: SceneReader, bands: Sequence[int], check_cancelled: Callable[[], None]) -> None:
    """Read a scene once more, and refuse it if a pixel with data holds a value of 1e15 or more, of either sign.

    Squares of such values, summed over a scene, are beyond float32.

    Parameters
    ----------
    bands : 0-based, those that are used.

    Raises
    ------
    SceneError : pixels hold such values; it says how many, where the first one lies, and what to do.
    """
    found = _Found()
    for window in reader.block_windows(_MAX_BLOCK_PX):
        check_cancelled()
        block = reader.read(window, bands)
        huge = (np.abs(block.data) >= HUGE) & block.valid
        if huge.any():
            found.add(window, huge, reader.read_numbers(window, bands)[0])
    if found.pixels:
        raise _error(found, reader.scene, bands)


@dataclass
class _Found:
    """The pixels with huge values: how many, (row, col) of the first, positions of their bands, and their numbers in the file."""

    pixels: int = 0
    first: tuple[int, int] = (0, 0)
    bands: set[int] = field(default_factory=set)
    numbers: Counter[float] = field(default_factory=Counter)

    def add(self, window: Window, huge: npt.NDArray[np.bool_], numbers: npt.NDArray[Any]) -> None:
        rows, cols = np.nonzero(huge.any(axis=0))
        if not self.pixels:
            self.first = (window.row + int(rows[0]), window.col + int(cols[0]))
        self.pixels += len(rows)
        self.bands |= set(np.flatnonzero(huge.any(axis=(1, 2))).tolist())
        values, counts = np.unique(numbers[huge], return_counts=True)
        most = np.argsort(-counts, kind="stable")[:_MOST_NUMBERS]
        self.numbers.update(dict(zip(values[most].tolist(), counts[most].tolist(), strict=True)))


def _error(found: _Found, scene: Scene, bands: Sequence[int]) -> SceneError:
    used = sorted(bands[position] for position in found.bands)
    own = len(scene.bands) - scene.second_bands
    of_second = scene.second is not None and used[0] >= own
    path = scene.second.raster.path if scene.second is not None and of_second else scene.path
    numbers = [shortest_number(value, np.dtype(scene.dtype)) for value, _ in found.numbers.most_common(_MOST_NUMBERS)]
    where = (
        f"all {counted(len(bands), 'band')}"
        if len(used) == len(bands)
        else f"band {listed([repr(scene.bands.names[band]) for band in used])}"
        if len(used) <= _MOST_BANDS
        else f"{len(used):,} of {len(bands):,} bands"
    )
    row, col = found.first
    return SceneError(
        f"{counted(found.pixels, 'pixel')} of {path} {'holds' if found.pixels == 1 else 'hold'} values that are too large to compute"
        f" with, such as {listed(numbers, 'or')} in {where}; the first is in row {row}, column {col}. Most probably they are missing"
        " data that the file does not declare.",
        code=HUGE_VALUES,
        hint=_hint(numbers, scene, of_second=of_second),
    )


def _hint(numbers: Sequence[str], scene: Scene, *, of_second: bool) -> str:
    if of_second:
        return (
            f"If so, write {numbers[0]} into the second raster as its no data value, such as with gdal_edit.py -a_nodata"
            f" {numbers[0]}; otherwise correct these values in a copy of the file."
        )
    if any(abs(float(number)) < HUGE for number in numbers):
        return "Check the scale and offset that the file states: they make its numbers so large."
    return f"If so, {how_to_declare(numbers[:1], scene)}; otherwise correct these values in a copy of the file."
