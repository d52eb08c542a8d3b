"""A fitted denoiser: the subspace of a scene's signal, and a network that removes the noise left in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..errors import BundleError, SceneError
from ..models.networks.residual_denoiser import ResidualDenoiser
from ..models.without_memory import without_memory
from ..preprocess.noise import SignalSubspace
from ..spectrum.bands import BandTable

_DAMAGED = "The file is damaged or was edited; copy or download it again."
_SUBSPACE, _NETWORK = "subspace.", "network."
STEP_PREFIX = "denoiser."
"""Of the names of its arrays and weights in the file of a model."""
_MOST_LAYERS, _MOST_WIDTH = 64, 1024


@dataclass(frozen=True, kw_only=True, eq=False)
class Denoiser:
    """All that is needed to denoise spectra of the same bands and unit.

    Parameters
    ----------
    bands : those it was fitted to, in the order of the arrays.
    subspace : where their signal lies.
    layers, width : of the network.
    weights : its tensors, on the CPU.
    training : how it was fitted, as JSON values; nothing depends on it.
    """

    bands: BandTable
    subspace: SignalSubspace
    layers: int
    width: int
    weights: Mapping[str, torch.Tensor]
    training: Mapping[str, Any] = field(default_factory=dict)

    def network(self) -> ResidualDenoiser:
        """The network with its weights, in eval mode, on the CPU."""
        network = ResidualDenoiser(components=self.subspace.n_components, layers=self.layers, width=self.width)
        network.load_state_dict(dict(self.weights))
        network.eval()
        return network

    def to_json(self) -> dict[str, Any]:
        """Everything but the arrays."""
        return {
            "bands": self.bands.to_json(),
            "layers": self.layers,
            "width": self.width,
            "training": dict(self.training),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name: the subspace in float64, the weights in float32."""
        subspace = {f"{_SUBSPACE}{name}": array for name, array in self.subspace.arrays().items()}
        return subspace | {f"{_NETWORK}{name}": tensor.numpy() for name, tensor in self.weights.items()}

    @classmethod
    def from_parts(cls, record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Denoiser:
        """From what :meth:`to_json` and :meth:`arrays` gave.

        Raises
        ------
        BundleError : a part is missing, of another kind or shape, or holds NaN.
        """
        try:
            subspace = SignalSubspace.of_arrays(_named(arrays, _SUBSPACE))
            bands = BandTable.from_json(record["bands"])
            layers, width = _whole(record, "layers", 2, _MOST_LAYERS), _whole(record, "width", 1, _MOST_WIDTH)
            if len(bands) != len(subspace.mean):
                raise ValueError(f"{len(bands)} bands and a mean spectrum of {len(subspace.mean)}")
            weights = {name: torch.from_numpy(np.array(array)) for name, array in _named(arrays, _NETWORK).items()}
            _check_weights(weights, subspace.n_components, layers, width)
            training = dict(record["training"])
        except (SceneError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(f"The denoiser is inconsistent: {error}.", code="inconsistent", hint=_DAMAGED) from error
        return cls(bands=bands, subspace=subspace, layers=layers, width=width, weights=weights, training=training)


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoisingStep:
    """A denoiser as the first step of a model: the scene is denoised before anything is made of its bands.

    Parameters
    ----------
    denoiser : fitted to the training scene, or taken from a file; its ``training`` says which, as ``source``.
    positions : of its bands among those that the model is fed with, from 0, in its order; the others stay as they are.
    """

    denoiser: Denoiser
    positions: tuple[int, ...]

    def check(self, n_bands: int) -> None:
        """See that it fits a model with so many bands of the scene.

        Raises
        ------
        BundleError : it does not.
        """
        fits = len(self.positions) == len(self.denoiser.bands) == len(set(self.positions))
        if not fits or not set(self.positions) <= set(range(n_bands)):
            raise BundleError(
                f"The denoiser of {len(self.denoiser.bands)} bands, at {len(self.positions)} positions, does not fit the"
                f" {n_bands} bands of the model.",
                code="inconsistent",
                hint=_DAMAGED,
            )

    def to_json(self) -> dict[str, Any]:
        """Everything but arrays and weights."""
        return self.denoiser.to_json() | {"positions": list(self.positions)}

    def arrays(self) -> dict[str, npt.NDArray[np.float64]]:
        """The arrays of the subspace, float64, as ``denoiser.<name>``."""
        return {f"{STEP_PREFIX}{name}": array for name, array in self.denoiser.subspace.arrays().items()}

    def tensors(self) -> dict[str, torch.Tensor]:
        """The weights of the network, float32, as ``denoiser.<name>``."""
        return {f"{STEP_PREFIX}{name}": tensor.contiguous() for name, tensor in self.denoiser.weights.items()}

    @classmethod
    def from_parts(
        cls, record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], weights: Mapping[str, torch.Tensor]
    ) -> DenoisingStep:
        """From what :meth:`to_json`, :meth:`arrays` and :meth:`tensors` gave.

        Raises
        ------
        BundleError : parts are missing or impossible.
        """
        named = {f"{_SUBSPACE}{name}": array for name, array in _named(arrays, STEP_PREFIX).items()}
        named |= {f"{_NETWORK}{name}": w.numpy() for name, w in weights.items()}
        return cls(denoiser=Denoiser.from_parts(record, named), positions=tuple(record["positions"]))


def _named(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _whole(record: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = record[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}; found {value!r}")
    return value


def _check_weights(weights: Mapping[str, torch.Tensor], components: int, layers: int, width: int) -> None:
    """Raise ValueError unless the tensors are those of the network; it is built without memory for them."""
    with without_memory():
        expected = ResidualDenoiser(components=components, layers=layers, width=width).state_dict()
    if weights.keys() != expected.keys():
        raise ValueError(f"tensors are missing or unknown: {sorted(weights.keys() ^ expected.keys())[:3]}")
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape or tensor.dtype != expected[name].dtype:
            raise ValueError(f"tensor {name!r} is {tuple(tensor.shape)}, expected {tuple(expected[name].shape)}")
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"tensor {name!r} holds NaN or infinite numbers")
    if not bool((weights["scale"] > 0).all()):
        raise ValueError("the scales of the network must be above zero")
