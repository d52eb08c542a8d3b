"""From strips of a scene to finished tiles: reading runs ahead, one tile is computed, writing follows behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...classes.legend import NO_CLASS
from ...errors import OutputError
from ...evaluation.trust.of_pixels import ReadyTrust
from ...inference.predictor import Predictor
from ...inference.tile_predictions import PredictedTile, TilePredictions
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.scene import Scene, SceneReader
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...remaining_time import RemainingTime
from ...reporting import Reporter
from ...runtime.device import Device
from ...runtime.write_behind import WriteBehind
from .map_files import MapFiles, MappedTile, map_outputs
from .operation import ClassifySceneParams
from .product import MappedPixels, MapProduct
from .resume import TilesToMap
from .trust.ready import branch_to_keep, check_trust, ready_trust

# Between two notes of finished tiles, each of which waits for the disk.
_SAVE_EVERY_S = 1.0


@dataclass(frozen=True, kw_only=True)
class MappingTime:
    """The time spent on the parts of a mapping, in seconds of the thread that computes.

    Parameters
    ----------
    reading_s : waiting for components, which are read and reduced ahead.
    computing_s : predicting.
    writing_s : waiting for the files, which are written behind, and compressing them at the end.
    """

    reading_s: float
    computing_s: float
    writing_s: float


@dataclass(frozen=True, kw_only=True, eq=False)
class TileMapper:
    """What makes the tiles of a map out of a scene. It can be pickled, for another process to make some of them.

    Parameters
    ----------
    predictor : the model, ready for the scene.
    bundle : the model as it stands in its file.
    min_confidence : pixels whose largest probability is lower get no class.
    part : the place of the map in the scene, and which of its pixels are mapped.
    products : the rasters that are asked for.
    trust : what they need to say where the model may be trusted.
    """

    predictor: Predictor
    bundle: ModelBundle
    min_confidence: float
    part: ScenePart
    products: tuple[MapProduct, ...]
    trust: ReadyTrust = field(default_factory=ReadyTrust)

    def predictions(
        self, reader: SceneReader, plan: TilePlan, done: Collection[Window] = (), **callbacks: Callable[..., Any]
    ) -> TilePredictions:
        """The tiles of a plan to be predicted; ``callbacks`` as for :class:`.TilePredictions`."""
        keep = any(product.uses_channels for product in self.products)
        return TilePredictions(reader, self.predictor, self.part, plan, done=done, keep_channels=keep, **callbacks)

    def mapped(self, tile: PredictedTile) -> MappedTile:
        """What the files get and what was counted in a tile. May run in another thread than the prediction."""
        pixels, n_classes = self.part.count(tile.window), len(self.bundle.legend)
        prediction = tile.prediction
        if prediction is None:
            counted = FinishedTile(window=tile.window, class_pixels=(0,) * n_classes, nodata_pixels=pixels)
            return MappedTile(counted=counted, place=tile.place, rasters={})
        indices = prediction.class_indices(self.min_confidence)
        content = MappedPixels(
            prediction=prediction,
            indices=indices,
            bundle=self.bundle,
            channels=tile.channels,
            trust=self.trust,
            place=tile.place.absolute(self.part.window),
        )
        before, smoothed = prediction.unsmoothed, 0
        if before is not None:
            # A pixel that stays unclassified because its confidence is low does not count as smoothed.
            smoothed = int(np.count_nonzero((indices != NO_CLASS) & (indices != before)))
        counted = FinishedTile(
            window=tile.window,
            class_pixels=tuple(np.bincount(indices[indices != NO_CLASS], minlength=n_classes).tolist()),
            nodata_pixels=pixels - int(np.count_nonzero(prediction.valid)),
            smoothed_pixels=smoothed,
            not_finite_pixels=int(np.count_nonzero(prediction.valid & ~np.isfinite(prediction.confidence))),
            tallies={product.name: product.tally(content) for product in self.products if product.tally is not None},
        )
        rasters = {product.name: product.values(content) for product in self.products}
        return MappedTile(counted=counted, place=tile.place, rasters=rasters)


def make_predictor(params: ClassifySceneParams, bundle: ModelBundle, scene: Scene, device: Device) -> Predictor:
    """The model for the bands of a scene.

    Raises
    ------
    MismatchError : the scene lacks what the model needs, or the model what a raster needs.
    """
    products = tuple(map_outputs(params))
    check_trust(params, bundle, products)
    keep = branch_to_keep(bundle, products)
    return Predictor.of(bundle, scene, device, smooth=params.smooth, keep_branch=keep)


def make_mapper(params: ClassifySceneParams, predictor: Predictor, bundle: ModelBundle, part: ScenePart) -> TileMapper:
    """What makes the tiles of a map of ``part``."""
    products = tuple(map_outputs(params))
    return TileMapper(
        predictor=predictor,
        bundle=bundle,
        min_confidence=params.min_confidence,
        part=part,
        products=products,
        trust=ready_trust(params, bundle, products, predictor.kept),
    )


class MapPipeline:
    """Maps the tiles of a plan.

    Parameters
    ----------
    reader : the open scene.
    mapper : computes the tiles.
    files : get what was computed.
    unfinished : records which tiles are written, if they are to outlast a job that ends early.
    reporter : receives the progress after every tile.
    """

    def __init__(
        self,
        reader: SceneReader,
        mapper: TileMapper,
        files: MapFiles,
        unfinished: UnfinishedMap | None,
        reporter: Reporter,
    ) -> None:
        self._reader = reader
        self._mapper = mapper
        self._files = files
        self._unfinished = unfinished
        self._reporter = reporter
        self._finished: list[FinishedTile] = []
        self._next_save = 0.0
        self._predictions: TilePredictions | None = None
        self._writing_s = 0.0

    def run(self, to_map: TilesToMap) -> list[FinishedTile]:
        """Map the remaining tiles of a plan; all its tiles, also those that were finished before.

        Raises
        ------
        HsiError : of the family of whatever fails: the scene cannot be read, a file cannot be written.
        Cancelled : asked before every tile, and while waiting.
        """
        self._finished = list(to_map.finished)
        check_cancelled = self._reporter.check_cancelled
        self._predictions = self._mapper.predictions(
            self._reader,
            to_map.plan,
            {tile.window for tile in to_map.finished},
            before_tile=_Progress(to_map, self._mapper.part, self._reporter).before,
            check_cancelled=check_cancelled,
            warn=partial(self._reporter.log, level="warning"),
        )
        try:
            with (
                WriteBehind(self._write, check_cancelled=check_cancelled) as writer,
                contextlib.closing(self._predictions.tiles()) as tiles,
            ):
                for predicted in tiles:
                    started = time.perf_counter()
                    writer.put(predicted)
                    self._writing_s += time.perf_counter() - started
                started = time.perf_counter()
                writer.finish()
                self._save()
                self._writing_s += time.perf_counter() - started
        except BaseException:
            with contextlib.suppress(OutputError):  # the error that is raised already says more
                self._save()
            raise
        return self._finished

    def time(self, *, writing_s: float) -> MappingTime:
        """The time spent, with this many seconds of writing after the last tile."""
        reading, computing = (0.0, 0.0) if self._predictions is None else self._predictions.seconds
        return MappingTime(reading_s=reading, computing_s=computing, writing_s=self._writing_s + writing_s)

    def _write(self, predicted: PredictedTile) -> None:
        """Runs in the thread that writes."""
        self._keep(self._mapper.mapped(predicted))

    def _keep(self, tile: MappedTile) -> None:
        self._files.write(tile)
        self._finished.append(tile.counted)
        if self._unfinished is not None:
            self._unfinished.add(tile.counted)
            if time.monotonic() >= self._next_save:
                self._save()
                self._next_save = time.monotonic() + _SAVE_EVERY_S

    def _save(self) -> None:
        if self._unfinished is not None:
            self._unfinished.save(self._files.sync)


class _Progress:
    """Says before each tile which one it is, and how long the others still take."""

    def __init__(self, to_map: TilesToMap, part: ScenePart, reporter: Reporter) -> None:
        finished = {tile.window for tile in to_map.finished}
        self._numbers = {
            window: number
            for number, window in enumerate(
                (window for window in to_map.plan if window not in finished), start=len(finished) + 1
            )
        }
        self._total = to_map.count
        self._part = part
        self._done = sum(map(part.count, finished))
        self._reporter = reporter
        self._remaining = RemainingTime()

    def before(self, window: Window) -> None:
        self._reporter.check_cancelled()
        share = self._done / self._part.n_pixels
        self._done += self._part.count(window)
        number = f"tile {self._numbers[window]} of {self._total}"
        self._reporter.progress(share, f"Classifying the scene: {number}{self._remaining.after(share)}")
