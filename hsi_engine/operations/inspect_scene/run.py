"""Describing a scene: what its header states and, if asked for, what its pixels hold."""

from __future__ import annotations

from typing import Any

from pyproj import CRS

from ...io.files.outputs import StagedOutputs
from ...io.scenes.choices.quality_counts import LayerCount, count_quality
from ...io.scenes.metadata.facts import SceneFacts, facts_of
from ...io.scenes.scene import Scene, SceneReader, UsableBands, describe_scene, find_usable_bands, open_scene
from ...io.scenes.statistics import BandValues, SceneStatistics, read_statistics
from ...io.scenes.undeclared_fill import undeclared_fill
from ...moment import shown_time
from ...pixels.grid import describe_crs
from ...report.figures.pictures import PERCENTILES
from ...report.pages.scene import ScenePage, ScenePicture, render_scene_page
from ...report.record import fact_table
from ...reporting import PhaseReporter, Reporter, SilentReporter
from ...spectrum.composites import COMPOSITES, ColourBands, choose_colour_bands, composite_bands, possible_composites
from ...version import VERSION
from ..definition.scene_input import scene_reading
from ..parts.colour_stretch import colour_picture, read_stretch
from ..parts.notes import Notes
from .map_contents import made_with, map_classes, refuse_sample
from .operation import BandDescription, InspectSceneParams, InspectSceneResult, QualityLayerCount

_PICTURES = 2


def run(params: InspectSceneParams, reporter: Reporter) -> InspectSceneResult:
    """Describe the scene; with ``statistics`` read it once, block by block.

    Raises
    ------
    SceneError : the scene cannot be opened or read or, with ``statistics``, holds nothing that can be used.
    OutputError : the report cannot be written.
    """
    refuse_sample(params.scene)
    scene = describe_scene(params.scene, **scene_reading(params))
    facts = facts_of(scene)
    usable: UsableBands | None = None
    statistics: SceneStatistics | None = None
    fill: tuple[str, ...] = ()
    pictures: tuple[ScenePicture, ...] = ()
    quality: tuple[LayerCount, ...] = ()
    if params.statistics:
        read = 1.0 if params.report is None else 0.8
        with open_scene(scene) as reader:
            usable = find_usable_bands(reader, PhaseReporter(reporter, 0.0, 0.2))
            fill = undeclared_fill(reader, usable.indices, check_cancelled=reporter.check_cancelled)
            quality = count_quality(reader, reporter)
            statistics = read_statistics(reader, usable, PhaseReporter(reporter, 0.2, read))
            if params.report is not None:
                reporter.progress(read, "Drawing pictures of the scene")
                pictures = _pictures(reader, usable, PhaseReporter(reporter, read, 1.0))
    result = _result(params, scene, facts, usable, statistics, quality, (*scene.warnings, *fill))
    classes = map_classes(scene, reporter, count=params.statistics)
    result = result.model_copy(update={"classes": classes, "made_with": made_with(scene)})
    if params.report is not None:
        reporter.check_cancelled()
        with StagedOutputs() as stage:
            page = ScenePage(
                scene=params.scene.name,
                created=shown_time(),
                grid=scene.grid,
                bands=scene.bands,
                why_bad=tuple(map(scene.why_bad, range(len(scene.bands)))),
                statistics=statistics,
                usable=usable,
                pictures=pictures,
                notes=tuple(result.notes),
                facts=(
                    fact_table("File and place", dict(_file_facts(result, scene, facts)), as_labels=False),
                    fact_table("Values and bands", dict(result.text_facts()), as_labels=False),
                ),
                composites=tuple(result.composites),
            )
            stage.path(params.report).write_text(render_scene_page(page), encoding="utf-8")
            reporter.check_cancelled()
        reporter.artifact("report", params.report)
    return result


def _result(
    params: InspectSceneParams,
    scene: Scene,
    facts: SceneFacts,
    usable: UsableBands | None,
    statistics: SceneStatistics | None,
    quality: tuple[LayerCount, ...],
    notes: tuple[str, ...],
) -> InspectSceneResult:
    rows, cols = scene.grid.shape
    bands = scene.bands
    values = {} if statistics is None else statistics.bands
    valid_pixels = None if statistics is None else statistics.valid_pixels
    empty = None if usable is None or statistics is None else sorted((*usable.empty, *statistics.flagged_empty))
    shown = bands.good_indices if usable is None else usable.indices
    return InspectSceneResult(
        scene=scene.path,
        format=scene.driver,
        rows=rows,
        cols=cols,
        dtype=scene.dtype,
        block_shape=scene.block_shape,
        crs=describe_crs(scene.grid.crs) if scene.grid.crs else None,
        crs_wkt=scene.grid.crs,
        crs_unit=_unit_of(scene.grid.crs),
        transform=tuple(scene.grid.transform)[:6],
        pixel_size=scene.grid.pixel_size,
        nodata=scene.nodata,
        nodata_given=params.nodata,
        bands=[_describe_band(scene, index, values.get(index)) for index in range(len(bands))],
        bands_flagged_bad=[i + 1 for i, good in enumerate(bands.good) if not good],
        quality_layers=_quality_layers(scene, quality),
        bands_without_data=None if empty is None else [i + 1 for i in empty],
        bands_mostly_empty=None if usable is None else [i + 1 for i in usable.sparse],
        bands_constant=None if statistics is None else [i + 1 for i in statistics.constant],
        bands_usable=None if usable is None else [i + 1 for i in usable.indices],
        composites=list(possible_composites(bands, shown)),
        valid_pixels=valid_pixels,
        valid_share=None if valid_pixels is None else valid_pixels / (rows * cols),
        classes=None,
        made_with={},
        acquired=facts.get("Acquired"),
        sensor=facts.get("Sensor"),
        report=params.report,
        notes=list(notes),
    )


def _quality_layers(scene: Scene, counted: tuple[LayerCount, ...]) -> list[QualityLayerCount]:
    """All quality layers, with their pixels if these were counted."""
    pixels: dict[int, int | None] = {i: count.pixels for i, count in enumerate(counted)}
    return [
        QualityLayerCount(name=layer.name, masked=i in scene.masking_layers, pixels=pixels.get(i))
        for i, layer in enumerate(scene.quality_layers)
    ]


def _describe_band(scene: Scene, index: int, values: BandValues | None) -> BandDescription:
    return BandDescription(
        number=index + 1,
        name=scene.bands.names[index],
        wavelength_nm=scene.bands.wavelength_nm[index],
        fwhm_nm=scene.bands.fwhm_nm[index],
        good=scene.bands.good[index],
        bad_reason=scene.why_bad(index),
        scale=scene.scale[index],
        offset=scene.offset[index],
        minimum=None if values is None else values.minimum,
        mean=None if values is None else values.mean,
        maximum=None if values is None else values.maximum,
        standard_deviation=None if values is None else values.deviation,
    )


def _pictures(reader: SceneReader, usable: UsableBands, reporter: Reporter) -> tuple[ScenePicture, ...]:
    """The scene in two composites that its wavelengths allow, or in the bands there are."""
    bands = reader.scene.bands
    wanted = [
        ColourBands(composite=name, bands=found)
        for name in COMPOSITES
        if (found := composite_bands(bands, usable.indices, name))
    ]
    wanted = wanted[:_PICTURES] or [choose_colour_bands(bands, usable.indices)]
    pictures = []
    for chosen in wanted:
        # The page shows for the whole scene what the notes would say about three bands.
        notes = Notes(SilentReporter())
        rgba = colour_picture(reader.scene, read_stretch(reader, chosen, PERCENTILES, notes, reporter))
        pictures.append(
            ScenePicture(
                title=chosen.title,
                rgba=rgba,
                caption=f"{chosen.describe(bands)}; stretched from the 2nd to the 98th percentile",
                meaning=COMPOSITES[chosen.composite].meaning if chosen.composite in COMPOSITES else chosen.note,
            )
        )
    return tuple(pictures)


def _file_facts(result: InspectSceneResult, scene: Scene, facts: SceneFacts) -> list[tuple[str, Any]]:
    """What the file states, and its place."""
    width, height = (edge * count for edge, count in zip(result.pixel_size, (result.cols, result.rows), strict=True))
    unit = result.crs_unit or "units"
    block = "×".join(map(str, result.block_shape))
    table: list[tuple[str, Any]] = [
        ("File", result.scene.name),
        *((title, text.replace("T", " ", 1) if title == "Acquired" else text) for title, text in facts.stated),
        ("Format", f"{result.format}, {result.dtype}, blocks of {block} pixels"),
        ("CRS", result.crs or "none"),
    ]
    if scene.grid.is_georeferenced:
        table += [
            ("Pixel size", f"{result.pixel_size[0]:.6g} × {result.pixel_size[1]:.6g} {unit}"),
            *result.rotation_facts(),
            ("Extent", _extent_text(width, height, unit)),
            ("Upper left corner", f"{result.transform[2]:.10g}, {result.transform[5]:.10g}"),
        ]
    return [*table, ("Page made by", f"hsi-engine {VERSION}")]


# As EPSG writes them; programs vary.
_UNITS = {"meter": "metre", "meters": "metre", "metres": "metre", "m": "metre", "degrees": "degree"}


def _extent_text(width: float, height: float, unit: str) -> str:
    if unit.startswith("met") and max(width, height) >= 1000:
        return f"{width / 1000:.4g} × {height / 1000:.4g} km"
    return f"{width:.6g} × {height:.6g} {unit}"


def _unit_of(crs: str | None) -> str | None:
    if crs is None:
        return None
    axes = CRS.from_user_input(crs).axis_info
    return _UNITS.get(axes[0].unit_name.lower(), axes[0].unit_name) if axes else None
