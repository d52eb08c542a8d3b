"""What a map says at reference points and of its classes as a whole, read strip by strip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....classes.legend import NODATA_VALUE, Legend
from ....io.files.source_hash import sha256_of_source
from ....io.labels.class_zero import judge_zero
from ....io.maps.class_map_reader import ClassMapReader
from ....io.maps.pixel_areas import PixelAreas, pixel_areas
from ....pixels.grid import Grid
from ....pixels.window import TilePlan
from ....report.figures.pictures import thinning_step
from ....reporting import Reporter
from ...parts.area_count import AreaCount
from .points import MappedClass

_STRIP_PX = 1_048_576
_M2_PER_HECTARE = 10_000


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredMap:
    """A map of any size, of which only counts, the values at the points and those of a picture are held.

    Parameters
    ----------
    path, grid, legend, tags, sha256 : the map, its classes, what it states about itself, and the hash of its file.
    at_points : class values (points,), uint16; 0 if the map has none there.
    on_map : whether each point lies on the grid of the map, (points,).
    classes : pixels and area of every class value that occurs.
    without_class : pixels and area of the rest, value 0: left unclassified, or without data, which a map does not tell apart.
    thinned, thinned_step : every so-manieth value of the map, for a picture, and its step in pixels.
    areas : of its pixels.
    notes, warnings : what to know of it.
    """

    path: Path
    grid: Grid
    legend: Legend
    tags: Mapping[str, str]
    sha256: str
    at_points: npt.NDArray[np.uint16]
    on_map: npt.NDArray[np.bool_]
    classes: Mapping[int, MappedClass]
    without_class: MappedClass
    thinned: npt.NDArray[np.uint16]
    thinned_step: int
    areas: PixelAreas
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def classified_pixels(self) -> int:
        """Pixels that have a class."""
        return sum(found.pixels for found in self.classes.values())

    @property
    def pixels(self) -> int:
        """All pixels, those without a class included."""
        return self.classified_pixels + self.without_class.pixels


def measure_map(
    path: Path, rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64], legend: Path | None, reporter: Reporter
) -> MeasuredMap:
    """Read a map once.

    Parameters
    ----------
    rows, cols : pixels of the points in the grid of this map, (points,); they may lie outside.
    legend : file with names and colours of its classes, in place of those next to it.

    Raises
    ------
    LabelError : the map cannot be read, is not one of classes, or calls 0 a class.
    """
    with ClassMapReader(path) as reader:
        grid = reader.grid
        areas, step = pixel_areas(grid), thinning_step(grid.shape)
        count, thinned = AreaCount(areas), []
        on_map = (rows >= 0) & (cols >= 0) & (rows < grid.shape[0]) & (cols < grid.shape[1])
        at_points = np.zeros(len(rows), np.uint16)
        plan = TilePlan(shape=grid.shape, strip_rows=max(1, _STRIP_PX // grid.shape[1]), tile_cols=grid.shape[1])
        for number, strip in enumerate(plan):
            reporter.check_cancelled()
            reporter.progress(number / max(1, len(plan)), "Reading the map")
            values = reader.read(strip)
            count.add(strip, values)
            here = on_map & (rows >= strip.row) & (rows < strip.row_end)
            at_points[here] = values[rows[here] - strip.row, cols[here]]
            thinned.append(values[-strip.row % step :: step, ::step].copy())
        classes, lacking = reader.legend(count.occurring, legend)
        zeros, name_of_zero, tags = reader.nodata_zeros, reader.name_of_zero, reader.tags
    notes, warnings = judge_zero(zeros, what="pixels", place=path.name, name=name_of_zero, excused=legend is not None)
    return MeasuredMap(
        path=path,
        grid=grid,
        legend=classes,
        tags=tags,
        sha256=sha256_of_source(path),
        at_points=at_points,
        on_map=on_map,
        classes={value: _mapped(count, value) for value in count.occurring},
        without_class=_mapped(count, NODATA_VALUE),
        thinned=np.concatenate(thinned),
        thinned_step=step,
        areas=areas,
        notes=(*notes, *lacking),
        warnings=(*warnings, *((areas.note,) if areas.note else ())),
    )


def _mapped(count: AreaCount, value: int) -> MappedClass:
    hectares = count.hectares(value)
    return MappedClass(pixels=count.pixels(value), area_m2=None if hectares is None else hectares * _M2_PER_HECTARE)


def has_class(values: npt.NDArray[np.uint16]) -> npt.NDArray[np.bool_]:
    """Whether each of some pixels has a class in a map."""
    return np.asarray(values != NODATA_VALUE)
