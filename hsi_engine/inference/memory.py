"""How large a tile may be within a memory budget."""

from __future__ import annotations

import math

import torch
from torch import nn

from ..models.network import PatchNetwork
from .predictor import Predictor

_MIN_CORE_PX = 16
_MAX_CORE_PX = 512
# Beside the result of a layer, its input and one working copy in the layout the convolution prefers.
_WORKING_COPIES = 2


def tile_core(predictor: Predictor, *, raw_itemsize: int, budget_bytes: int) -> int:
    """Edge of the largest tile core in pixels whose prediction stays within ``budget_bytes``.

    Never below 16 (a tile is mostly halo then) nor above 512 (nothing is gained beyond). Counted are the
    bands as read and as numbers, the components, the largest layers of the network and the probabilities.
    """
    bands = len(predictor.band_indices)
    components = predictor.preprocessing.n_components
    per_pixel = bands * (2 * raw_itemsize + 4) + components * 8 + _layer_bytes(predictor, components)
    edge = math.isqrt(max(budget_bytes // per_pixel, 1)) - predictor.patch_size + 1
    return max(_MIN_CORE_PX, min(_MAX_CORE_PX, edge // 16 * 16))


def _layer_bytes(predictor: Predictor, components: int) -> int:
    """Bytes a pixel that the widest layer of the features holds, with its input and working copies."""
    sizes: list[float] = []

    def note(_: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        sizes.append(inputs[0].numel() + output.numel())

    network: PatchNetwork = predictor.network
    leaves = [module for module in network.features.modules() if not list(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    try:
        with torch.inference_mode():
            network.features(
                torch.zeros(1, components, predictor.patch_size, predictor.patch_size, device=predictor.device)
            )
    finally:
        for hook in hooks:
            hook.remove()
    return math.ceil(_WORKING_COPIES * 4 * max(sizes) / predictor.patch_size**2)
