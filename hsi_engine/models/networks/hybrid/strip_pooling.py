"""HybridSN with strip pooling (Hou, Zhang, Cheng, Feng 2020)."""

from __future__ import annotations

from torch import Tensor, nn

from ...architectures.hybrid.hybridsn_strip_pooling import StripPoolingNetOptions
from ..window_heads import WindowHead
from .front import FRONT_CHANNELS, FRONT_LOST, HybridRelative, fully_connected


class StripPooling(nn.Module):
    """Means along rows and along columns, each convolved by 3, added up, to a gate for each pixel and channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.along_rows = nn.Conv1d(channels, channels, 3, padding=1, bias=False)
        self.along_cols = nn.Conv1d(channels, channels, 3, padding=1, bias=False)
        self.norm_rows, self.norm_cols = nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)
        self.join = nn.Conv2d(channels, channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        down = self.norm_rows(self.along_rows(image.mean(dim=3)))[:, :, :, None]
        across = self.norm_cols(self.along_cols(image.mean(dim=2)))[:, :, None, :]
        gate: Tensor = self.join((down + across).relu()).sigmoid()
        return image * gate


class StripPoolingNet(HybridRelative):
    """After the 2-D convolution strip pooling over the window, then the fully connected layers."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: StripPoolingNetOptions) -> None:
        super().__init__("HybridSN with strip pooling", n_components)
        window = patch_size - FRONT_LOST
        self.head = WindowHead(
            channels=FRONT_CHANNELS,
            window=window,
            layers=nn.Sequential(
                StripPooling(FRONT_CHANNELS),
                *fully_connected(FRONT_CHANNELS * window**2, n_classes, options.dropout),
            ),
        )
