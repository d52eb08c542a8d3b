"""The prediction for one pixel, made in the way in which a map is made."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...classes.legend import NO_CLASS
from ...errors import BundleError, SceneError
from ...evaluation.trust.conformal import smallest_calibration
from ...evaluation.trust.of_pixels import ReadyTrust
from ...inference.predictor import Predictor
from ...inference.tile_predictions import TilePredictions
from ...io.scenes.scene import SceneReader
from ...phrases import counted
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...report.wording import percent
from ...reporting import Reporter
from ...runtime.device import Device
from ...spectrum.bands import band_numbers
from ..classify_scene.resume import NO_VALID_PIXEL
from .operation import ExplainPixelParams


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelPrediction:
    """What the model makes of one pixel.

    Parameters
    ----------
    probabilities : float32 (classes,).
    index, unsmoothed : class index in the map, and before smoothing; the second is None if nothing is smoothed.
    bands : 0-based bands of the scene that were read, in the order of the preprocessing.
    spectrum : their values, float64 (bands,), scale and offset applied.
    in_set : whether each class is in the prediction set, bool (classes,); None without a set.
    distances, nearest : dissimilarity to the nearest training points, rising, and which they are; empty if none are kept.
    missing : a sentence on each thing that could not be found.
    """

    probabilities: npt.NDArray[np.float32]
    index: int
    unsmoothed: int | None
    bands: tuple[int, ...]
    spectrum: npt.NDArray[np.float64]
    in_set: npt.NDArray[np.bool_] | None
    distances: npt.NDArray[np.float64]
    nearest: npt.NDArray[np.int64]
    missing: tuple[str, ...]


def predict_pixel(
    params: ExplainPixelParams,
    bundle: ModelBundle,
    reader: SceneReader,
    place: Window,
    device: Device,
    reporter: Reporter,
) -> PixelPrediction:
    """Predict the pixel ``place``, a window of one pixel inside the scene, with what a map sees of its surroundings.

    Raises
    ------
    MismatchError : the scene does not fit the model.
    SceneError : the pixel has no data, or the file is damaged there.
    BundleError : the model's scores for the pixel are not finite.
    """
    known = bundle.trust.known
    predictor = Predictor.of(
        bundle, reader.scene, device, smooth=params.smooth, keep_branch=None if known is None else known.branch
    )
    tile_plan = TilePlan(shape=place.shape, strip_rows=1, tile_cols=1)
    predictions = TilePredictions(
        reader,
        predictor,
        ScenePart(window=place),
        tile_plan,
        keep_channels=known is not None,
        check_cancelled=reporter.check_cancelled,
    )
    with closing(predictions.tiles()) as tiles:
        tile = next(tiles)
    if tile.prediction is None or not tile.prediction.valid.all():
        raise _no_data(reader, place, predictor.band_indices)
    index = int(tile.prediction.class_indices()[0, 0])
    if index == NO_CLASS:
        raise _no_probabilities(place)
    found, why_no_set = _in_set(params, bundle, tile.prediction.probabilities, place)
    distances, nearest = np.empty(0), np.empty(0, np.int64)
    missing = [why_no_set] if why_no_set else []
    if known is not None and tile.channels is not None and predictor.kept is not None:
        predictors = tile.channels[predictor.kept][:, 0, 0][None]
        distances, nearest = (array[0] for array in known.area.nearest(predictors, params.nearest))
    else:
        missing.append(
            "The model keeps none of its training pixels (it is of an earlier version, was trained in a single place, or one of"
            " its two sources is mapped alone): whether it has seen such a spectrum is not known."
        )
    block = reader.read(place, predictor.band_indices)
    unsmoothed = tile.prediction.unsmoothed
    return PixelPrediction(
        probabilities=tile.prediction.probabilities[:, 0, 0],
        index=index,
        unsmoothed=None if unsmoothed is None else int(unsmoothed[0, 0]),
        bands=predictor.band_indices,
        spectrum=block.data[:, 0, 0].astype(np.float64),
        in_set=found,
        distances=distances,
        nearest=nearest,
        missing=tuple(missing),
    )


def _no_probabilities(place: Window) -> BundleError:
    return BundleError(
        f"The model gives no probabilities for the pixel in row {place.row}, column {place.col}: its scores are not finite numbers.",
        code="no_probabilities",
        hint="The model's weights or the scene's values at this pixel are far too large. Check the scene with Scene information;"
        " if its values are as usual, train the model again.",
    )


def _in_set(
    params: ExplainPixelParams, bundle: ModelBundle, probabilities: npt.NDArray[np.float32], place: Window
) -> tuple[npt.NDArray[np.bool_] | None, str]:
    """The prediction set as in a map, or a sentence on why there is none."""
    calibrated = bundle.trust.calibrated
    if calibrated is None:
        return None, (
            "The model has no calibration scores, so there is no prediction set: it was trained without a check of its accuracy or"
            " by an earlier version, or one of its two sources is mapped alone."
        )
    if bundle.smoothing is not None and not params.smooth:
        return None, (
            "There is no prediction set without smoothing: the model's sets are calibrated on smoothed probabilities."
        )
    needed, held = smallest_calibration(params.coverage), len(calibrated.scores)
    if held < needed:
        return None, (
            f"There is no prediction set with a coverage of {percent(params.coverage)}: it needs"
            f" {counted(needed, 'tested pixel')} or more, and the model has {held}. Ask for at most {held / (held + 1):.4g}."
        )
    trust = ReadyTrust(
        thresholds=calibrated.scores.thresholds(params.set_method, params.coverage), method=params.set_method
    )
    return trust.prediction_sets(probabilities, place)[:, 0, 0], ""


def _no_data(reader: SceneReader, place: Window, bands: tuple[int, ...]) -> SceneError:
    scene = reader.scene
    has = reader.read_validity(place, bands)[:, 0, 0]
    empty = [band for band, valid in zip(bands, has, strict=True) if not valid]
    which = f"any of the {len(bands)} bands" if len(empty) == len(bands) else _which(empty, len(bands))
    return SceneError(
        f"The pixel at row {place.row}, column {place.col} of {scene.path} has no data in {which} that the model needs"
        f" (nodata value: {scene.nodata_text}): it has no class, and is nodata in a map.",
        code=NO_VALID_PIXEL,
        hint="Choose a pixel with data.",
    )


def _which(empty: list[int], count: int) -> str:
    return f"{len(empty)} of the {count} bands ({band_numbers(empty)})"
