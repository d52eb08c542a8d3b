"""The steps of mapping one scene: check, predict tile by tile, write, style."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..bundle.model_bundle import ModelBundle
from ..bundle.model_file import read_bundle
from ..errors import SceneError
from ..inference.memory import StripPlan, plan_strips
from ..inference.predictor import Predictor
from ..io.outputs import StagedOutputs
from ..io.scene import Scene, SceneReader, open_scene
from ..io.undeclared_fill import undeclared_fill
from ..io.unfinished_map import FinishedTile, UnfinishedMap
from ..reporting import Reporter
from ..runtime.device import describe_device, resolve_device
from ..scene_part import ScenePart
from ..window import Window
from .classify_scene import ClassifySceneParams, ClassifySceneResult
from .kept_tiles import NO_VALID_PIXEL, KeptTiles, TilesToMap, map_fingerprint
from .map_files import MapFiles, check_map_outputs, raster_names
from .map_pipeline import MappingTime, MapPipeline, TileMapper
from .part_to_map import read_part

_MIB = 2**20
_PROBE_PX = 32
# Models whose prediction takes longer the more they learned, and the option that says how much.
_GROWING = {"svm": "support_vectors", "random_forest": "nodes"}
_TIMED_PX = 64
_WORTH_SAYING_S = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedScene:
    """What a map holds: pixels by class index, without data, below the least confidence, and outside the mask.

    Pixels outside the mask are counted as nothing else.
    """

    bundle: ModelBundle
    class_pixels: npt.NDArray[np.int64]
    nodata_pixels: int
    unclassified_pixels: int
    outside_pixels: int
    smoothed_pixels: int | None
    notes: list[str]
    device: str
    time: MappingTime
    seconds: float


def run(params: ClassifySceneParams, reporter: Reporter) -> ClassifySceneResult:
    """Classify tile by tile; the files appear when all of them are finished."""
    mapped = map_scene(params, reporter)
    for kind, path in (
        ("class_map", params.output),
        ("confidence", params.confidence),
        ("probabilities", params.probabilities),
        ("unsmoothed", params.unsmoothed),
    ):
        if path is not None:
            reporter.artifact(kind, path)
    legend = mapped.bundle.legend.to_json()
    return ClassifySceneResult(
        output=params.output,
        confidence=params.confidence,
        probabilities=params.probabilities,
        unsmoothed=params.unsmoothed,
        model_id=mapped.bundle.id,
        classes=[c | {"pixels": int(n)} for c, n in zip(legend, mapped.class_pixels, strict=True)],
        nodata_pixels=mapped.nodata_pixels,
        smoothed_pixels=mapped.smoothed_pixels,
        unclassified_pixels=mapped.unclassified_pixels,
        outside_pixels=mapped.outside_pixels,
        notes=mapped.notes,
        device=mapped.device,
        seconds=mapped.seconds,
    )


def map_scene(params: ClassifySceneParams, reporter: Reporter) -> MappedScene:
    """Classify a scene and write its map; the files appear together when all is finished.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, model, scene, a model that does not fit the scene, what an
        earlier job left.
    """
    started = time.perf_counter()
    check_map_outputs(params)
    device = resolve_device(params.device)
    bundle = read_bundle(params.model)
    with open_scene(params.scene, nodata=params.nodata) as reader, ExitStack() as stack:
        scene = reader.scene
        masked = read_part(params, scene.grid)
        part = masked.part
        for note in masked.notes:
            reporter.log(note)
        predictor = Predictor.of(
            bundle, scene, device, smooth=params.smooth, warn=lambda text: reporter.log(text, "warning")
        )
        fill = undeclared_fill(reader, predictor.band_indices, check_cancelled=reporter.check_cancelled)
        warnings = [*scene.warnings, *fill, *_scale_notes(bundle, predictor, reader, part)]
        for note in warnings:
            reporter.log(note, "warning")
        if cost := _cost_note(predictor, bundle, part):
            reporter.log(cost)
        mapper = TileMapper(
            predictor=predictor,
            legend=bundle.legend,
            min_confidence=params.min_confidence,
            part=part,
            rasters=raster_names(params),
        )
        unfinished, finished = None, []
        if params.resume:
            fingerprint = map_fingerprint(params, bundle, scene, part, describe_device(device))
            unfinished = UnfinishedMap(params.output, mapper.rasters, fingerprint)
            finished = unfinished.finished()
        sizes = _tile_sizes(params, predictor, scene, part)
        to_map = TilesToMap.of(part.shape, finished, strip_rows=sizes.strip_rows, tile_cols=sizes.tile_cols)
        if unfinished is not None:
            _begin(unfinished, to_map, reporter)
            stack.enter_context(KeptTiles(unfinished, reporter))
        staged = stack.enter_context(StagedOutputs())
        files = stack.enter_context(MapFiles(params, part.grid_in(scene.grid), bundle.legend, staged, unfinished))
        pipeline = MapPipeline(reader, mapper, files, unfinished, reporter)
        tiles = pipeline.run(to_map)
        _require_data(tiles, scene, part, predictor)
        mapped = time.perf_counter()
        reporter.progress(1.0, "Writing the map")
        reporter.check_cancelled()
    ended = time.perf_counter()
    nodata = sum(tile.nodata_pixels for tile in tiles)
    class_pixels = np.array([tile.class_pixels for tile in tiles], np.int64).sum(axis=0)
    return MappedScene(
        bundle=bundle,
        class_pixels=class_pixels,
        nodata_pixels=nodata,
        smoothed_pixels=None if predictor.smoothing is None else sum(tile.smoothed_pixels for tile in tiles),
        unclassified_pixels=part.n_pixels - nodata - int(class_pixels.sum()),
        outside_pixels=part.n_outside,
        notes=[*masked.notes, *warnings],
        device=describe_device(device),
        time=MappingTime(
            reading_s=pipeline.reading_s,
            computing_s=pipeline.computing_s,
            writing_s=pipeline.writing_s + ended - mapped,
        ),
        seconds=ended - started,
    )


def _tile_sizes(params: ClassifySceneParams, predictor: Predictor, scene: Scene, part: ScenePart) -> StripPlan:
    if params.tile_size is not None:
        return StripPlan(strip_rows=params.tile_size, tile_cols=params.tile_size)
    return plan_strips(predictor, scene, shape=part.shape, budget_bytes=params.memory_mb * _MIB)


def _begin(unfinished: UnfinishedMap, to_map: TilesToMap, reporter: Reporter) -> None:
    if to_map.finished:
        reporter.log(f"Going on after tile {len(to_map.finished)} of {to_map.count}, from {unfinished.path.name}.")
    unfinished.begin(to_map.finished)


def _cost_note(predictor: Predictor, bundle: ModelBundle, part: ScenePart) -> str:
    """How long a model takes whose cost grows with what it was trained on, measured on a small tile; empty if not long."""
    growing = [member for member in bundle.members if member.architecture in _GROWING]
    if not growing:
        return ""
    edge = _TIMED_PX + 2 * predictor.radius
    tile = np.zeros((predictor.preprocessing.n_components, edge, edge), np.float32)
    started = time.perf_counter()
    predictor.predict_components(tile, np.ones((edge, edge), bool))
    seconds = (time.perf_counter() - started) * part.n_pixels / _TIMED_PX**2
    if seconds < _WORTH_SAYING_S:
        return ""
    sizes = ", ".join(
        f"{member.options[_GROWING[member.architecture]]:,} {_GROWING[member.architecture].replace('_', ' ')}"
        for member in growing
    )
    return f"Classifying this scene takes about {seconds:,.0f} s: the model holds {sizes}. A network or a linear model is faster."


def _require_data(tiles: Sequence[FinishedTile], scene: Scene, part: ScenePart, predictor: Predictor) -> None:
    if sum(tile.nodata_pixels for tile in tiles) < part.n_pixels:
        return
    if part.n_pixels < scene.grid.shape[0] * scene.grid.shape[1]:
        raise SceneError(
            f"None of the {part.n_pixels:,} pixels to be mapped of {scene.path} holds data in all"
            f" {len(predictor.band_indices)} bands that the model needs (nodata value {scene.nodata}): there is nothing to"
            " classify.",
            code=NO_VALID_PIXEL,
            hint="Choose an extent and a mask where the scene holds data.",
        )
    raise SceneError(
        f"No pixel of {scene.path} holds data in all {len(predictor.band_indices)} bands that the model"
        f" needs (nodata value: {scene.nodata_text}): there is nothing to classify.",
        code=NO_VALID_PIXEL,
        hint="Check the nodata value of the file, and that the right file was chosen.",
    )


def _scale_notes(bundle: ModelBundle, predictor: Predictor, reader: SceneReader, part: ScenePart) -> list[str]:
    """A warning where the scene seems to be in another unit than the one the model was trained on.

    A part of a scene may show something else altogether, such as a lake: the warning is then left to the whole scene.
    """
    whole = Window.of_shape(reader.scene.grid.shape)
    warning = ""
    for window in dict.fromkeys((part.window, whole)):
        mean = _mean_spectrum(reader, window, predictor.band_indices)
        if mean is None:
            continue
        warning = bundle.scale_warning(mean)
        if not warning:
            break
    return [warning] if warning else []


def _mean_spectrum(reader: SceneReader, part: Window, bands: Sequence[int]) -> npt.NDArray[np.floating[Any]] | None:
    """Mean of the bands in windows along the diagonals of a part; None where they hold no data. Costs little on a large one."""
    spectra = []
    for share in (0.5, 0.25, 0.75, 0.1, 0.9):
        for flip in (share, 1 - share):
            row, col = int(share * part.height), int(flip * part.width)
            probe = Window(row=row, col=col, height=_PROBE_PX, width=_PROBE_PX).clip(part.shape)
            block = reader.read(probe.absolute(part), bands)
            spectra.append(block.data[:, block.valid])
    found = np.concatenate(spectra, axis=1)
    return found.mean(axis=1) if found.size else None
