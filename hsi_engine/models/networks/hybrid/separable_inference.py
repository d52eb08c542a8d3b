"""The convolutions of a trained separable HybridSN in the form that runs fastest; the numbers are the same."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..fusion import fused


class SeparableInference(nn.Module):
    """(n, components, h, w) → (n, width, h − 8, w − 8), channels last in memory.

    Parameters
    ----------
    spectral, spatial : the 3-D and the 2-D convolutions, with what stands between them; in eval mode.

    Batch normalisations are folded. The first convolution runs as a 2-D one over windows of components; pointwise ones are
    products of matrices; the 2-D part goes through the spectrum slice by slice, so that channels stay innermost.
    """

    def __init__(self, spectral: nn.Sequential, spatial: nn.Sequential) -> None:
        super().__init__()
        first, *others = fused(spectral)
        depthwise, pointwise = fused(spatial)
        self._depth: int = first.weight.shape[2]
        self._first = (first.weight[:, 0].contiguous(memory_format=torch.channels_last), first.bias)
        self._blocks = [
            (
                each.weight.contiguous(memory_format=torch.channels_last_3d),
                each.bias,
                point.weight.flatten(1).T.contiguous(),
                cast(Tensor, point.bias),
            )
            for each, point in zip(others[::2], others[1::2], strict=True)
        ]
        channels = others[-1].weight.shape[0] if others else first.weight.shape[0]
        taps = depthwise.weight.view(channels, -1, 1, 3, 3)
        # Each has a bias: that of the normalisation that was folded into it.
        offsets = cast(Tensor, depthwise.bias).view(channels, -1)
        products = pointwise.weight.view(len(pointwise.weight), channels, -1)
        self._slices = [
            (
                taps[:, depth].contiguous(memory_format=torch.channels_last),
                offsets[:, depth].contiguous(),
                products[:, :, depth].T.contiguous(),
            )
            for depth in range(taps.shape[1])
        ]
        self._last_bias = cast(Tensor, pointwise.bias)

    def forward(self, patches: Tensor) -> Tensor:
        n = len(patches)
        depths = patches.unfold(1, self._depth, 1).permute(0, 1, 4, 2, 3).flatten(0, 1)
        weight, bias = self._first
        image = functional.conv2d(depths.contiguous(memory_format=torch.channels_last), weight, bias).relu_()
        volume = image.view(n, -1, *image.shape[1:]).transpose(1, 2)  # channels last in memory
        for weight, bias, product, offset in self._blocks:
            volume = functional.conv3d(volume, weight, bias, groups=len(weight)).relu_()
            voxels = volume.permute(0, 2, 3, 4, 1)
            mixed = torch.addmm(offset, voxels.reshape(-1, len(product)), product).relu_()
            volume = mixed.view(*voxels.shape[:4], -1).permute(0, 4, 1, 2, 3)
        total = self._last_bias.new_empty(0)
        for depth, (taps, offset, product) in enumerate(self._slices):
            image = functional.conv2d(volume[:, :, depth], taps, offset, groups=len(taps)).relu_()
            pixels = image.permute(0, 2, 3, 1).reshape(-1, len(taps))
            total = total.addmm_(pixels, product) if depth else torch.addmm(self._last_bias, pixels, product)
        return total.relu_().view(n, *image.shape[2:], -1).permute(0, 3, 1, 2)
