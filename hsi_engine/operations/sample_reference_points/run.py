"""Drawing a sample over a class map: count its pixels, decide how many points, draw them, write them."""

from __future__ import annotations

import time
from contextlib import ExitStack

import numpy as np

from ...errors import LabelError, MismatchError
from ...io.files.outputs import StagedOutputs
from ...io.files.source_hash import sha256_of_source
from ...io.maps.class_map_reader import ClassMapReader, reading_class_map
from ...io.maps.map_extent import extent_window, parse_extent
from ...io.maps.map_mask import MaskedPart, read_mask
from ...io.maps.pixel_areas import PixelAreas, pixel_areas
from ...io.maps.strata_layer import StrataLayer, open_strata
from ...io.samples.ground_places import places_m
from ...io.samples.reference_sample import StrataAre
from ...io.samples.sample_writer import write_reference_sample
from ...pixels.grid import Grid
from ...pixels.scene_part import ScenePart
from ...reporting import PhaseReporter, Reporter
from ..parts.map_zeros import notes_on_zeros
from ..parts.notes import Notes
from .combinations import check_combinations
from .counting import Region
from .distance import cannot_keep_apart, keep_apart
from .drawing import DrawnPixels, draw_ranks, lattice_pixels, pixels_of_ranks
from .expected_accuracy import ExpectedAccuracies
from .kept_labels import check_labels_are_kept
from .operation import SampledStratum, SampleReferencePointsParams, SampleReferencePointsResult
from .sample import Counted, make_sample
from .sizes import expected_standard_error, planned_points
from .strata import Strata, make_strata
from .wording import next_steps, notes_on_areas, notes_on_design

_HECTARE_M2 = 10_000
# How many times as many pixels are drawn as are wanted, if they have to keep a distance.
_SPARE = (4, 64)


def run(params: SampleReferencePointsParams, reporter: Reporter) -> SampleReferencePointsResult:
    """Read the map once to count its pixels and, if points are to be written, again to find those that were drawn.

    Raises
    ------
    HsiError : of the family of whatever is wrong: output, map, strata, region, or a size or distance that cannot be had.
    """
    started = time.perf_counter()
    check_combinations(params)
    check_labels_are_kept(params.output)
    notes = Notes(reporter)
    with ExitStack() as stack:
        reader = stack.enter_context(ClassMapReader(params.map))
        areas = pixel_areas(reader.grid)
        part = _part(params, reader.grid)
        layer = (
            None
            if params.strata is None
            else stack.enter_context(open_strata(params.strata, params.strata_field, reader.grid))
        )
        notes.add(*([areas.note] if areas.note else []), *part.notes, *(layer.notes if layer is not None else ()))
        region = Region(reader=reader, part=part.part, layer=layer, pure=params.pure_neighbourhood)
        with reading_class_map(params.map):
            region.count(areas, PhaseReporter(reporter, 0.0, 0.45))
        counted = _counted(params, region, areas, notes)
        notes.add(*notes_on_areas(areas), *notes_on_design(params), warn=True)
        planned: list[str] = []
        points = planned_points(params, counted.strata.sizes, planned)
        notes.add(*planned)
        spacing = _spacing(params, counted.strata, points)
        if params.output is not None:
            with reading_class_map(params.map):
                drawn = _draw(params, region, counted.strata, points, spacing, PhaseReporter(reporter, 0.45, 0.95))
            points = np.bincount(drawn.strata, minlength=len(points)).tolist()
            reporter.progress(0.95, "Writing the points")
            sample = make_sample(params, counted, drawn, spacing, sha256_of_source(reader.path))
            with StagedOutputs() as files:
                write_reference_sample(files.path(params.output), sample)
                reporter.check_cancelled()
            reporter.artifact("reference_points", params.output)
    return _result(params, counted, points, spacing, notes, time.perf_counter() - started)


def _part(params: SampleReferencePointsParams, grid: Grid) -> MaskedPart:
    extent = None if params.extent is None else extent_window(parse_extent(params.extent), grid)
    if params.mask is not None:
        return read_mask(params.mask, grid, extent)
    return MaskedPart(part=ScenePart.whole(grid.shape) if extent is None else ScenePart(window=extent), notes=())


def _counted(params: SampleReferencePointsParams, region: Region, areas: PixelAreas, notes: Notes) -> Counted:
    """What the first pass found, as strata.

    Raises
    ------
    LabelError : no pixel has a class; the map calls 0 a class.
    MismatchError : no pixel with a class lies in a stratum.
    """
    reader = region.reader
    occurring = sorted({value for _, value in region.cells})
    legend, lacking = reader.legend(occurring, params.legend)
    notes.add(*notes_on_zeros(reader, legend_given=params.legend is not None), *lacking, warn=True)
    if not occurring:
        _refuse_empty(params, region)
    legend = legend.subset(occurring)
    names = _area_names(region.layer, {part for part, _ in region.cells})
    if region.outside_strata:
        notes.add(f"Pixels outside the layer of strata, not sampled: {region.outside_strata:,}.", warn=True)
    if region.shared:
        text = "Pixels in polygons of two strata, which count for the one that comes last in the file"
        notes.add(f"{text}: {region.shared:,}.", warn=True)
    strata_are = _strata_are(params)
    expected = ExpectedAccuracies(params.expected_accuracy, legend.names)
    strata = make_strata(region.cells, strata_are, legend, names, expected, has_areas=areas.rows_m2 is not None)
    return Counted(region=region, areas=areas, legend=legend, strata=strata, strata_are=strata_are)


def _area_names(layer: StrataLayer | None, numbers: set[int]) -> dict[int, str]:
    return {} if layer is None else layer.names(sorted(number for number in numbers if number))


def _refuse_empty(params: SampleReferencePointsParams, region: Region) -> None:
    if region.outside_strata:
        raise MismatchError(
            "No pixel of the map that has a class lies in the layer of strata.",
            code="no_overlap",
            hint="Check that both show the same place.",
        )
    part = params.extent is not None or params.mask is not None
    raise LabelError(
        f"{'The sampled part of class map' if part else 'Class map'} '{params.map}' holds no class: all of its"
        f" {region.nodata:,} pixels are nodata or 0.",
        code="no_class",
        hint="Choose another extent or mask." if part else "Choose the map that is to be assessed.",
    )


def _strata_are(params: SampleReferencePointsParams) -> StrataAre:
    if params.design != "stratified":
        return "none"
    if params.strata is None:
        return "map_classes"
    return "both" if params.cross_classes else "layer"


def _spacing(params: SampleReferencePointsParams, strata: Strata, points: list[int]) -> float | None:
    if params.design != "systematic":
        return None
    return max(1.0, float(np.sqrt(sum(s.candidates for s in strata.sizes) / sum(points))))


def _draw(
    params: SampleReferencePointsParams,
    region: Region,
    strata: Strata,
    points: list[int],
    spacing: float | None,
    reporter: Reporter,
) -> DrawnPixels:
    """Draw the points.

    Raises
    ------
    MismatchError : a stratum has no room for its points at the minimum distance; the lattice meets no pixel.
    """
    tables = strata.tables()
    if spacing is not None:
        drawn = lattice_pixels(region, tables, spacing, params.seed, reporter)
        if not len(drawn):
            raise MismatchError(
                f"A lattice of {spacing:.1f} pixels meets no pixel that has a class.",
                code="no_points",
                hint="Ask for more points, or use another seed.",
            )
        return drawn
    candidates = [s.candidates for s in strata.sizes]
    if params.minimum_distance is None:
        ranks = [draw_ranks(params.seed, h, c, n) for h, (c, n) in enumerate(zip(candidates, points, strict=True))]
        return pixels_of_ranks(region, tables, ranks, reporter)
    lacking = points
    for spare in _SPARE:
        drawn_from = [min(c, n * spare) for c, n in zip(candidates, points, strict=True)]
        ranks = [draw_ranks(params.seed, h, c, n) for h, (c, n) in enumerate(zip(candidates, drawn_from, strict=True))]
        drawn = pixels_of_ranks(region, tables, ranks, reporter)
        places = places_m(region.reader.grid, drawn.rows, drawn.cols)
        which, lacking = keep_apart(drawn, places, points, params.minimum_distance)
        if not any(lacking):
            return drawn.take(which)
        if drawn_from == candidates:
            break
    raise cannot_keep_apart([s.name for s in strata.sizes], points, lacking, params.minimum_distance)


def _result(
    params: SampleReferencePointsParams,
    counted: Counted,
    points: list[int],
    spacing: float | None,
    notes: Notes,
    seconds: float,
) -> SampleReferencePointsResult:
    sizes = counted.strata.sizes
    pixels = sum(s.pixels for s in sizes)
    return SampleReferencePointsResult(
        map=params.map,
        output=params.output,
        design=params.design,
        points=sum(points),
        strata=[
            SampledStratum(
                name=s.name,
                pixels=s.pixels,
                candidates=s.candidates,
                hectares=None if s.area_m2 is None else s.area_m2 / _HECTARE_M2,
                share=s.pixels / pixels,
                points=n,
            )
            for s, n in zip(sizes, points, strict=True)
        ],
        expected_standard_error=expected_standard_error(sizes, points, stratified=params.design == "stratified"),
        spacing_px=spacing,
        pixels=pixels,
        nodata_pixels=counted.region.nodata,
        area_method=counted.areas.method,
        advice=next_steps(params),
        notes=notes.texts,
        seconds=seconds,
    )
