"""The areas of a map that become polygons: numbered strip by strip, small ones merged, then outlined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import LabelError
from ...inference.small_areas import SmallAreas
from ...io.labels.rasters.connected_regions import StripRegions
from ...io.maps.pixel_areas import PixelAreas
from ...io.maps.pixel_file import PixelFile
from ...io.vectors.area_outlines import AreaOutlines, Outlined
from ...io.vectors.class_polygon_writer import ClassAreas
from ...pixels.grid import Grid
from ...pixels.window import Window
from ..clean_map.minimum_size import MinimumSize

Ints = npt.NDArray[np.int32]

MAX_AREAS = 20_000_000
"""Areas that one map may have; each takes about 50 bytes of memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FinalAreas:
    """What the numbers of :class:`NumberedAreas` mean once the whole map was read.

    Parameters
    ----------
    area : the final area of each number, (numbers,); 0 for 0.
    values : class value by final area; 0 for 0.
    merged, alone : as in :class:`~hsi_engine.inference.small_areas.MergedAreas`; None if none were to be merged.
    """

    area: Ints
    values: Ints
    merged: int | None = None
    alone: int | None = None


class NumberedAreas:
    """Numbers the areas of a map, pixels of one class that touch by edges or corners, and merges those that are too small."""

    def __init__(self, minimum: MinimumSize | None) -> None:
        self._minimum = minimum
        self._small = None if minimum is None else SmallAreas()
        self._regions = StripRegions()

    def add(self, strip: Window, values: npt.NDArray[np.uint16]) -> Ints:
        """Number the pixels (rows, cols) of the next strip downwards. Raises LabelError if there are too many areas."""
        if self._small is not None and self._minimum is not None:
            sizes = self._minimum.row_sizes
            return self._small.add(values, None if sizes is None else sizes[strip.row : strip.row_end])
        numbers = self._regions.add(values.astype(np.int32))
        if len(self._regions) > MAX_AREAS:
            raise LabelError(
                f"The map has more than {MAX_AREAS:,} areas, the most that become polygons.",
                code="too_many_areas",
                hint="Clean the map first, with a majority window, or cut it into parts.",
            )
        return numbers

    def finish(self, check_cancelled: Callable[[], None]) -> FinalAreas:
        """What the numbers mean."""
        if self._small is None or self._minimum is None:
            area, values = self._regions.finish()
            return FinalAreas(area=area, values=values)
        merged = self._small.merge(self._minimum.size, check_cancelled)
        values = np.zeros(int(merged.areas.max(initial=0)) + 1, np.int32)
        values[merged.areas] = merged.values
        return FinalAreas(area=merged.areas, values=values, merged=merged.merged, alone=merged.alone)


def outlined_areas(
    numbers: PixelFile, strips: Iterator[Window], final: FinalAreas, grid: Grid, areas: PixelAreas
) -> Iterator[tuple[Window, ClassAreas]]:
    """The areas that end in each strip, with their outlines, and after the last strip all that remain."""
    outlines = AreaOutlines(grid.shown_transform)
    pixels = np.zeros(len(final.values), np.int64)
    ground_m2 = np.zeros(len(final.values) if areas.rows_m2 is not None else 0)

    def described(outlined: Outlined) -> ClassAreas:
        found, geometries = outlined
        return ClassAreas(
            values=final.values[found].astype(np.int64),
            outlines=geometries,
            pixels=pixels[found],
            areas_m2=ground_m2[found] if len(ground_m2) else np.full(len(found), np.nan),
        )

    strip = Window.of_shape((0, grid.shape[1]))
    for strip in strips:
        of_pixel = final.area[numbers.read(strip)[0]]
        present, place = np.unique(of_pixel, return_inverse=True)
        place = place.reshape(of_pixel.shape)
        pixels[present] += np.bincount(place.ravel(), minlength=len(present))
        if areas.rows_m2 is not None:
            weights = np.repeat(areas.rows_m2[strip.row : strip.row_end], grid.shape[1])
            ground_m2[present] += np.bincount(place.ravel(), weights, minlength=len(present))
        yield strip, described(outlines.add(strip, of_pixel))
    yield strip, described(outlines.finish())
