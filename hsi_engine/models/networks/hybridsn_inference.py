"""The convolutions of a trained HybridSN in the form that runs fastest; the numbers are the same."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .fusion import fused


class HybridSNInference(nn.Module):
    """(n, components, h, w) → (n, 64, h − 8, w − 8), channels last in memory.

    Parameters
    ----------
    spectral, spatial : the 3-D convolutions and the 2-D one, with what stands between them; in eval mode.

    Batch normalisations are folded into the convolutions before them. The first convolution, which has one
    input channel, runs as a 2-D one whose channels are its window of components. All that follows stays in one
    layout, channels innermost, the last convolution too: as a 3-D one over all that is left of the spectrum.
    """

    def __init__(self, spectral: nn.Sequential, spatial: nn.Sequential) -> None:
        super().__init__()
        first, *between = fused(spectral)
        (flat,) = fused(spatial)
        self._depth: int = first.weight.shape[2]
        self._first = first.weight[:, 0].contiguous(memory_format=torch.channels_last)
        self._first_bias = first.bias
        channels = between[-1].weight.shape[0]
        last = flat.weight.view(len(flat.weight), channels // flat.groups, -1, *flat.weight.shape[2:])
        layers = [*((layer.weight, layer.bias, layer.groups) for layer in between), (last, flat.bias, flat.groups)]
        self._layers = [
            (weight.contiguous(memory_format=torch.channels_last_3d), bias, groups) for weight, bias, groups in layers
        ]

    def forward(self, patches: Tensor) -> Tensor:
        n = len(patches)
        depths = patches.unfold(1, self._depth, 1).permute(0, 1, 4, 2, 3).flatten(0, 1)
        depths = depths.contiguous(memory_format=torch.channels_last)
        volume = functional.conv2d(depths, self._first, self._first_bias).relu_()
        # In memory (n, components, rows, cols, channels) as it is; only the names of the axes change.
        volume = volume.view(n, -1, *volume.shape[1:]).transpose(1, 2)
        for weight, bias, groups in self._layers:
            volume = functional.conv3d(volume, weight, bias, groups=groups).relu_()
        return volume[:, :, 0]
