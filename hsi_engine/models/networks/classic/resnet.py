"""A small ResNet of basic blocks (He et al. 2016)."""

from __future__ import annotations

import itertools

from torch import nn

from ...architectures.classic.resnet import ResNetOptions
from ..patch_network import PatchNetwork
from ..stacks import Conv, Residual, Stack, WithoutStride
from ..window_heads import MeanHead

_WIDTHS = (32, 32, 64, 64)


class ResNet(PatchNetwork):
    """A 3×3 stem and three basic blocks without padding, whose input is cropped before it is added. Mean, linear."""

    features: Stack

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: ResNetOptions) -> None:
        super().__init__()
        layers: list[Conv | Residual] = [Conv(n_components, _WIDTHS[0], 3)]
        layers += [_basic_block(before, after) for before, after in itertools.pairwise(_WIDTHS)]
        self.features = Stack(layers)
        channels = _WIDTHS[-1]
        self.head = MeanHead(
            channels=channels,
            window=patch_size - self.features.lost,
            layers=nn.Sequential(nn.Dropout(options.dropout), nn.Linear(channels, n_classes)),
            macs_px=channels * n_classes,
        )

    def tile_features(self) -> WithoutStride:
        return WithoutStride(self.features)


def _basic_block(before: int, after: int) -> Residual:
    body = Stack([Conv(before, after, 3), Conv(after, after, 3, linear=True)])
    return Residual(body, None if before == after else Conv(before, after, 1, linear=True))
