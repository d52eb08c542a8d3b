"""VGG: convolutions of 3×3 in pairs, with pooling between (Simonyan, Zisserman 2015)."""

from __future__ import annotations

from ...architectures.classic.vgg import VGGOptions
from ..stacks import Conv, Pool, Stack
from .strided import StridedNetwork

_CHANNELS = (32, 64)
_HIDDEN = (256, 256)


class VGG(StridedNetwork):
    """Two convolutions of 32, pooling, two of 64, two hidden layers of 256; no padding."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: VGGOptions) -> None:
        first, second = _CHANNELS
        layers = [
            Conv(n_components, first, 3, batch_norm=options.batch_norm),
            Conv(first, first, 3, batch_norm=options.batch_norm),
            Pool(2, 2),
            Conv(first, second, 3, batch_norm=options.batch_norm),
            Conv(second, second, 3, batch_norm=options.batch_norm),
        ]
        super().__init__(Stack(layers), second, patch_size, n_classes, hidden=_HIDDEN, dropout=options.dropout)
