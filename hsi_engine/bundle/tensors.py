"""Tensors of a model file: to and from safetensors, and whether they fit an architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
import safetensors.torch
import torch
from safetensors import SafetensorError

from ..errors import BundleError, ParameterError
from ..models import registry
from ..models.without_memory import without_memory
from ..phrases import counted

_DAMAGED = "The file is damaged; copy or download it again."


def decode_weights(content: bytes) -> dict[str, torch.Tensor]:
    """Tensors by name from the bytes of a safetensors file, on the CPU."""
    try:
        return safetensors.torch.load(content)
    except _DECODING_ERRORS as error:
        raise _undecodable("weights", error) from error


def decode_arrays(content: bytes) -> dict[str, npt.NDArray[np.float64]]:
    """Arrays by name from the bytes of a safetensors file; all must be float64."""
    try:
        arrays: dict[str, npt.NDArray[Any]] = safetensors.numpy.load(content)
    except _DECODING_ERRORS as error:
        raise _undecodable("preprocessing", error) from error
    for name, array in arrays.items():
        if array.dtype != np.float64:
            raise BundleError(
                f"Array {name!r} of the preprocessing must be float64; found {array.dtype}.",
                code="tensors",
                hint=_DAMAGED,
            )
    return arrays


def upgrade_names(
    version: int, weights: dict[str, torch.Tensor], arrays: dict[str, npt.NDArray[np.float64]]
) -> tuple[dict[str, torch.Tensor], dict[str, npt.NDArray[np.float64]]]:
    """Tensors of an older format under the names of the current one.

    Version 1 had one network and one PCA, whose mean is the mean spectrum.
    """
    if version > 1:
        return weights, arrays
    named = {f"branches.0.{name.removeprefix('pca.')}": array for name, array in arrays.items()}
    if "branches.0.mean" in named:
        named["mean_spectrum"] = named["branches.0.mean"]
    return {f"members.0.{name}": tensor for name, tensor in weights.items()}, named


def check_weights(
    weights: Mapping[str, torch.Tensor],
    *,
    architecture: str,
    options: dict[str, Any],
    n_components: int,
    patch_size: int,
    n_classes: int,
) -> None:
    """Make sure that ``weights`` fit the network that the other values describe, and are finite.

    The network is built without memory for its weights, so absurd sizes do no harm.

    Raises
    ------
    BundleError
        Unknown architecture or option, a tensor is missing, unknown, of another shape or dtype, or holds
        NaN or infinite numbers.
    """
    try:
        with without_memory():
            network = registry.build(architecture, options, n_components, patch_size, n_classes)
    except ParameterError as error:
        raise BundleError(
            f"The network of this model cannot be built: {error.message}",
            code="architecture",
            hint="It may come from a newer engine; update this one.",
        ) from error
    expected = network.state_dict()
    _check_names(weights, expected, architecture)
    indices = any(tensor.dtype == torch.int64 and tensor.ndim for tensor in expected.values())
    for name, tensor in weights.items():
        wanted = expected[name]
        if tensor.shape != wanted.shape or tensor.dtype != wanted.dtype:
            raise BundleError(
                f"Tensor {name!r} does not fit {architecture!r}:"
                f" expected {_describe(wanted)}, found {_describe(tensor)}.",
                code="tensors",
                hint=_DAMAGED,
            )
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise BundleError(
                f"Tensor {name!r} holds NaN or infinite numbers.",
                code="not_finite",
                hint="The training diverged; train again with a lower learning rate.",
            )
    if indices:
        # A classifier whose weights lead from one to the next is small; it is laid out to look at their values.
        filled = registry.build(architecture, options, n_components, patch_size, n_classes)
        filled.load_state_dict(dict(weights))
        if problem := filled.check_state():
            raise BundleError(f"The weights do not fit {architecture!r}: {problem}.", code="tensors", hint=_DAMAGED)


def _check_names(weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], architecture: str) -> None:
    for word, names in (
        ("lacks", expected.keys() - weights.keys()),
        ("does not know", weights.keys() - expected.keys()),
    ):
        if names:
            raise BundleError(
                f"The weights do not fit {architecture!r}: {counted(len(names), 'tensor')} that it {word},"
                f" among them {min(names)!r}.",
                code="tensors",
                hint=_DAMAGED,
            )


# What safetensors raises for damage: its own error, and those of building an array from what it found.
_DECODING_ERRORS = (SafetensorError, ValueError, KeyError, TypeError, AssertionError, RuntimeError)


def _undecodable(what: str, error: Exception) -> BundleError:
    return BundleError(f"The tensors of the {what} cannot be decoded: {error}.", code="tensors", hint=_DAMAGED)


def _describe(tensor: torch.Tensor) -> str:
    return f"{'×'.join(map(str, tensor.shape)) or 'a single number'} {str(tensor.dtype).removeprefix('torch.')}"
