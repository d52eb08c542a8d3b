"""Areas of the classes of a map, gathered strip by strip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...classes.legend import MAX_VALUE, Legend
from ...io.maps.pixel_areas import PixelAreas
from ...pixels.window import Window

_HECTARE_M2 = 10_000


class AreaCount:
    """Pixels and square metres by class value; value 0 is not a class."""

    def __init__(self, areas: PixelAreas) -> None:
        self._rows_m2 = areas.rows_m2
        self._pixels = np.zeros(MAX_VALUE + 1, np.int64)
        self._m2 = np.zeros(MAX_VALUE + 1)

    def add(self, window: Window, values: npt.NDArray[np.uint16]) -> None:
        """Count the values (rows, cols) of a window."""
        counts = np.bincount(values.ravel(), minlength=MAX_VALUE + 1)
        self._pixels += counts
        if self._rows_m2 is None:
            return
        present = np.flatnonzero(counts)
        place = np.zeros(MAX_VALUE + 1, np.int64)
        place[present] = np.arange(len(present))
        cells = place[values] + np.arange(window.height)[:, None] * len(present)
        by_row = np.bincount(cells.ravel(), minlength=window.height * len(present)).reshape(window.height, -1)
        self._m2[present] += self._rows_m2[window.row : window.row_end] @ by_row

    @property
    def occurring(self) -> list[int]:
        """The values of classes that occur, in rising order."""
        return [int(value) for value in np.flatnonzero(self._pixels) if value]

    @property
    def nodata_pixels(self) -> int:
        return int(self._pixels[0])

    @property
    def classified_pixels(self) -> int:
        return int(self._pixels[1:].sum())

    def pixels(self, value: int) -> int:
        """Pixels of the class."""
        return int(self._pixels[value])

    def hectares(self, value: int) -> float | None:
        """Area of the class; None if areas are not known."""
        return None if self._rows_m2 is None else float(self._m2[value]) / _HECTARE_M2

    def class_pixels(self, legend: Legend) -> tuple[int, ...]:
        """Pixels of each class of the legend."""
        return tuple(self.pixels(c.value) for c in legend)

    def class_hectares(self, legend: Legend) -> tuple[float, ...] | None:
        """Area of each class of the legend; None if areas are not known."""
        if self._rows_m2 is None:
            return None
        return tuple(float(self._m2[c.value]) / _HECTARE_M2 for c in legend)

    def share(self, value: int) -> float:
        """Share of the class in the area that has a class, or in the pixels if areas are not known; 0 of nothing."""
        amounts = self._pixels if self._rows_m2 is None else self._m2
        total = float(amounts[1:].sum())
        return float(amounts[value]) / total if total else 0.0
