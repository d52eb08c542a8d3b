"""From an open scene to predicted tiles: the one way to a prediction, for maps as for tests."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..io.scenes.scene import SceneReader
from ..pixels.scene_part import ScenePart
from ..pixels.window import TilePlan, Window
from .denoising.denoised_reader import DenoisedReader
from .predictor import Prediction, Predictor
from .strips import ReducedStrip, reduced_strips


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictedTile:
    """A tile of a part of a scene.

    Parameters
    ----------
    window : its pixels, counted from the upper left pixel of the part.
    place : the pixels of it that the arrays hold; the others are not wanted.
    prediction : of the pixels of ``place``; None if no wanted pixel has data.
    channels : what the preprocessing made of them, float32 (channels, rows, cols); None if nobody asked for it.
    """

    window: Window
    place: Window
    prediction: Prediction | None = None
    channels: npt.NDArray[np.float32] | None = None


class TilePredictions:
    """Predicts the tiles of a part of a scene in their order; the scene is read and reduced ahead, in a thread.

    Parameters
    ----------
    reader : the open scene, as the model sees it (:func:`.denoised_reader.as_seen_by`).
    predictor : a model that is ready for it.
    part : where the tiles lie in the scene, and which of its pixels are wanted.
    plan : the tiles.
    done : tiles of the plan that are left out.
    keep_channels : whether tiles carry the channels that they were predicted from.
    before_tile : called with the window of each tile that holds wanted pixels, before it is predicted.
    check_cancelled : called while waiting; raises what is to end the pass.
    warn : receives a sentence when tiles become smaller because the device's memory does not hold them.
    """

    def __init__(
        self,
        reader: SceneReader,
        predictor: Predictor,
        part: ScenePart,
        plan: TilePlan,
        *,
        done: Collection[Window] = (),
        keep_channels: bool = False,
        before_tile: Callable[[Window], None] = lambda _: None,
        check_cancelled: Callable[[], None] = lambda: None,
        warn: Callable[[str], None] = warnings.warn,
    ) -> None:
        if predictor.denoises and not isinstance(reader, DenoisedReader):
            raise ValueError("the model begins with a denoiser, but the scene is read as it is")
        self._reader = reader
        self._predictor = predictor
        self._part = part
        self._plan = plan
        self._done = done
        self._keep_channels = keep_channels
        self._before_tile = before_tile
        self._check_cancelled = check_cancelled
        self._warn = warn
        self._reading_s = 0.0
        self._computing_s = 0.0

    def tiles(self) -> Generator[PredictedTile, None, None]:
        """Each tile that is not done; close the generator to end the reading early.

        Raises
        ------
        SceneError : the file ends early or is damaged.
        DeviceError : the device's memory does not hold the network and even a small tile.
        """
        left = [window for window in self._plan if window not in self._done]
        places = {window: place for window in left if not (place := self._part.bounds_in(window)).is_empty}
        strip: ReducedStrip | None = None
        with contextlib.closing(self._strips(list(places.values()))) as strips:
            for window in left:
                if window not in places:
                    yield PredictedTile(window=window, place=self._part.bounds_in(window))
                    continue
                if strip is None or strip.window.row != window.row:
                    strip = next(strips)
                self._before_tile(window)
                yield self._predicted(window, strip, places[window])

    @property
    def seconds(self) -> tuple[float, float]:
        """Seconds that the caller's thread has spent on waiting for channels and on predicting."""
        return self._reading_s, self._computing_s

    def _predicted(self, window: Window, strip: ReducedStrip, place: Window) -> PredictedTile:
        started = time.perf_counter()
        radius, row = self._predictor.radius, place.row - strip.window.row
        rows, cols = slice(row, row + place.height + 2 * radius), slice(place.col, place.col_end + 2 * radius)
        padded = strip.padded[:, rows, cols]
        prediction = self._prediction(place, padded, strip.valid[rows, cols])
        channels = None
        if self._keep_channels and prediction is not None:  # a copy: the next strip overwrites the store
            channels = padded[:, radius : radius + place.height, radius : radius + place.width].copy()
        self._computing_s += time.perf_counter() - started
        return PredictedTile(window=window, place=place, prediction=prediction, channels=channels)

    def _prediction(
        self, place: Window, padded: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]
    ) -> Prediction | None:
        radius, mask = self._predictor.radius, self._part.inside_of(place)
        wanted = valid[radius : valid.shape[0] - radius, radius : valid.shape[1] - radius]
        if mask is not None:
            wanted = wanted & mask
        if not wanted.any():
            return None
        prediction = self._predictor.predict_components(padded, valid, self._warn)
        return prediction if mask is None else prediction.inside(mask)

    def _strips(self, places: Sequence[Window]) -> Generator[ReducedStrip, None, None]:
        every = None
        if self._done or self._plan.first_row:
            bounds = (self._part.bounds_in(window) for window in replace(self._plan, first_row=0))
            every = [place for place in bounds if not place.is_empty]
        strips = reduced_strips(
            self._reader,
            self._predictor.preprocessing,
            self._predictor.band_indices,
            radius=self._predictor.radius,
            strip_rows=self._plan.strip_rows,
            first_row=self._plan.first_row,
            part=self._part.window,
            tiles=places,
            columns_of=every,
            check_cancelled=self._check_cancelled,
        )
        with contextlib.closing(strips):
            while True:
                started = time.perf_counter()
                strip = next(strips, None)
                self._reading_s += time.perf_counter() - started
                if strip is None:
                    return
                yield strip
