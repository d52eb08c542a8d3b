"""Cleaning a class map strip by strip, and measuring it before and after."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...inference.minimum_area import majority_filter
from ...inference.small_areas import MergedAreas, SmallAreas
from ...io.files.outputs import StagedOutputs
from ...io.files.temporary_files import temporary_beside
from ...io.legends.style_files import sidecar_paths, write_class_map_style
from ...io.maps.class_map import ClassMapWriter
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.pixel_areas import PixelAreas, pixel_areas
from ...io.maps.pixel_file import PixelFile
from ...pixels.window import TilePlan, Window
from ...reporting import PhaseReporter, Reporter
from ..parts.area_count import AreaCount
from ..parts.map_zeros import notes_on_zeros
from .class_areas import area_csv, class_areas
from .minimum_size import MinimumSize, minimum_size
from .operation import CleanMapParams, CleanMapResult

Values = npt.NDArray[np.uint16]

_STRIP_PX = 1_048_576
NOTHING_TO_CLEAN = (
    "Neither a minimum area nor a majority window was set, so nothing was cleaned: the cleaned map is a copy of the map."
    " Set one of them to remove specks."
)
_ZEROS = "count as pixels without a class and stay unchanged"
_BEFORE_CLEANING = "This was measured before the map was cleaned."


def run(params: CleanMapParams, reporter: Reporter) -> CleanMapResult:
    """Read the map once to measure it and, if it is to be written, again to clean it; the files appear at the end.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, the map, its legend, or a minimum area it cannot have.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        reader = stack.enter_context(ClassMapReader(params.map))
        areas = pixel_areas(reader.grid)
        minimum = (
            None if params.min_area is None else minimum_size(params.min_area, params.area_unit, areas, reader.grid)
        )
        notes = [areas.note] if areas.note else []
        if minimum is not None and minimum.note:
            notes.append(minimum.note)
        share = 1.0 if params.output is None else 0.3
        before = _measure(reader, areas, PhaseReporter(reporter, 0.0, share))
        legend, lacking = reader.legend(before.occurring, params.legend)
        notes += [*notes_on_zeros(reader, legend_given=params.legend is not None, outcome=_ZEROS), *lacking]
        for note in notes:
            reporter.log(note, "warning")
        files = stack.enter_context(StagedOutputs())
        after, changed, merged = before, 0, None
        if params.output is not None:
            if params.majority is None and minimum is None:
                notes.append(NOTHING_TO_CLEAN)
                reporter.log(notes[-1], "warning")
            job = _Cleaning(params.output, params, reader, areas, legend, minimum)
            after, changed, merged = job.write(files, PhaseReporter(reporter, share, 1.0))
        classes = class_areas(legend, before, after)
        if params.table is not None:
            files.path(params.table).write_text(area_csv(classes), encoding="utf-8", newline="")
        reporter.check_cancelled()
    for kind, path in (("raster", params.output), ("csv", params.table)):
        if path is not None:
            reporter.artifact(kind, path)
    return CleanMapResult(
        map=params.map,
        output=params.output,
        table=params.table,
        classes=classes,
        pixels=before.classified_pixels,
        nodata_pixels=before.nodata_pixels,
        changed_pixels=changed,
        merged_areas=None if merged is None else merged.merged,
        small_areas_left=None if merged is None else merged.alone,
        area_method=areas.method,
        notes=notes,
        seconds=time.perf_counter() - started,
    )


def _tags_of_cleaned(tags: Mapping[str, str]) -> dict[str, str]:
    """What made the map and with which labels; the accuracy is that of the map before."""
    kept = {name: text for name, text in tags.items() if name.startswith("HSI_")}
    if "HSI_ACCURACY" in kept and not kept["HSI_ACCURACY"].endswith(_BEFORE_CLEANING):
        kept["HSI_ACCURACY"] += f" {_BEFORE_CLEANING}"
    return kept


def _strips(shape: tuple[int, int]) -> TilePlan:
    return TilePlan(shape=shape, strip_rows=max(1, _STRIP_PX // shape[1]), tile_cols=shape[1])


def _measure(reader: ClassMapReader, areas: PixelAreas, reporter: Reporter) -> AreaCount:
    count, rows = AreaCount(areas), reader.grid.shape[0]
    for strip in _strips(reader.grid.shape):
        reporter.check_cancelled()
        count.add(strip, reader.read(strip))
        reporter.progress(strip.row_end / rows, f"Measuring the map: {strip.row_end:,} of {rows:,} rows")
    return count


class _Cleaning:
    """The map that is written: majority first, then the minimum area."""

    def __init__(
        self,
        output: Path,
        params: CleanMapParams,
        reader: ClassMapReader,
        areas: PixelAreas,
        legend: Legend,
        minimum: MinimumSize | None,
    ) -> None:
        self._output = output
        self._radius = 0 if params.majority is None else params.majority // 2
        self._reader = reader
        self._legend = legend
        self._minimum = minimum
        self._after = AreaCount(areas)
        self._changed = 0

    def write(self, files: StagedOutputs, reporter: Reporter) -> tuple[AreaCount, int, MergedAreas | None]:
        """Write map and style; areas after the cleaning, pixels that changed, and what became of small areas."""
        staged = files.path(self._output)
        for sidecar in sidecar_paths(self._output):
            files.path(sidecar)
        merged: MergedAreas | None = None
        tags = _tags_of_cleaned(self._reader.tags)
        with ClassMapWriter(staged, self._reader.grid, self._legend, tags=tags) as writer:
            if self._minimum is None:
                self._write_strips(writer, self._smoothed(reporter, "Cleaning the map"))
            else:
                merged = self._merge_and_write(writer, self._minimum, reporter)
            reporter.check_cancelled()
        write_class_map_style(staged, self._legend)
        return self._after, self._changed, merged

    def _smoothed(self, reporter: Reporter, doing: str) -> Iterator[tuple[Window, Values]]:
        shape = self._reader.grid.shape
        for strip in _strips(shape):
            reporter.check_cancelled()
            around = strip.grow(self._radius).clip(shape)
            values = self._reader.read(around)
            if self._radius:
                values = majority_filter(values, self._radius)[strip.relative_to(around).slices()]
            yield strip, values
            reporter.progress(strip.row_end / shape[0], f"{doing}: {strip.row_end:,} of {shape[0]:,} rows")

    def _merge_and_write(self, writer: ClassMapWriter, minimum: MinimumSize, reporter: Reporter) -> MergedAreas:
        areas, shape = SmallAreas(), self._reader.grid.shape
        with (
            temporary_beside(self._output) as path,
            PixelFile(path, (1, *shape), np.dtype(np.int32), 0) as numbers,
        ):
            for strip, values in self._smoothed(PhaseReporter(reporter, 0.0, 0.5), "Finding areas"):
                sizes = None if minimum.row_sizes is None else minimum.row_sizes[strip.row : strip.row_end]
                numbers.write(strip, areas.add(values, sizes)[None])
            reporter.progress(0.5, "Merging small areas")
            merged = areas.merge(minimum.size, reporter.check_cancelled)
            table = merged.values.astype(np.uint16)
            later = PhaseReporter(reporter, 0.7, 1.0)

            def cleaned() -> Iterator[tuple[Window, Values]]:
                for strip in _strips(shape):
                    later.check_cancelled()
                    yield strip, table[numbers.read(strip)[0]]
                    later.progress(strip.row_end / shape[0], f"Writing the map: {strip.row_end:,} of {shape[0]:,} rows")

            self._write_strips(writer, cleaned())
        return merged

    def _write_strips(self, writer: ClassMapWriter, strips: Iterator[tuple[Window, Values]]) -> None:
        for strip, values in strips:
            writer.write(strip, values)
            self._after.add(strip, values)
            self._changed += int((values != self._reader.read(strip)).sum())
