"""From the channels of a window to the probabilities of its classes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..bundle.model_bundle import ModelBundle
from ..classes.legend import NO_CLASS
from ..evaluation.confidence_scaling import ConfidenceScaling
from ..io.scenes.scene import Scene
from ..preprocess.chain import Preprocessing
from .classifier import Classifier
from .confidence.scaling import sharpened, with_scaled_confidence
from .out_of_memory import TilesWithinMemory
from .projection import project_first_layers
from .smoothing import GuidedSmoothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """The prediction for one window.

    Parameters
    ----------
    probabilities : float32 (classes, rows, cols), sums to 1 where valid, NaN elsewhere and where scores are not finite.
    valid : True where the scene has data, (rows, cols).
    unsmoothed : class before the probabilities were smoothed, (rows, cols), -1 without data or finite scores; None if they were
        not.
    """

    probabilities: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]
    unsmoothed: npt.NDArray[np.int64] | None = None

    @property
    def confidence(self) -> npt.NDArray[np.float32]:
        """Largest probability, (rows, cols); NaN without data or finite scores."""
        return self._largest[0]

    def class_indices(self, min_confidence: float = 0.0) -> npt.NDArray[np.int64]:
        """Class of the largest probability, (rows, cols); -1 without data and below ``min_confidence``."""
        confidence, indices = self._largest
        return np.where(self.valid & (confidence >= min_confidence), indices, NO_CLASS)

    def inside(self, mask: npt.NDArray[np.bool_]) -> Prediction:
        """The prediction without the pixels where ``mask`` (rows, cols) is False: they count as pixels without data."""
        probabilities = self.probabilities.copy()
        probabilities[:, ~mask] = np.nan
        before = None if self.unsmoothed is None else np.where(mask, self.unsmoothed, NO_CLASS)
        return Prediction(probabilities=probabilities, valid=self.valid & mask, unsmoothed=before)

    @cached_property
    def _largest(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """The largest probability and its class, found in one pass over all of them."""
        largest = torch.from_numpy(self.probabilities).max(dim=0)
        return largest.values.numpy(), largest.indices.numpy()


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """A model on a device, ready for the bands of one scene. It can be pickled, for another process to predict with.

    Parameters
    ----------
    classifier : the model's members on ``device``.
    preprocessing : fitted with the model.
    band_indices : the bands of the scene to read, in the order of the preprocessing.
    n_classes : number of classes.
    temperature : the probabilities are sharpened (below 1) or flattened (above 1) by it after the smoothing.
    confidence_scaling : the curve that the probability of the chosen class is brought onto in the end.
    smoothing : the filter of the probabilities and the channels that guide it; None if there is none.
    kept : the channels of the branch that was to be kept as it is; None if none was.
    denoises : whether the scene has to be read as :func:`.denoised_reader.as_seen_by` gives it.
    """

    classifier: Classifier
    preprocessing: Preprocessing
    band_indices: tuple[int, ...]
    n_classes: int
    device: torch.device
    temperature: float = 1.0
    confidence_scaling: ConfidenceScaling = field(default_factory=ConfidenceScaling)
    smoothing: GuidedSmoothing | None = None
    kept: slice | None = None
    denoises: bool = False

    @classmethod
    def of(
        cls,
        bundle: ModelBundle,
        scene: Scene,
        device: torch.device,
        *,
        smooth: bool = True,
        keep_branch: int | None = None,
    ) -> Predictor:
        """Make a model ready for a scene.

        ``smooth`` False leaves out its smoothing; ``keep_branch`` is a branch of the preprocessing whose channels are wanted.

        Raises
        ------
        MismatchError : the scene lacks bands that the model was trained on.
        """
        projected = project_first_layers(bundle, device, keep_branch=keep_branch)
        guide = projected.guide
        settings = bundle.smoothing if smooth else None
        return cls(
            classifier=projected.classifier,
            preprocessing=projected.preprocessing,
            band_indices=bundle.check_scene(scene),
            n_classes=len(bundle.legend),
            device=device,
            temperature=bundle.temperature,
            confidence_scaling=bundle.confidence_scaling,
            smoothing=None if settings is None or guide is None else GuidedSmoothing.of(settings, guide),
            kept=projected.kept,
            denoises=bundle.denoising is not None,
        )

    @property
    def reach(self) -> int:
        """Pixels around a window whose probabilities the smoothing takes into account."""
        return 0 if self.smoothing is None else self.smoothing.reach_px

    @property
    def radius(self) -> int:
        """Pixels around a window that its prediction depends on."""
        return self.classifier.radius + self.reach

    def predict_components(
        self,
        padded: npt.NDArray[np.float32],
        valid: npt.NDArray[np.bool_],
        warn: Callable[[str], None] = warnings.warn,
    ) -> Prediction:
        """Predict pixels from what the preprocessing made of them and of their surroundings.

        Parameters
        ----------
        padded : float32 (channels, rows + 2 · radius, cols + 2 · radius), zero beyond the scene and where a
            pixel has no data.
        valid : True where the scene has data, (rows + 2 · radius, cols + 2 · radius); False beyond it.
        warn : receives a sentence when tiles become smaller because the device's memory does not hold them.

        Raises
        ------
        DeviceError : the device's memory does not hold the network and even a small tile.
        """
        inside = _inner(valid, self.radius)
        probabilities, unsmoothed = self._within_memory(padded, warn), None
        if self.smoothing is not None:
            alone = probabilities[:, self.reach : -self.reach, self.reach : -self.reach]
            unsmoothed = np.where(inside & ~np.isnan(alone[0]), alone.argmax(axis=0), NO_CLASS)
            margin = self.classifier.radius
            channels, known = _inner(padded, margin), _inner(valid, margin)
            # What overflowed has no weight, or it would take the classes of its neighbours, too.
            known = known & ~np.isnan(probabilities[0]) & np.isfinite(channels[self.smoothing.guide]).all(axis=0)
            probabilities = self.smoothing.apply(probabilities, channels, known)
        if self.temperature != 1:
            probabilities = sharpened(torch.from_numpy(probabilities), self.temperature).numpy()
        probabilities = with_scaled_confidence(torch.from_numpy(probabilities), self.confidence_scaling).numpy()
        if not inside.all():
            probabilities[:, ~inside] = np.nan
        return Prediction(probabilities=probabilities, valid=inside.copy(), unsmoothed=unsmoothed)

    @cached_property
    def _within_memory(self) -> TilesWithinMemory:
        return TilesWithinMemory(self._probabilities, margin_px=self.classifier.radius, device=self.device)

    @torch.inference_mode()
    def _probabilities(self, padded: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        tile = torch.from_numpy(padded).to(self.device)
        probabilities: npt.NDArray[np.float32] = self.classifier.probabilities(tile).cpu().numpy()
        return probabilities


def _inner(array: npt.NDArray[Any], margin: int) -> npt.NDArray[Any]:
    """``array`` without a margin along its last two axes."""
    return array[..., margin : array.shape[-2] - margin, margin : array.shape[-1] - margin]
