"""HybridSN with self-attention over the window: in full (Wang et al. 2018), or by way of a few nodes (Li et al. 2019)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...architectures.hybrid.hybridsn_attention import AttentionNetOptions
from ..window_heads import WindowHead
from .front import FRONT_CHANNELS, FRONT_LOST, HybridRelative, fully_connected

_STEPS = 3


class NonLocal(nn.Module):
    """Each pixel plus a mean of all pixels of the window, weighed by how alike they are (embedded Gaussian)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // 2
        self.query, self.key, self.value = (nn.Conv2d(channels, inner, 1) for _ in range(3))
        self.out = nn.Conv2d(inner, channels, 1)
        # At the beginning of a training the block changes nothing.
        for weight in self.out.parameters():
            nn.init.zeros_(weight)

    def forward(self, image: Tensor) -> Tensor:
        query, key, value = (layer(image).flatten(2) for layer in (self.query, self.key, self.value))
        weights = (query.transpose(1, 2) @ key).softmax(dim=2)  # (n, pixels, pixels)
        mixed = (value @ weights.transpose(1, 2)).view(image.shape[0], -1, *image.shape[2:])
        out: Tensor = image + self.out(mixed)
        return out


class LowRank(nn.Module):
    """Pixels are mapped to K nodes, the nodes settle in three steps of expectation and maximisation, and map back.

    Costs pixels × K in place of pixels².
    """

    def __init__(self, channels: int, nodes: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(channels, channels, 1)
        self.bases = nn.Parameter(functional.normalize(torch.randn(channels, nodes), dim=0))
        self.after = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, image: Tensor) -> Tensor:
        pixels = self.before(image).flatten(2)  # (n, channels, pixels)
        bases = self.bases.expand(image.shape[0], -1, -1)
        for _ in range(_STEPS):
            share = (pixels.transpose(1, 2) @ bases).softmax(dim=2)  # (n, pixels, nodes)
            weights = share / (share.sum(dim=1, keepdim=True) + 1e-6)
            bases = functional.normalize(pixels @ weights, dim=1)
        mapped_back = (bases @ share.transpose(1, 2)).relu().view_as(image)
        out: Tensor = (image + self.after(mapped_back)).relu()
        return out


class AttentionNet(HybridRelative):
    """After the 2-D convolution attention over the window, then the fully connected layers."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: AttentionNetOptions) -> None:
        super().__init__("HybridSN with self-attention", n_components)
        window = patch_size - FRONT_LOST
        attention: nn.Module = NonLocal(FRONT_CHANNELS)
        if options.attention == "low_rank":
            attention = LowRank(FRONT_CHANNELS, options.nodes)
        self.head = WindowHead(
            channels=FRONT_CHANNELS,
            window=window,
            layers=nn.Sequential(attention, *fully_connected(FRONT_CHANNELS * window**2, n_classes, options.dropout)),
        )
