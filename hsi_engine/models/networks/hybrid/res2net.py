"""HybridSN with a block of several scales (Res2Net; Gao et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...architectures.hybrid.hybridsn_res2net import Res2NetOptions
from ..heads import FlattenHead
from ..stacks import Conv, Layer, Residual, Stack, cropped
from .front import FRONT_CHANNELS, FRONT_LOST, HIDDEN, HybridRelative

_WIDTH = 24


class Hierarchy(Layer):
    """Channels in groups: the first as it is, each later one convolved together with the result of the one before it.

    Parameters
    ----------
    scales : number of groups; each but the first uses up two pixels.
    """

    def __init__(self, scales: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(Conv(_WIDTH, _WIDTH, 3) for _ in range(scales - 1))
        self.lost = 2 * (scales - 1)

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        pixel = spacing or 1
        first, *others = torch.split(image, _WIDTH, dim=1)
        parts, last = [cropped(first, self.lost // 2 * pixel)], None
        for i, (group, convolution) in enumerate(zip(others, self.convolutions, strict=True)):
            group = cropped(group, i * pixel)
            last = convolution(group if last is None else group + last, spacing)
            parts.append(cropped(last, (self.lost // 2 - i - 1) * pixel))
        return torch.cat(parts, dim=1)


class Res2Net(HybridRelative):
    """After the 2-D convolution one block, then the fully connected layers."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: Res2NetOptions) -> None:
        wide = _WIDTH * options.scales
        body = Stack(
            [Conv(FRONT_CHANNELS, wide, 1), Hierarchy(options.scales), Conv(wide, FRONT_CHANNELS, 1, linear=True)]
        )
        blocks = Stack([Residual(body)])
        super().__init__("HybridSN with a Res2Net block", n_components, blocks)
        self.head = FlattenHead(
            channels=FRONT_CHANNELS,
            window=patch_size - FRONT_LOST - blocks.lost,
            hidden=HIDDEN,
            n_classes=n_classes,
            dropout=options.dropout,
        )
