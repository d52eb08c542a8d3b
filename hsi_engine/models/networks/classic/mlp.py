"""A fully connected network on the flattened patch."""

from __future__ import annotations

from torch import nn

from ...architectures.classic.mlp import MLPOptions
from ..heads import FlattenHead
from ..patch_network import PatchNetwork

_HIDDEN = (256, 128)


class MLP(PatchNetwork):
    """Flatten, 256, 128, classes. Without convolution: what it learns at one place of the patch it knows only there."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: MLPOptions) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.head = FlattenHead(
            channels=n_components, window=patch_size, hidden=_HIDDEN, n_classes=n_classes, dropout=options.dropout
        )
