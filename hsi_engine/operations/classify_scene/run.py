"""The steps of mapping one scene: check, predict tile by tile, write, style."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...inference.denoising.denoised_reader import as_seen_by
from ...inference.memory import StripPlan, plan_strips
from ...inference.predictor import Predictor
from ...io.files.outputs import StagedOutputs
from ...io.maps.map_mask import MaskedPart
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.choices.quality_counts import quality_notes
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...pixels.scene_part import ScenePart
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import describe_device, resolve_device
from ..clean_map.map_areas import areas_of_map
from ..definition.output_check import check_scene_is_kept
from ..parts.scene_fit import examine_fit
from ..parts.second_source import second_gaps
from .description import describe_map, map_tags, product_tags
from .map_files import MapFiles, map_outputs, map_results, report_map_outputs
from .map_report import write_map_report
from .mapping_cost import cost_note
from .operation import ClassifySceneParams, ClassifySceneResult
from .part import not_finite_note, read_part, require_data, single_class_note
from .pipeline import MappingTime, MapPipeline, make_mapper, make_predictor
from .resume import KeptTiles, TilesToMap, map_fingerprint
from .sources import Sources, sources_of
from .spread.pipeline import SpreadPipeline
from .trust.results import TrustResults, trust_results

# Share of the job before the report; it only shapes the progress bar.
_MAPPED = 0.95
_MIB = 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownModel:
    """A model that was trained on the scene that is mapped, with the part to map: nothing of it has to be checked.

    Parameters
    ----------
    scene : its description.
    bundle : as it stands in the file that the parameters name.
    part : takes the place of their extent and mask.
    """

    scene: Scene
    bundle: ModelBundle
    part: ScenePart


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedScene:
    """What a map holds: pixels by class index, without data, below the minimum confidence, with scores that are not finite, and
    outside the mask.

    Pixels outside the mask are counted as nothing else. Hectares by class index are None if the map does not say how
    large its pixels are. ``description`` is what the map states about itself, see :func:`.map_description.describe_map`.
    """

    bundle: ModelBundle
    class_pixels: npt.NDArray[np.int64]
    class_hectares: tuple[float, ...] | None
    nodata_pixels: int
    unclassified_pixels: int
    not_finite_pixels: int
    outside_pixels: int
    smoothed_pixels: int | None
    trust: TrustResults
    description: dict[str, str]
    notes: list[str]
    device: str
    time: MappingTime
    seconds: float


def run(params: ClassifySceneParams, reporter: Reporter) -> ClassifySceneResult:
    """Classify tile by tile; the files appear when all of them are finished, the report after them."""
    return classify(params, reporter)


def classify(params: ClassifySceneParams, reporter: Reporter, model: ModelBundle | None = None) -> ClassifySceneResult:
    """As :func:`run`; ``model`` is what stands in the file that the parameters name, if it has been read already."""
    share = 1.0 if params.report is None else _MAPPED
    mapped = map_scene(params, PhaseReporter(reporter, 0.0, share), model=model)
    result = _result(params, mapped)
    if params.report is not None:
        write_map_report(params.report, params, result, mapped.bundle, PhaseReporter(reporter, share, 1.0))
    report_map_outputs(params, reporter)
    if params.report is not None:
        reporter.artifact("report", params.report)
    return result


def _result(params: ClassifySceneParams, mapped: MappedScene) -> ClassifySceneResult:
    legend = mapped.bundle.legend.to_json()
    hectares = mapped.class_hectares or (None,) * len(legend)
    return ClassifySceneResult(
        **map_results(params),
        report=params.report,
        model_id=mapped.bundle.id,
        classes=[
            c | {"pixels": int(n), "hectares": area}
            for c, n, area in zip(legend, mapped.class_pixels, hectares, strict=True)
        ],
        nodata_pixels=mapped.nodata_pixels,
        smoothed_pixels=mapped.smoothed_pixels,
        unclassified_pixels=mapped.unclassified_pixels,
        not_finite_pixels=mapped.not_finite_pixels,
        outside_pixels=mapped.outside_pixels,
        area_of_applicability=mapped.trust.area,
        prediction_sets=mapped.trust.sets,
        description=mapped.description,
        notes=mapped.notes,
        device=mapped.device,
        seconds=mapped.seconds,
    )


def refuse_early(params: ClassifySceneParams, model: ModelBundle) -> Scene:
    """The scene, if a model that was read already fits it; no pixel is read, and outputs are not looked at.

    Raises
    ------
    HsiError : as :func:`map_scene` would, of what is known of scene and model before pixels are read.
    """
    sources = sources_of(params, model)
    make_predictor(params, sources.bundle, sources.scene, resolve_device("cpu"))
    return sources.scene


def map_scene(
    params: ClassifySceneParams, reporter: Reporter, known: KnownModel | None = None, model: ModelBundle | None = None
) -> MappedScene:
    """Classify a scene and write its map; the files appear together when all is finished.

    HsiError if anything is wrong: outputs, model, scene, its fit, what an earlier job left.

    Parameters
    ----------
    known : what training on the same scene has already read and reported, which is not done again.
    model : as for :func:`classify`.
    """
    started, device = time.perf_counter(), resolve_device(params.device)
    model, sources = _inputs(params, known, model)
    bundle = sources.bundle
    with open_scene(sources.scene) as reader, ExitStack() as stack:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        masked = read_part(params, scene.grid) if known is None else MaskedPart(part=known.part, notes=())
        part = masked.part
        _log((*masked.notes, *(() if known is not None else quality_notes(reader, reporter))), reporter)
        predictor = make_predictor(params, bundle, scene, device)
        warnings = [] if known is not None else _warn(sources, reader, part, reporter)
        if cost := cost_note(predictor, bundle, part.n_pixels):
            reporter.log(cost)
        mapper = make_mapper(params, predictor, bundle, part)
        unfinished = _unfinished(params, map_fingerprint(params, bundle, scene, part, describe_device(device)))
        to_map = _tiles(params, predictor, scene, part, _finished(unfinished, part, model))
        if unfinished is not None:
            _begin(unfinished, to_map, reporter)
            stack.enter_context(KeptTiles(unfinished, reporter))
        staged = stack.enter_context(StagedOutputs())
        description, grid = describe_map(model, scene), part.grid_in(scene.grid)
        named, cog = map_tags(description, model, params), reporter if params.cog else None
        tags = partial(product_tags, tags=named, trust=mapper.trust, coverage=params.coverage)
        files = stack.enter_context(MapFiles(map_outputs(params), grid, model.legend, staged, unfinished, tags, cog))
        pipeline = _pipeline(known or params, as_seen_by(bundle, reader, device), mapper, files, unfinished, reporter)
        tiles = pipeline.run(to_map)
        require_data(tiles, scene, part, predictor.band_indices)
        mapped = time.perf_counter()
        reporter.progress(1.0, "Writing the map")
        reporter.check_cancelled()
    ended = time.perf_counter()
    counts = _counted(tiles, part, smooths=predictor.smoothing is not None)
    areas = areas_of_map(params.output, grid, bundle.legend, counts["class_pixels"], reporter)
    alone = single_class_note(counts["class_pixels"], bundle, part, scene)
    lost = not_finite_note(counts["not_finite_pixels"], part.n_pixels - counts["nodata_pixels"])
    warnings += _logged([*filter(None, (areas.note, alone, lost))], reporter)
    trust = trust_results(params, bundle, tiles, reporter)
    return MappedScene(
        bundle=model,
        **counts,
        class_hectares=areas.hectares,
        trust=trust,
        description=description,
        notes=[*masked.notes, *warnings, *trust.sentences],
        device=describe_device(device),
        time=pipeline.time(writing_s=ended - mapped),
        seconds=ended - started,
    )


def _inputs(
    params: ClassifySceneParams, known: KnownModel | None, model: ModelBundle | None
) -> tuple[ModelBundle, Sources]:
    """The model as it stands in its file, and what is mapped with which part of it."""
    if known is not None:
        return known.bundle, Sources(scene=known.scene, bundle=known.bundle)
    model = read_bundle(params.model) if model is None else model
    return model, sources_of(params, model)


def _unfinished(params: ClassifySceneParams, fingerprint: dict[str, Any]) -> UnfinishedMap | None:
    return UnfinishedMap(params.output, [p.name for p in map_outputs(params)], fingerprint) if params.resume else None


def _finished(unfinished: UnfinishedMap | None, part: ScenePart, model: ModelBundle) -> list[FinishedTile]:
    return [] if unfinished is None else unfinished.finished(part.shape, len(model.legend))


def _pipeline(known: KnownModel | ClassifySceneParams, *parts: Any) -> MapPipeline:
    """What maps the tiles: this process, or several that open scene and model by the parameters."""
    if isinstance(known, KnownModel) or known.processes == 1:
        return MapPipeline(*parts)
    return SpreadPipeline(known, *parts)


def _counted(tiles: Sequence[FinishedTile], part: ScenePart, *, smooths: bool) -> dict[str, Any]:
    """The counts of :class:`MappedScene`."""
    nodata = sum(tile.nodata_pixels for tile in tiles)
    lost = sum(tile.not_finite_pixels for tile in tiles)
    class_pixels = np.array([tile.class_pixels for tile in tiles], np.int64).sum(axis=0)
    return {
        "class_pixels": class_pixels,
        "nodata_pixels": nodata,
        "smoothed_pixels": sum(tile.smoothed_pixels for tile in tiles) if smooths else None,
        "unclassified_pixels": part.n_pixels - nodata - lost - int(class_pixels.sum()),
        "not_finite_pixels": lost,
        "outside_pixels": part.n_outside,
    }


def _warn(sources: Sources, reader: SceneReader, part: ScenePart, reporter: Reporter) -> list[str]:
    """Log what may be wrong with a scene for this model; the sentences."""
    fit = examine_fit(sources.bundle, reader, part.window, check_cancelled=reporter.check_cancelled)
    gaps = second_gaps(reader, part, reporter.check_cancelled)
    return _logged([*sources.notes, *reader.scene.warnings, *fit.warnings, *gaps], reporter)


def _log(notes: Sequence[str], reporter: Reporter) -> None:
    for note in notes:
        reporter.log(note)


def _logged(warnings: list[str], reporter: Reporter) -> list[str]:
    for note in warnings:
        reporter.log(note, "warning")
    return warnings


def _tiles(
    params: ClassifySceneParams, predictor: Predictor, scene: Scene, part: ScenePart, finished: Sequence[FinishedTile]
) -> TilesToMap:
    edge = params.tile_size
    sizes = (
        plan_strips(predictor, scene, shape=part.shape, budget_bytes=params.memory_mb * _MIB // params.processes)
        if edge is None
        else StripPlan(strip_rows=edge, tile_cols=edge)
    )
    return TilesToMap.of(part.shape, finished, strip_rows=sizes.strip_rows, tile_cols=sizes.tile_cols)


def _begin(unfinished: UnfinishedMap, to_map: TilesToMap, reporter: Reporter) -> None:
    if to_map.finished:
        reporter.log(f"Resuming after tile {len(to_map.finished)} of {to_map.count}, from {unfinished.path.name}.")
    unfinished.begin(to_map.finished)
