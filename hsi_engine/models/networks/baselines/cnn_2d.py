"""The 2-D CNN of Makantasis et al. (2015)."""

from __future__ import annotations

from torch import nn

from ...architectures.baselines.cnn_2d import CNN2DOptions
from ..heads import FlattenHead
from ..patch_network import PatchNetwork


class CNN2D(PatchNetwork):
    """For c components: 3c filters of 3×3, 9c of 3×3, a hidden layer of 6c; tanh. At 5×5 px the window is one pixel."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: CNN2DOptions) -> None:
        super().__init__()
        first, second = 3 * n_components, 9 * n_components
        self.features = nn.Sequential(
            nn.Conv2d(n_components, first, 3), nn.Tanh(), nn.Conv2d(first, second, 3), nn.Tanh()
        )
        self.head = FlattenHead(
            channels=second,
            window=patch_size - 4,
            hidden=(6 * n_components,),
            n_classes=n_classes,
            dropout=options.dropout,
        )
