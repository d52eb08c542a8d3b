"""The ground that each class of a new map covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.pixel_areas import pixel_areas
from ...pixels.grid import Grid
from ...pixels.window import TilePlan
from ...reporting import Reporter
from ..parts.area_count import AreaCount

_STRIP_PX = 1_048_576
_HECTARE_M2 = 10_000


@dataclass(frozen=True, kw_only=True)
class MapAreas:
    """Hectares by class index, None if the map does not say how large its pixels are; and what to know of them."""

    hectares: tuple[float, ...] | None
    note: str = ""


def areas_of_map(
    path: Path, grid: Grid, legend: Legend, class_pixels: Sequence[int] | npt.NDArray[np.int64], reporter: Reporter
) -> MapAreas:
    """Areas of the classes of a map that was just written to ``path``.

    Pixels of a projected map are all of one size. In degrees they are not, so that map is read once more, row by row.

    Parameters
    ----------
    grid, legend : of the map.
    class_pixels : pixels of each class of the legend, (classes,).
    """
    areas = pixel_areas(grid)
    if areas.rows_m2 is None:
        return MapAreas(hectares=None)
    if areas.method == "planar":
        return MapAreas(
            hectares=tuple(float(n) * float(areas.rows_m2[0]) / _HECTARE_M2 for n in class_pixels), note=areas.note
        )
    count = AreaCount(areas)
    with ClassMapReader(path) as reader:
        for strip in _strips(grid):
            reporter.check_cancelled()
            count.add(strip, reader.read(strip))
    return MapAreas(hectares=count.class_hectares(legend))


def _strips(grid: Grid) -> TilePlan:
    return TilePlan(shape=grid.shape, strip_rows=max(1, _STRIP_PX // grid.shape[1]), tile_cols=grid.shape[1])


def count_values(grid: Grid, values: npt.NDArray[np.uint16]) -> AreaCount:
    """Pixels and areas of a whole map in memory, (rows, cols) of class values."""
    count = AreaCount(pixel_areas(grid))
    for strip in _strips(grid):  # the count of a whole map at once would take ten times its memory
        count.add(strip, values[strip.row : strip.row_end])
    return count
