"""Inception: kernels of several sizes side by side behind 1×1 reductions (Szegedy et al. 2015)."""

from __future__ import annotations

from torch import nn

from ...architectures.classic.inception import InceptionOptions
from ..patch_network import PatchNetwork
from ..stacks import Conv, Parallel, Pool, Stack, WithoutStride
from ..window_heads import MeanHead

_STEM = 32
# Channels of the branches: 1×1, 3×3 (after its reduction), 5×5 (after its reduction), pooling.
_BLOCKS = ((16, 24, 32, 4, 8, 8), (24, 32, 48, 8, 16, 8))


class Inception(PatchNetwork):
    """A 3×3 stem and two blocks without padding: branches lose as much as the largest kernel. Mean, dropout, linear."""

    features: Stack

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: InceptionOptions) -> None:
        super().__init__()
        layers: list[Conv | Parallel] = [Conv(n_components, _STEM, 3)]
        channels = _STEM
        for widths in _BLOCKS:
            layers.append(_block(channels, widths))
            channels = widths[0] + widths[2] + widths[4] + widths[5]
        self.features = Stack(layers)
        self.head = MeanHead(
            channels=channels,
            window=patch_size - self.features.lost,
            layers=nn.Sequential(nn.Dropout(options.dropout), nn.Linear(channels, n_classes)),
            macs_px=channels * n_classes,
        )

    def tile_features(self) -> WithoutStride:
        return WithoutStride(self.features)


def _block(before: int, widths: tuple[int, int, int, int, int, int]) -> Parallel:
    one, reduced_three, three, reduced_five, five, pooled = widths
    return Parallel(
        [
            Conv(before, one, 1),
            Stack([Conv(before, reduced_three, 1), Conv(reduced_three, three, 3)]),
            Stack([Conv(before, reduced_five, 1), Conv(reduced_five, five, 5)]),
            Stack([Pool(3, 1), Conv(before, pooled, 1)]),
        ]
    )
