"""Folding batch normalisations into the convolutions before them."""

from __future__ import annotations

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fused(layers: nn.Sequential) -> list[nn.Conv2d | nn.Conv3d]:
    """The convolutions of a stack, each with the batch normalisation after it."""
    fused: list[nn.Conv2d | nn.Conv3d] = []
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.Conv3d):
            fused.append(layer)
        elif isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d):
            fused[-1] = fuse_conv_bn_eval(fused[-1], layer)
    return fused
