"""The pass over a scene: predict it tile by tile, and keep the pixels with the highest scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...evaluation.trust.of_pixels import ReadyTrust, pixel_draws
from ...inference.memory import StripPlan, plan_strips
from ...inference.predictor import Predictor
from ...inference.tile_predictions import PredictedTile, TilePredictions
from ...io.scenes.scene import SceneReader
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...remaining_time import RemainingTime
from ...reporting import Reporter
from .candidates import CandidatePool, Candidates
from .operation import SuggestLabelsParams
from .scores import levels, uncertainty

_MIB = 2**20
# So many candidates of each class and level: enough to find some that keep their distance, also if all are of one level.
_PER_POINT, _FEWEST = 3, 1000


@dataclass(kw_only=True, eq=False)
class SceneScan:
    """One pass over the part of a scene.

    Parameters
    ----------
    params : how candidates are chosen.
    bundle, predictor : the model, and ready for the scene.
    part : of the scene.
    labelled : pixels that have a label already.
    pool : gathers the candidates.
    nodata, taken, cut : pixels of the part without data, with a label, and of which the square would reach over the border of
        the scene or onto pixels without data.
    """

    params: SuggestLabelsParams
    bundle: ModelBundle
    predictor: Predictor
    part: ScenePart
    labelled: tuple[LabelledPixels, ...]
    pool: CandidatePool = field(init=False)
    nodata: int = 0
    taken: int = 0
    cut: int = 0

    def __post_init__(self) -> None:
        most = max(_FEWEST, _PER_POINT * self.params.points)
        self.pool = CandidatePool(n_classes=len(self.bundle.legend), most=most)
        known = self.bundle.trust.known
        self._trust = ReadyTrust(area=None if known is None else known.area, channels=self.predictor.kept)

    @property
    def knows_dissimilarity(self) -> bool:
        """Whether the model keeps the training pixels that spectra are compared with."""
        return self._trust.area is not None and self._trust.channels is not None

    def run(self, reader: SceneReader, reporter: Reporter) -> None:
        """Predict all tiles, and fill :attr:`pool`.

        Raises
        ------
        SceneError, DeviceError : as :class:`~hsi_engine.inference.tile_predictions.TilePredictions`.
        Cancelled : asked before every tile, and while waiting.
        """
        plan, done, remaining = self._plan(reader), 0, RemainingTime()

        def before(window: Window) -> None:
            nonlocal done
            reporter.check_cancelled()
            share = done / self.part.n_pixels
            done += self.part.count(window)
            reporter.progress(share, f"Looking for unsure pixels{remaining.after(share)}")

        predictions = TilePredictions(
            reader,
            self.predictor,
            self.part,
            plan,
            keep_channels=self.knows_dissimilarity,
            before_tile=before,
            check_cancelled=reporter.check_cancelled,
            warn=partial(reporter.log, level="warning"),
        )
        for tile in predictions.tiles():
            self._add(tile, reader)

    def _plan(self, reader: SceneReader) -> TilePlan:
        edge = self.params.tile_size
        sizes = (
            plan_strips(self.predictor, reader.scene, shape=self.part.shape, budget_bytes=self.params.memory_mb * _MIB)
            if edge is None
            else StripPlan(strip_rows=edge, tile_cols=edge)
        )
        return TilePlan(shape=self.part.shape, strip_rows=sizes.strip_rows, tile_cols=sizes.tile_cols)

    def _add(self, tile: PredictedTile, reader: SceneReader) -> None:
        pixels = self.part.count(tile.window)
        if tile.prediction is None:
            self.nodata += pixels
            return
        valid, place = tile.prediction.valid, tile.place.absolute(self.part.window)
        self.nodata += pixels - int(np.count_nonzero(valid))
        free = valid & ~self._labelled_in(place)
        self.taken += int(np.count_nonzero(valid & ~free))
        if self.params.window > 1:
            whole = free & self._whole_in(place, reader)
            self.cut += int(np.count_nonzero(free & ~whole))
            free = whole
        rows, cols = (at.astype(np.int64) for at in np.nonzero(free))
        if not len(rows):
            return
        probabilities = tile.prediction.probabilities[:, rows, cols]
        unsure, unlike = uncertainty(probabilities, self.params.uncertainty), self._dissimilarity(tile)[rows, cols]
        area = self._trust.area if self.knows_dissimilarity else None
        self.pool.add(
            Candidates(
                rows=rows + place.row,
                cols=cols + place.col,
                classes=probabilities.argmax(axis=0).astype(np.int64),
                levels=levels(unsure, unlike, None if area is None else area.threshold),
                keys=pixel_draws(place, self.params.seed)[rows, cols],
                uncertainty=unsure,
                dissimilarity=unlike,
                probability=probabilities.max(axis=0).astype(np.float64),
            )
        )

    def _whole_in(self, place: Window, reader: SceneReader) -> npt.NDArray[np.bool_]:
        """Whether the square around each pixel of a window of the scene lies in the scene and holds data, (rows, cols)."""
        from scipy.ndimage import minimum_filter  # slow to load, and single pixels do without

        reach = self.params.window // 2
        around = place.grow(reach)
        inside = around.clip(reader.scene.grid.shape)
        valid = np.zeros(around.shape, bool)
        row, col = inside.row - around.row, inside.col - around.col
        read = reader.read_validity(inside, self.predictor.band_indices).all(axis=0)
        valid[row : row + inside.height, col : col + inside.width] = read
        found = minimum_filter(valid, size=self.params.window, mode="constant", cval=False)
        return np.asarray(found[reach:-reach, reach:-reach])

    def _labelled_in(self, place: Window) -> npt.NDArray[np.bool_]:
        """Whether pixels of a window of the scene, or of the squares around them, have a label already, (rows, cols)."""
        reach = self.params.window // 2
        around = place.grow(reach)
        found = np.zeros(around.shape, bool)
        for known in self.labelled:
            first, end = np.searchsorted(known.rows, (around.row, around.row_end))
            rows, cols = known.rows[first:end] - around.row, known.cols[first:end] - around.col
            inside = (cols >= 0) & (cols < around.width)
            found[rows[inside], cols[inside]] = True
        if not reach:
            return found
        from scipy.ndimage import maximum_filter  # slow to load, and single pixels do without

        spread = maximum_filter(found, size=self.params.window, mode="constant")
        return np.asarray(spread[reach:-reach, reach:-reach])

    def _dissimilarity(self, tile: PredictedTile) -> npt.NDArray[np.float64]:
        if tile.prediction is None or tile.channels is None or not self.knows_dissimilarity:
            return np.full(tile.place.shape, np.nan)
        return self._trust.dissimilarity(tile.channels, tile.prediction.valid)
