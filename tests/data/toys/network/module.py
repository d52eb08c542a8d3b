"""A toy network: hsi_engine/models/networks/toy_net.py in the copy that a test makes."""

from __future__ import annotations

from torch import nn

from ..architectures.toy_net import ToyNetOptions
from .heads import PixelHead
from .patch_network import PatchNetwork


class ToyNet(PatchNetwork):
    """One valid 3×3 convolution and one linear layer."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: ToyNetOptions) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(n_components, options.width, 3), nn.ReLU())
        self.head = PixelHead(
            channels=options.width,
            layers=nn.Sequential(nn.Dropout(options.dropout), nn.Linear(options.width, n_classes)),
            macs_px=options.width * n_classes,
        )
