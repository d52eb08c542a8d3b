"""Predicting a window of a scene: a pure function of model, open scene and window."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

from ..bundle.model_bundle import ModelBundle
from ..io.scene import Scene, SceneReader
from ..legend import NO_CLASS
from ..models import registry
from ..models.network import PatchNetwork
from ..preprocess.chain import Preprocessing
from ..window import Window
from .dense import DenseNetwork, can_run_densely, patchwise_logits
from .out_of_memory import FittingTiles


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What a model says of a window.

    Parameters
    ----------
    probabilities : float32 (classes, rows, cols), sums to 1 where valid, NaN elsewhere.
    valid : True where the scene has data, (rows, cols).
    """

    probabilities: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]

    @property
    def confidence(self) -> npt.NDArray[np.float32]:
        """Largest probability, (rows, cols); NaN without data."""
        return self._largest[0]

    def class_indices(self, min_confidence: float = 0.0) -> npt.NDArray[np.int64]:
        """Class of the largest probability, (rows, cols); -1 without data and below ``min_confidence``."""
        confidence, indices = self._largest
        return np.where(self.valid & (confidence >= min_confidence), indices, NO_CLASS)

    @cached_property
    def _largest(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """The largest probability and its class, found in one pass over all of them."""
        largest = torch.from_numpy(self.probabilities).max(dim=0)
        return largest.values.numpy(), largest.indices.numpy()


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """A model on a device, ready for the bands of one scene.

    Parameters
    ----------
    network : in eval mode, on ``device``.
    preprocessing : fitted with the model.
    band_indices : the bands of the scene to read, in the order of the preprocessing.
    patch_size : edge of a patch in pixels.
    n_classes : number of logits.
    warn : hears that tiles become smaller because the device's memory does not hold them.
    """

    network: PatchNetwork
    preprocessing: Preprocessing
    band_indices: tuple[int, ...]
    patch_size: int
    n_classes: int
    device: torch.device
    warn: Callable[[str], None] = warnings.warn

    @classmethod
    def of(
        cls, bundle: ModelBundle, scene: Scene, device: torch.device, warn: Callable[[str], None] = warnings.warn
    ) -> Predictor:
        """Make a model ready for a scene.

        Raises
        ------
        MismatchError : the scene lacks bands that the model was trained on.
        """
        return cls(
            network=_network_of(bundle).to(device),
            preprocessing=bundle.preprocessing,
            band_indices=bundle.check_scene(scene),
            patch_size=bundle.patch_size,
            n_classes=len(bundle.legend),
            device=device,
            warn=warn,
        )

    @property
    def radius(self) -> int:
        """Pixels between the centre of a patch and its border."""
        return self.patch_size // 2

    @cached_property
    def dense(self) -> DenseNetwork | None:
        """The network prepared for whole tiles; None where it has to be run patch by patch."""
        return DenseNetwork(self.network) if can_run_densely(self.network) else None

    def predict_window(self, reader: SceneReader, window: Window) -> Prediction:
        """Predict the pixels of ``window``, which lies inside the scene.

        The pixels around it are read as far as patches reach; beyond the scene, and where a pixel has no
        data, components are zero, as they were in training. The result does not depend on the window a
        pixel is predicted in, but for rounding.
        """
        wanted = window.grow(self.radius)
        inside = wanted.clip(reader.scene.grid.shape)
        block = reader.read(inside, self.band_indices)
        padded = np.zeros((self.preprocessing.n_components, *wanted.shape), np.float32)
        padded[(slice(None), *inside.relative_to(wanted).slices())] = self.preprocessing.apply(block)
        return self.predict_components(padded, block.valid[window.relative_to(inside).slices()])

    def predict_components(self, padded: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]) -> Prediction:
        """Predict pixels from what the preprocessing made of them and of their surroundings.

        Parameters
        ----------
        padded : float32 (components, rows + 2 · radius, cols + 2 · radius), zero beyond the scene and where a
            pixel has no data.
        valid : True where the scene has data, (rows, cols).

        Raises
        ------
        DeviceError : the device's memory does not hold the network and even a small tile.
        """
        if not valid.any():
            return Prediction(probabilities=np.full((self.n_classes, *valid.shape), np.nan, np.float32), valid=valid)
        probabilities = self._fitting(padded)
        if not valid.all():
            probabilities[:, ~valid] = np.nan
        return Prediction(probabilities=probabilities, valid=valid)

    @cached_property
    def _fitting(self) -> FittingTiles:
        return FittingTiles(self._probabilities, margin_px=self.radius, device=self.device, warn=self.warn)

    @torch.inference_mode()
    def _probabilities(self, padded: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        tile = torch.from_numpy(padded).to(self.device)
        logits = patchwise_logits(self.network, tile) if self.dense is None else self.dense.logits(tile)
        probabilities: npt.NDArray[np.float32] = logits.float().softmax(dim=0).cpu().numpy()
        return probabilities


def _network_of(bundle: ModelBundle) -> PatchNetwork:
    network = registry.build(
        bundle.architecture,
        bundle.options,
        bundle.preprocessing.n_components,
        bundle.patch_size,
        len(bundle.legend),
    )
    network.load_state_dict(bundle.weights)
    return network.eval()
