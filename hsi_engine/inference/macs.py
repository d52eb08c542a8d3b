"""How many multiply–accumulate operations (MACs) a prediction takes, counted from the shapes of a network."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ..models.networks.heads import DenseHead
from ..models.networks.patch_network import PatchNetwork

# Functions of an input and weights, and the axis of the channels of what they compute.
_CHANNELS_AT = {functional.conv1d: 1, functional.conv2d: 1, functional.conv3d: 1, functional.linear: -1}


@dataclass(frozen=True, kw_only=True)
class PixelMacs:
    """MACs of one pixel.

    Biases, activations and normalisations are left out; they are less than a hundredth of it.

    Parameters
    ----------
    patchwise : the whole network on the pixel's own patch.
    features : the features, of which a large tile has one window per pixel.
    window_directly : the first layer of the head on one window.
    window_densely : the same layer as it is computed for all windows of a tile.
    rest : the layers after it.
    """

    patchwise: int
    features: int
    window_directly: int
    window_densely: int
    rest: int

    @property
    def dense(self) -> int:
        """A pixel of a large tile, as it is computed."""
        return self.features + self.window_densely + self.rest

    @property
    def dense_directly(self) -> int:
        """A pixel of a large tile, the first layer of the head as a convolution."""
        return self.features + self.window_directly + self.rest


def count_macs(network: PatchNetwork, n_components: int, tile_shape: tuple[int, int]) -> PixelMacs:
    """Count the work for a pixel, on a patch and two that are slightly larger.

    Parameters
    ----------
    network : in eval mode, one whose head is a :class:`~hsi_engine.models.networks.heads.DenseHead`.
    n_components : channels of the patches.
    tile_shape : (rows, cols) of the tiles, without their margin.
    """
    head = network.head
    if not isinstance(head, DenseHead):
        raise TypeError(f"no dense form is known for a head of type {type(head).__name__}")
    edge = network.patch_size
    of_tile = network.tile_features()
    counts = [_counted(network, of_tile, n_components, edge + more) for more in range(3)]
    cost = head.macs(tile_shape)
    return PixelMacs(
        patchwise=_counted(network, network.features, n_components, edge) + cost.window_directly + cost.rest,
        # A convolution that loses l pixels takes c · (edge − l)²: the second difference is the sum of all 2c.
        features=(counts[2] - 2 * counts[1] + counts[0]) // 2,
        window_directly=cost.window_directly,
        window_densely=cost.window_densely,
        rest=cost.rest,
    )


class _LayersCounted(TorchFunctionMode):
    """Adds up convolutions and linear layers, of which the features of a network with a dense form consist.

    torch's ``FlopCounterMode`` counts all that is computed, but loads torch's compiler, which takes as long as torch itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.macs: int = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        computed = func(*args, **(kwargs or {}))
        if func in _CHANNELS_AT:
            # The weights are those of all channels that are computed at one place.
            self.macs += computed.numel() // computed.shape[_CHANNELS_AT[func]] * args[1].numel()
        return computed


@torch.inference_mode()
def _counted(network: PatchNetwork, features: nn.Module, n_components: int, edge: int) -> int:
    # Not on the device "meta", which computes nothing: it loads the compiler as well.
    held = next(chain(network.parameters(), network.buffers()), None)  # an imported graph holds none
    patch = torch.zeros(1, n_components, edge, edge, device=None if held is None else held.device)
    counter = _LayersCounted()
    with counter:
        features(patch)
    return counter.macs
