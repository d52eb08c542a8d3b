"""How many multiply–accumulate operations (MACs) a prediction takes, counted from the shapes of a network."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ..models.networks.heads import DenseHead
from ..models.networks.patch_network import PatchNetwork


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
    """Count the work for a pixel; nothing is computed.

    Parameters
    ----------
    network : one whose head is a :class:`~hsi_engine.models.networks.heads.DenseHead`.
    n_components : channels of the patches.
    tile_shape : (rows, cols) of the tiles, without their margin.
    """
    head = network.head
    if not isinstance(head, DenseHead):
        raise TypeError(f"no dense form is known for a head of type {type(head).__name__}")
    edge = network.patch_size
    on_meta = copy.deepcopy(network).to("meta").eval()
    counts = [_counted(on_meta.tile_features(), n_components, edge + more) for more in range(3)]
    cost = head.macs(tile_shape)
    return PixelMacs(
        patchwise=_counted(on_meta.features, n_components, edge) + cost.window_directly + cost.rest,
        # A convolution that loses l pixels takes c · (edge − l)²: the second difference is the sum of all 2c.
        features=(counts[2] - 2 * counts[1] + counts[0]) // 2,
        window_directly=cost.window_directly,
        window_densely=cost.window_densely,
        rest=cost.rest,
    )


def _counted(features: nn.Module, n_components: int, edge: int) -> int:
    with FlopCounterMode(display=False) as counter:
        features(torch.empty(1, n_components, edge, edge, device="meta"))
    # It counts a multiplication and an addition as two.
    return int(counter.get_total_flops()) // 2
