"""Exporting a class map strip by strip, whatever its size."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ...classes.legend import Legend
from ...errors import LabelError
from ...io.files.outputs import StagedOutputs
from ...io.files.temporary_files import temporary_beside
from ...io.legends.legend_writer import write_legend
from ...io.legends.polygon_style import class_polygons_qml
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.pixel_areas import PixelAreas, pixel_areas
from ...io.maps.pixel_file import PixelFile
from ...io.vectors.class_polygon_writer import FIELDS, ClassPolygonWriter
from ...pixels.window import TilePlan, Window
from ...reporting import PhaseReporter, Reporter
from ..clean_map.minimum_size import MinimumSize, minimum_size
from ..parts.area_count import AreaCount
from ..parts.map_zeros import notes_on_zeros
from ..parts.notes import Notes
from .areas import FinalAreas, NumberedAreas, outlined_areas
from .cog import write_cog
from .operation import ExportedClass, ExportMapParams, ExportMapResult

# Every pixel of a strip may be an area, whose outline takes half a kilobyte until it is written.
_STRIP_PX = 262_144
_READ, _DRAWN = 0.3, 0.7


def run(params: ExportMapParams, reporter: Reporter) -> ExportMapResult:
    """Read the map once for its classes and areas, and again for each raster and layer; the files appear at the end.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, the map, its legend, or a minimum mapping unit it cannot have.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        source = stack.enter_context(ClassMapReader(params.map))
        areas = pixel_areas(source.grid)
        minimum = (
            None if params.min_area is None else minimum_size(params.min_area, params.area_unit, areas, source.grid)
        )
        notes = Notes(reporter)
        notes.add(*[areas.note] if areas.note else [], *[minimum.note] if minimum and minimum.note else [], warn=True)
        if params.polygons is not None and not source.grid.is_georeferenced:
            notes.add("The map has no map coordinates: y of the polygons is minus the row, as a GIS shows the map.")
        # Below the renaming of the outputs, which comes last of all.
        files = stack.enter_context(StagedOutputs())
        job = _Export(params, source, areas, minimum, stack)
        legend, count = job.read(notes, PhaseReporter(reporter, 0.0, _READ))
        final, drawn = job.draw(legend, files, PhaseReporter(reporter, _READ, _DRAWN))
        if params.cog is not None:
            write_cog(params.cog, source, job.strips, legend, files, PhaseReporter(reporter, _DRAWN, 1.0))
        if params.legend_file is not None:
            write_legend(files.path(params.legend_file), legend, params.map.stem)
        reporter.check_cancelled()
    for kind, path in (("raster", params.cog), ("vector", params.polygons), ("legend", params.legend_file)):
        if path is not None:
            reporter.artifact(kind, path)
    return ExportMapResult(
        map=params.map,
        cog=params.cog,
        polygons=params.polygons,
        legend_file=params.legend_file,
        classes=[
            ExportedClass(
                value=item.value,
                name=item.name,
                color=item.colour,
                pixels=count.pixels(item.value),
                hectares=count.hectares(item.value),
                polygons=None if final is None else drawn[item.value],
            )
            for item in legend
        ],
        polygon_count=None if final is None else drawn.total(),
        merged_areas=None if final is None else final.merged,
        small_areas_left=None if final is None else final.alone,
        area_method=areas.method,
        notes=notes.texts,
        seconds=time.perf_counter() - started,
    )


class _Export:
    """The map that is read, and the numbers of its areas while polygons are wanted."""

    def __init__(
        self,
        params: ExportMapParams,
        source: ClassMapReader,
        areas: PixelAreas,
        minimum: MinimumSize | None,
        stack: ExitStack,
    ) -> None:
        self._params, self._source, self._areas = params, source, areas
        shape = source.grid.shape
        plan = TilePlan(shape=shape, strip_rows=max(1, _STRIP_PX // shape[1]), tile_cols=shape[1])
        self.strips: list[Window] = list(plan)
        self._numbering = NumberedAreas(minimum)
        self._numbers: PixelFile | None = None
        if params.polygons is not None:
            path: Path = stack.enter_context(temporary_beside(params.polygons))
            self._numbers = stack.enter_context(PixelFile(path, (1, *shape), np.dtype(np.int32), 0))

    def read(self, notes: Notes, reporter: Reporter) -> tuple[Legend, AreaCount]:
        """The classes of the map, and how much there is of each."""
        count, rows = AreaCount(self._areas), self._source.grid.shape[0]
        for strip in self.strips:
            reporter.check_cancelled()
            values = self._source.read(strip)
            count.add(strip, values)
            if self._numbers is not None:
                self._numbers.write(strip, self._numbering.add(strip, values)[None])
            reporter.progress(strip.row_end / rows, f"Reading the map: {strip.row_end:,} of {rows:,} rows")
        legend, lacking = self._source.legend(count.occurring, self._params.legend)
        notes.add(*notes_on_zeros(self._source, legend_given=self._params.legend is not None), *lacking, warn=True)
        if not len(legend):
            raise LabelError(
                f"Class map '{self._params.map}' holds no class: all of its pixels are 0 or nodata, and it names no class.",
                code="no_class",
                hint="Choose a map with classes, or check its nodata value.",
            )
        return legend, count

    def draw(self, legend: Legend, files: StagedOutputs, reporter: Reporter) -> tuple[FinalAreas | None, Counter[int]]:
        """Write the polygons, if they are wanted; what became of the areas, and polygons by class value."""
        drawn: Counter[int] = Counter()
        if self._numbers is None or self._params.polygons is None:
            return None, drawn
        reporter.progress(0.0, "Joining areas")
        final = self._numbering.finish(reporter.check_cancelled)
        grid, rows = self._source.grid, self._source.grid.shape[0]
        staged, qml = files.path(self._params.polygons), class_polygons_qml(legend, FIELDS[0])
        with ClassPolygonWriter(staged, crs=grid.crs, legend=legend, qml=qml) as writer:
            for strip, found in outlined_areas(self._numbers, iter(self.strips), final, grid, self._areas):
                reporter.check_cancelled()
                writer.write(found)
                drawn.update(found.values.tolist())
                reporter.progress(strip.row_end / rows, f"Drawing polygons: {strip.row_end:,} of {rows:,} rows")
        return final, drawn
