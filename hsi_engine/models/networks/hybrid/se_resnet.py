"""HybridSN with residual blocks whose channels are weighed by a gate (SE-ResNet; Hu, Shen, Sun 2018)."""

from __future__ import annotations

from torch import Tensor, nn

from ...architectures.hybrid.hybridsn_se_resnet import SEResNetOptions
from ..stacks import Conv, Stack, cropped
from ..window_heads import WindowHead
from ..window_layers import SqueezeExcitation
from .front import FRONT_CHANNELS, FRONT_LOST, HybridRelative, fully_connected

_LOST = 4


class GatedBlock(nn.Module):
    """A basic block without padding; the gate comes before the sum."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.body = Stack([Conv(channels, channels, 3), Conv(channels, channels, 3, linear=True)])
        self.gate = SqueezeExcitation(channels, reduction)

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.body(image)
        gated = out * self.gate(out.mean(dim=(2, 3)))[:, :, None, None]
        summed: Tensor = cropped(image, self.body.lost // 2) + gated
        return summed.relu()


class SEResNet(HybridRelative):
    """After the 2-D convolution one gated block, then the fully connected layers. The gate is one of the window."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SEResNetOptions) -> None:
        super().__init__("HybridSN with SE-ResNet blocks", n_components)
        window = patch_size - FRONT_LOST
        self.head = WindowHead(
            channels=FRONT_CHANNELS,
            window=window,
            layers=nn.Sequential(
                GatedBlock(FRONT_CHANNELS, options.squeeze),
                *fully_connected(FRONT_CHANNELS * (window - _LOST) ** 2, n_classes, options.dropout),
            ),
        )
