"""A network of a stack with stride and fully connected layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ..patch_network import PatchNetwork
from ..stacks import Stack, WithoutStride
from ..window_heads import StridedHead


class StridedNetwork(PatchNetwork):
    """Convolutions and pooling, flatten, fully connected layers.

    Parameters
    ----------
    stack : from (n, components, p, p) to (n, channels, rows, rows).
    hidden : widths of the hidden layers.
    """

    features: Stack

    def __init__(
        self,
        stack: Stack,
        channels: int,
        patch_size: int,
        n_classes: int,
        *,
        hidden: Sequence[int],
        dropout: float,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.features = stack
        self.head = StridedHead(
            channels=channels,
            rows=stack.window(patch_size),
            stride=stack.stride,
            window=patch_size - stack.lost,
            hidden=hidden,
            n_classes=n_classes,
            dropout=dropout,
            activation=activation,
        )

    def tile_features(self) -> WithoutStride:
        return WithoutStride(self.features)
