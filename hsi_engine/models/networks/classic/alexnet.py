"""The plans of AlexNet (Krizhevsky et al. 2012) and ZFNet (Zeiler, Fergus 2014)."""

from __future__ import annotations

from torch import nn

from ...architectures.classic.alexnet import AlexNetOptions
from ...architectures.classic.zfnet import ZFNetOptions
from ..grouping import check_groups
from ..stacks import Conv, Pool, Stack
from .strided import StridedNetwork

_CHANNELS = (48, 96, 128, 96)
_HIDDEN = (256, 256)


class AlexNet(StridedNetwork):
    """A kernel of 7×7, pooling 3×3 with stride 2, three convolutions of 3×3, two hidden layers with dropout.

    The second and the fourth convolution are grouped, as for the paper's two GPUs.

    Raises
    ------
    ParameterError : the groups do not divide the channels.
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: AlexNetOptions) -> None:
        check_groups("AlexNet", options.groups, _CHANNELS)
        stack = Stack(_layers(n_components, 7, options.groups))
        super().__init__(stack, _CHANNELS[-1], patch_size, n_classes, hidden=_HIDDEN, dropout=options.dropout)


class ZFNet(StridedNetwork):
    """AlexNet with a first kernel of 5×5, and no groups."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: ZFNetOptions) -> None:
        stack = Stack(_layers(n_components, 5, 1))
        super().__init__(stack, _CHANNELS[-1], patch_size, n_classes, hidden=_HIDDEN, dropout=options.dropout)


def _layers(n_components: int, first_kernel: int, groups: int) -> list[Conv | Pool]:
    one, two, three, four = _CHANNELS
    return [
        Conv(n_components, one, first_kernel, batch_norm=False, activation=nn.ReLU()),
        Pool(3, 2),
        Conv(one, two, 3, groups=groups, batch_norm=False),
        Conv(two, three, 3, batch_norm=False),
        Conv(three, four, 3, groups=groups, batch_norm=False),
    ]
