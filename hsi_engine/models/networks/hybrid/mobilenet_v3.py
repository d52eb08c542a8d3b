"""HybridSN with MobileNetV3's blocks: h-swish, and a gate with h-sigmoid (Howard et al. 2019)."""

from __future__ import annotations

from torch import Tensor, nn

from ...architectures.hybrid.hybridsn_mobilenet_v3 import MobileNetV3Options
from ..stacks import Conv, Stack, cropped
from ..window_heads import WindowHead
from .front import FRONT_CHANNELS, FRONT_LOST, HybridRelative, fully_connected

_BLOCKS = 2
_SQUEEZE = 4


class Block(nn.Module):
    """Widen, depthwise 3×3, gate, narrow without activation; the cropped input is added."""

    def __init__(self, channels: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.widen = Stack(
            [
                Conv(channels, wide, 1, activation=nn.Hardswish()),
                Conv(wide, wide, 3, groups=wide, activation=nn.Hardswish()),
            ]
        )
        self.gate = nn.Sequential(
            nn.Linear(wide, wide // _SQUEEZE), nn.ReLU(), nn.Linear(wide // _SQUEEZE, wide), nn.Hardsigmoid()
        )
        self.narrow = Conv(wide, channels, 1, linear=True)

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.widen(image)
        out = out * self.gate(out.mean(dim=(2, 3)))[:, :, None, None]
        out = self.narrow(out)
        return out + cropped(image, 1)


class MobileNetV3(HybridRelative):
    """After the 2-D convolution two blocks, then the fully connected layers. The gates are those of the window."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: MobileNetV3Options) -> None:
        super().__init__("HybridSN with MobileNetV3 blocks", n_components)
        window = patch_size - FRONT_LOST
        self.head = WindowHead(
            channels=FRONT_CHANNELS,
            window=window,
            layers=nn.Sequential(
                *(Block(FRONT_CHANNELS, options.expansion) for _ in range(_BLOCKS)),
                *fully_connected(FRONT_CHANNELS * (window - 2 * _BLOCKS) ** 2, n_classes, options.dropout),
            ),
        )
