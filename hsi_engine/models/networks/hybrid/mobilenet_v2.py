"""HybridSN with inverted residuals and linear bottlenecks (MobileNetV2; Sandler et al. 2018)."""

from __future__ import annotations

from torch import nn

from ...architectures.hybrid.hybridsn_mobilenet_v2 import MobileNetV2Options
from ..heads import FlattenHead
from ..stacks import Conv, Residual, Stack
from .front import FRONT_CHANNELS, FRONT_LOST, HIDDEN, HybridRelative


class MobileNetV2(HybridRelative):
    """After the 2-D convolution two inverted residuals: widen, depthwise 3×3, narrow without activation; ReLU6."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: MobileNetV2Options) -> None:
        blocks = Stack([_inverted_residual(FRONT_CHANNELS, options.expansion) for _ in range(2)])
        super().__init__("HybridSN with inverted residuals", n_components, blocks)
        self.head = FlattenHead(
            channels=FRONT_CHANNELS,
            window=patch_size - FRONT_LOST - blocks.lost,
            hidden=HIDDEN,
            n_classes=n_classes,
            dropout=options.dropout,
        )


def _inverted_residual(channels: int, expansion: int) -> Residual:
    wide = channels * expansion
    body = Stack(
        [
            Conv(channels, wide, 1, activation=nn.ReLU6()),
            Conv(wide, wide, 3, groups=wide, activation=nn.ReLU6()),
            Conv(wide, channels, 1, linear=True),
        ]
    )
    return Residual(body, relu=False)
