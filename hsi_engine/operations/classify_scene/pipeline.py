"""From strips of a scene to finished tiles: reading runs ahead, one tile is computed, writing follows behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import NO_CLASS, Legend
from ...errors import OutputError
from ...inference.predictor import Prediction, Predictor
from ...inference.strips import ReducedStrip, reduced_strips
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.scene import SceneReader
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...remaining_time import RemainingTime
from ...reporting import Reporter
from ...runtime.write_behind import WriteBehind
from .products import MapFiles, MappedTile
from .resume import TilesToMap

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
    """Turns the components of a tile into what goes into the files, in two steps that may run in different threads.

    Parameters
    ----------
    predictor, legend : of the model.
    min_confidence : pixels whose largest probability is lower get no class.
    part : the place of the map in the scene, and which of its pixels are mapped.
    rasters : names of the rasters that are asked for.
    """

    predictor: Predictor
    legend: Legend
    min_confidence: float
    part: ScenePart
    rasters: tuple[str, ...]

    def predict(
        self, place: Window, padded: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]
    ) -> Prediction | None:
        """The prediction for a window of the map; None if no pixel that is mapped has data.

        ``padded`` and ``valid`` as for :meth:`Predictor.predict_components`.
        """
        radius, mask = self.predictor.radius, self.part.inside_of(place)
        wanted = valid[radius : valid.shape[0] - radius, radius : valid.shape[1] - radius]
        if mask is not None:
            wanted = wanted & mask
        if not wanted.any():
            return None
        prediction = self.predictor.predict_components(padded, valid)
        return prediction if mask is None else prediction.inside(mask)

    def mapped(self, window: Window, prediction: Prediction | None) -> MappedTile:
        """What the files get and what was counted in a tile, of which ``prediction`` holds the pixels in the mask."""
        place, pixels = self.part.bounds_in(window), self.part.count(window)
        if prediction is None:
            counted = FinishedTile(window=window, class_pixels=(0,) * len(self.legend), nodata_pixels=pixels)
            return MappedTile(counted=counted, place=place, rasters={})
        indices = prediction.class_indices(self.min_confidence)
        rasters: dict[str, npt.NDArray[Any]] = {"class_map": self.legend.to_value(indices)}
        if "confidence" in self.rasters:
            rasters["confidence"] = prediction.confidence
        if "probabilities" in self.rasters:
            rasters["probabilities"] = prediction.probabilities
        before, smoothed = prediction.unsmoothed, 0
        if before is not None:
            # A pixel that stays unclassified because its confidence is low does not count as smoothed.
            smoothed = int(np.count_nonzero((indices != NO_CLASS) & (indices != before)))
        if "unsmoothed" in self.rasters:
            rasters["unsmoothed"] = self.legend.to_value(prediction.class_indices() if before is None else before)
        counts = np.bincount(indices[indices != NO_CLASS], minlength=len(self.legend))
        counted = FinishedTile(
            window=window,
            class_pixels=tuple(counts.tolist()),
            nodata_pixels=pixels - int(np.count_nonzero(prediction.valid)),
            smoothed_pixels=smoothed,
        )
        return MappedTile(counted=counted, place=place, rasters=rasters)


class MapPipeline:
    """Maps the tiles of a plan.

    Parameters
    ----------
    reader : the open scene.
    mapper : computes the tiles.
    files : get what was computed.
    unfinished : records which tiles are written, if they are to outlast a job that ends early.
    reporter : receives the progress after every tile.

    Attributes
    ----------
    reading_s, computing_s, writing_s : as in :class:`MappingTime`, so far.
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
        self.reading_s = 0.0
        self.computing_s = 0.0
        self.writing_s = 0.0

    def run(self, to_map: TilesToMap) -> list[FinishedTile]:
        """Map the remaining tiles of a plan; all its tiles, also those that were finished before.

        Raises
        ------
        HsiError : of the family of whatever fails: the scene cannot be read, a file cannot be written.
        Cancelled : asked before every tile, and while waiting.
        """
        self._finished = list(to_map.finished)
        try:
            with (
                WriteBehind(self._write, check_cancelled=self._reporter.check_cancelled) as writer,
                contextlib.closing(self._predicted(to_map)) as predictions,
            ):
                for predicted in predictions:
                    started = time.perf_counter()
                    writer.put(predicted)
                    self.writing_s += time.perf_counter() - started
                started = time.perf_counter()
                writer.finish()
                self._save()
                self.writing_s += time.perf_counter() - started
        except BaseException:
            with contextlib.suppress(OutputError):  # the error that is raised already says more
                self._save()
            raise
        return self._finished

    def time(self, *, writing_s: float) -> MappingTime:
        """The time spent, with this many seconds of writing after the last tile."""
        written = self.writing_s + writing_s
        return MappingTime(reading_s=self.reading_s, computing_s=self.computing_s, writing_s=written)

    def _predicted(self, to_map: TilesToMap) -> Generator[tuple[Window, Prediction | None], None, None]:
        part, finished = self._mapper.part, {tile.window for tile in to_map.finished}
        number, total = len(finished), to_map.count
        pixels, done = part.n_pixels, sum(map(part.count, finished))
        remaining = RemainingTime()
        left = [window for window in to_map.plan if window not in finished]
        places = {window: place for window in left if not (place := part.bounds_in(window)).is_empty}
        strip: ReducedStrip | None = None
        with contextlib.closing(self._strips(to_map.plan, list(places.values()))) as strips:
            for window in left:
                number += 1
                if window not in places:  # no pixel of it is mapped
                    yield window, None
                    continue
                if strip is None or strip.window.row != window.row:
                    strip = next(strips)
                self._reporter.check_cancelled()
                share = done / pixels
                done += part.count(window)
                self._reporter.progress(
                    share, f"Classifying the scene: tile {number} of {total}{remaining.after(share)}"
                )
                yield window, self._predict(strip, places[window])

    def _predict(self, strip: ReducedStrip, place: Window) -> Prediction | None:
        started = time.perf_counter()
        margin, row = 2 * self._mapper.predictor.radius, place.row - strip.window.row
        rows, cols = slice(row, row + place.height + margin), slice(place.col, place.col_end + margin)
        prediction = self._mapper.predict(place, strip.padded[:, rows, cols], strip.valid[rows, cols])
        self.computing_s += time.perf_counter() - started
        return prediction

    def _strips(self, plan: TilePlan, places: Sequence[Window]) -> Generator[ReducedStrip, None, None]:
        predictor = self._mapper.predictor
        strips = reduced_strips(
            self._reader,
            predictor.preprocessing,
            predictor.band_indices,
            radius=predictor.radius,
            strip_rows=plan.strip_rows,
            first_row=plan.first_row,
            part=self._mapper.part.window,
            tiles=places,
            check_cancelled=self._reporter.check_cancelled,
        )
        with contextlib.closing(strips):
            while True:
                started = time.perf_counter()
                strip = next(strips, None)
                self.reading_s += time.perf_counter() - started
                if strip is None:
                    return
                yield strip

    def _write(self, predicted: tuple[Window, Prediction | None]) -> None:
        """Runs in the thread that writes."""
        tile = self._mapper.mapped(*predicted)
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
