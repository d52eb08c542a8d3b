"""The first pass over a map: how many pixels there are of each class in each area."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...classes.legend import MAX_VALUE
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.pixel_areas import PixelAreas
from ...io.maps.strata_layer import StrataLayer
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...reporting import Reporter

Values = npt.NDArray[np.uint16]
Cell = tuple[int, int]
"""Number of the area (0 without a layer of strata) and class value."""

_STRIP_PX = 1_048_576
_ALL_VALUES = MAX_VALUE + 1


@dataclass(kw_only=True, eq=False)
class CellCount:
    """Pixels, candidates (those that could be drawn) and square metres of one cell."""

    pixels: int = 0
    candidates: int = 0
    area_m2: float = 0.0


@dataclass(kw_only=True, eq=False)
class Region:
    """The pixels of a map that are sampled, strip by strip.

    Parameters
    ----------
    reader : of the map.
    part : the region of interest.
    layer : of strata, if there is one.
    pure : only pixels whose eight neighbours are of their class are candidates.
    outside_strata, shared : pixels with a class in no area, and in the polygons of two; known after :meth:`count`.
    nodata : pixels without a class.
    """

    reader: ClassMapReader
    part: ScenePart
    layer: StrataLayer | None
    pure: bool
    outside_strata: int = 0
    shared: int = 0
    nodata: int = 0
    cells: dict[Cell, CellCount] = field(default_factory=dict)

    def strips(self) -> list[Window]:
        """Windows of the map as wide as the region, from top to bottom."""
        shape = self.part.window.shape
        plan = TilePlan(shape=shape, strip_rows=max(1, _STRIP_PX // max(1, shape[1])), tile_cols=max(1, shape[1]))
        return [strip.absolute(self.part.window) for strip in plan]

    def read(self, strip: Window) -> tuple[Values, Values | None, npt.NDArray[np.bool_] | None]:
        """Class values, 0 outside the region; numbers of areas, if there are any; True for candidates, None if all are."""
        values = self.reader.read(strip)
        pure = None
        if self.pure:
            counted, around = self.reader.nodata_zeros, strip.grow(1).clip(self.reader.grid.shape)
            pure = _is_pure(self.reader.read(around), strip, around)
            self.reader.nodata_zeros = counted  # of the strip alone
        inside = self.part.inside_of(strip.relative_to(self.part.window))
        if inside is not None:
            values = np.where(inside, values, np.uint16(0))
        return values, None if self.layer is None else self.layer.read(strip), pure

    def count(self, areas: PixelAreas, reporter: Reporter) -> None:
        """Read all strips once, and fill :attr:`cells`."""
        strips = self.strips()
        for number, strip in enumerate(strips, start=1):
            reporter.check_cancelled()
            values, numbers, pure = self.read(strip)
            in_region = self.part.count(strip.relative_to(self.part.window))
            self.nodata += in_region - int(np.count_nonzero(values))
            if numbers is not None and self.layer is not None:
                self.shared += self.layer.shared(strip)
                self.outside_strata += int(np.count_nonzero(values[numbers == 0]))
                values = np.where(numbers > 0, values, np.uint16(0))
            self._add(strip, values, numbers, pure, areas)
            reporter.progress(number / len(strips), f"Counting pixels: strip {number:,} of {len(strips):,}")

    def _add(
        self,
        strip: Window,
        values: Values,
        numbers: Values | None,
        pure: npt.NDArray[np.bool_] | None,
        areas: PixelAreas,
    ) -> None:
        present = [0, *np.flatnonzero(np.bincount(values.ravel(), minlength=_ALL_VALUES)[1:]) + 1]
        codes = _places(present)[values]
        parts = [0]
        if numbers is not None:
            parts = np.flatnonzero(np.bincount(numbers.ravel(), minlength=_ALL_VALUES)).tolist()
            codes = codes + _places(parts)[numbers] * len(present)
        size = len(parts) * len(present)
        pixels = np.bincount(codes.ravel(), minlength=size)
        candidates = pixels if pure is None else np.bincount(codes[pure], minlength=size)
        m2 = _areas_of(codes, size, strip, areas, pixels)
        for code in np.flatnonzero(pixels).tolist():
            part, value = parts[code // len(present)], int(present[code % len(present)])
            if value:
                cell = self.cells.setdefault((part, value), CellCount())
                cell.pixels += int(pixels[code])
                cell.candidates += int(candidates[code])
                cell.area_m2 += float(m2[code])


def _places(present: list[int]) -> npt.NDArray[np.int32]:
    """Table from a value to its place among those that are present."""
    table = np.zeros(_ALL_VALUES, np.int32)
    table[present] = np.arange(len(present))
    return table


def _areas_of(
    codes: npt.NDArray[np.int32], size: int, strip: Window, areas: PixelAreas, pixels: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    if areas.rows_m2 is None:
        return np.zeros(size)
    if areas.method == "planar":  # the pixels of all rows are equal
        return np.asarray(pixels * float(areas.rows_m2[0]), np.float64)
    by_row = np.bincount((codes + np.arange(strip.height)[:, None] * size).ravel(), minlength=strip.height * size)
    return np.asarray(areas.rows_m2[strip.row : strip.row_end] @ by_row.reshape(strip.height, size), np.float64)


def _is_pure(read: Values, strip: Window, around: Window) -> npt.NDArray[np.bool_]:
    """True where all eight neighbours have the class of the pixel; pixels at the border of the map lack some of them."""
    padded = np.zeros((strip.height + 2, strip.width + 2), np.uint16)
    row, col = around.row - (strip.row - 1), around.col - (strip.col - 1)
    padded[row : row + around.height, col : col + around.width] = read
    centre = padded[1:-1, 1:-1]
    pure = np.ones(strip.shape, bool)
    for down in range(3):
        for right in range(3):
            pure &= padded[down : down + strip.height, right : right + strip.width] == centre
    return pure
