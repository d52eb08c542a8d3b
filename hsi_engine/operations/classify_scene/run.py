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
from ...errors import SceneError
from ...inference.denoising.denoised_reader import as_seen_by
from ...inference.memory import StripPlan, plan_strips
from ...inference.predictor import Predictor
from ...io.files.outputs import StagedOutputs
from ...io.maps.map_mask import MaskedPart
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.choices.quality_counts import quality_notes
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...phrases import counted
from ...pixels.scene_part import ScenePart
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import Device, describe_device, resolve_device
from ..clean_map.map_areas import areas_of_map
from ..definition.output_check import check_scene_is_kept
from ..parts.scene_fit import examine_fit
from ..parts.second_source import second_gaps
from .description import describe_map, map_tags, product_tags
from .map_files import MapFiles, map_outputs, map_results, report_map_outputs
from .map_report import write_map_report
from .mapping_cost import cost_note
from .operation import ClassifySceneParams, ClassifySceneResult
from .part import read_part
from .pipeline import MappingTime, MapPipeline, TileMapper
from .resume import NO_VALID_PIXEL, KeptTiles, TilesToMap, map_fingerprint
from .sources import Sources, sources_of
from .trust.ready import branch_to_keep, check_trust, ready_trust
from .trust.results import TrustResults, trust_results

# Share of the job before the report; it only shapes the progress bar.
_MAPPED = 0.95
_MIB = 2**20
# A single class in a smaller map, or in less than half of the scene, may well be all there is.
_NO_SMALL_MAP_PX = 1000


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
    """What a map holds: pixels by class index, without data, below the minimum confidence, and outside the mask.

    Pixels outside the mask are counted as nothing else. Hectares by class index are None if the map does not say how
    large its pixels are. ``description`` is what the map states about itself, see :func:`.map_description.describe_map`.
    """

    bundle: ModelBundle
    class_pixels: npt.NDArray[np.int64]
    class_hectares: tuple[float, ...] | None
    nodata_pixels: int
    unclassified_pixels: int
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
    share = 1.0 if params.report is None else _MAPPED
    mapped = map_scene(params, PhaseReporter(reporter, 0.0, share))
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
        outside_pixels=mapped.outside_pixels,
        area_of_applicability=mapped.trust.area,
        prediction_sets=mapped.trust.sets,
        description=mapped.description,
        notes=mapped.notes,
        device=mapped.device,
        seconds=mapped.seconds,
    )


def map_scene(params: ClassifySceneParams, reporter: Reporter, known: KnownModel | None = None) -> MappedScene:
    """Classify a scene and write its map; the files appear together when all is finished.

    Parameters
    ----------
    known : what training on the same scene has already read and reported, which is not done again.

    Raises
    ------
    HsiError : of the family of what is wrong: outputs, model, scene, its fit, what an earlier job left.
    """
    started = time.perf_counter()
    device = resolve_device(params.device)
    model = read_bundle(params.model) if known is None else known.bundle
    sources = sources_of(params, model) if known is None else Sources(scene=known.scene, bundle=known.bundle)
    bundle = sources.bundle
    with open_scene(sources.scene) as reader, ExitStack() as stack:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        masked = read_part(params, scene.grid) if known is None else MaskedPart(part=known.part, notes=())
        part = masked.part
        _log((*masked.notes, *(() if known is not None else quality_notes(reader, reporter))), reporter)
        outputs = map_outputs(params)
        predictor = _predictor(params, bundle, scene, device)
        warnings = [] if known is not None else _warn(sources, reader, part, reporter)
        if cost := cost_note(predictor, bundle, part.n_pixels):
            reporter.log(cost)
        mapper = _mapper(params, predictor, bundle, part)
        unfinished = _unfinished(params, map_fingerprint(params, bundle, scene, part, describe_device(device)))
        to_map = _tiles(params, predictor, scene, part, [] if unfinished is None else unfinished.finished())
        if unfinished is not None:
            _begin(unfinished, to_map, reporter)
            stack.enter_context(KeptTiles(unfinished, reporter))
        staged = stack.enter_context(StagedOutputs())
        description, grid = describe_map(model, scene), part.grid_in(scene.grid)
        tags = partial(product_tags, tags=map_tags(description, model), trust=mapper.trust, coverage=params.coverage)
        files = stack.enter_context(MapFiles(outputs, grid, model.legend, staged, unfinished, tags))
        pipeline = MapPipeline(as_seen_by(bundle, reader, device), mapper, files, unfinished, reporter)
        tiles = pipeline.run(to_map)
        _require_data(tiles, scene, part, predictor)
        mapped = time.perf_counter()
        reporter.progress(1.0, "Writing the map")
        reporter.check_cancelled()
    ended = time.perf_counter()
    counts = _counted(tiles, part, smooths=predictor.smoothing is not None)
    areas = areas_of_map(params.output, grid, bundle.legend, counts["class_pixels"], reporter)
    alone = _single_class(counts["class_pixels"], bundle, part, scene)
    warnings += _logged([*filter(None, (areas.note, alone))], reporter)
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


def _unfinished(params: ClassifySceneParams, fingerprint: dict[str, Any]) -> UnfinishedMap | None:
    return UnfinishedMap(params.output, [p.name for p in map_outputs(params)], fingerprint) if params.resume else None


def _predictor(params: ClassifySceneParams, bundle: ModelBundle, scene: Scene, device: Device) -> Predictor:
    products = tuple(map_outputs(params))
    check_trust(params, bundle, products)
    keep = branch_to_keep(bundle, products)
    return Predictor.of(bundle, scene, device, smooth=params.smooth, keep_branch=keep)


def _mapper(params: ClassifySceneParams, predictor: Predictor, bundle: ModelBundle, part: ScenePart) -> TileMapper:
    products = tuple(map_outputs(params))
    return TileMapper(
        predictor=predictor,
        bundle=bundle,
        min_confidence=params.min_confidence,
        part=part,
        products=products,
        trust=ready_trust(params, bundle, products, predictor.kept),
    )


def _counted(tiles: Sequence[FinishedTile], part: ScenePart, *, smooths: bool) -> dict[str, Any]:
    """The counts of :class:`MappedScene`."""
    nodata = sum(tile.nodata_pixels for tile in tiles)
    class_pixels = np.array([tile.class_pixels for tile in tiles], np.int64).sum(axis=0)
    return {
        "class_pixels": class_pixels,
        "nodata_pixels": nodata,
        "smoothed_pixels": sum(tile.smoothed_pixels for tile in tiles) if smooths else None,
        "unclassified_pixels": part.n_pixels - nodata - int(class_pixels.sum()),
        "outside_pixels": part.n_outside,
    }


def _single_class(class_pixels: npt.NDArray[np.int64], bundle: ModelBundle, part: ScenePart, scene: Scene) -> str:
    """A sentence if a map of most of a scene holds a single one of several classes; otherwise empty."""
    total, largest = int(class_pixels.sum()), int(class_pixels.argmax())
    rows, cols = scene.grid.shape
    small = total < _NO_SMALL_MAP_PX or 2 * part.n_pixels < rows * cols
    if small or len(class_pixels) < 2 or class_pixels[largest] < total:
        return ""
    only = list(bundle.legend)[largest]
    name = "" if only.name == str(only.value) else f" ({only.name})"
    return (
        f"All {total:,} classified pixels were given class {only.value}{name}. A map of a single class is rarely right:"
        " check that the scene has the scale, the bands and the land cover of the training scene."
    )


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
        plan_strips(predictor, scene, shape=part.shape, budget_bytes=params.memory_mb * _MIB)
        if edge is None
        else StripPlan(strip_rows=edge, tile_cols=edge)
    )
    return TilesToMap.of(part.shape, finished, strip_rows=sizes.strip_rows, tile_cols=sizes.tile_cols)


def _begin(unfinished: UnfinishedMap, to_map: TilesToMap, reporter: Reporter) -> None:
    if to_map.finished:
        reporter.log(f"Resuming after tile {len(to_map.finished)} of {to_map.count}, from {unfinished.path.name}.")
    unfinished.begin(to_map.finished)


def _require_data(tiles: Sequence[FinishedTile], scene: Scene, part: ScenePart, predictor: Predictor) -> None:
    if sum(tile.nodata_pixels for tile in tiles) < part.n_pixels:
        return
    count = len(predictor.band_indices)
    rasters = (
        str(scene.path) if scene.second is None else f"{scene.path} and the second raster {scene.second.raster.path}"
    )
    needed = "the band that the model needs" if count == 1 else f"all {count} bands that the model needs"
    if part.n_pixels < scene.grid.shape[0] * scene.grid.shape[1]:
        raise SceneError(
            f"No pixel of {rasters} that is to be mapped ({counted(part.n_pixels, 'pixel')}) has data in {needed}"
            f" (nodata value: {scene.nodata_text}): there is nothing to classify.",
            code=NO_VALID_PIXEL,
            hint="Choose an extent and a mask with data in the scene.",
        )
    raise SceneError(
        f"No pixel of {rasters} has data in {needed} (nodata value: {scene.nodata_text}): there is nothing to classify.",
        code=NO_VALID_PIXEL,
        hint="Check the nodata value of the file, and that it is the right file.",
    )
