"""LeNet: convolution and pooling, twice, then three fully connected layers (LeCun et al. 1998)."""

from __future__ import annotations

from torch import nn

from ...architectures.classic.lenet import LeNetOptions
from ..stacks import Conv, Pool, Stack
from .strided import StridedNetwork

_CHANNELS = (6, 16)
_HIDDEN = (120, 84)


class LeNet(StridedNetwork):
    """C1, S2, C3, S4 with 3×3 kernels and means over 2×2 px, 120, 84; tanh, as in the paper."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: LeNetOptions) -> None:
        first, second = (channels * options.width for channels in _CHANNELS)
        layers = [
            Conv(n_components, first, 3, batch_norm=False, activation=nn.Tanh()),
            Pool(2, 2, "mean"),
            Conv(first, second, 3, batch_norm=False, activation=nn.Tanh()),
            Pool(2, 2, "mean"),
        ]
        super().__init__(
            Stack(layers), second, patch_size, n_classes, hidden=_HIDDEN, dropout=options.dropout, activation=nn.Tanh
        )
