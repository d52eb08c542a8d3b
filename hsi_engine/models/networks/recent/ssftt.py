"""SSFTT: convolutions, a few semantic tokens, one transformer layer (Sun, Zhao, Zheng, Wu 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...architectures.recent.ssftt import SSFTTOptions
from ..patch_network import PatchNetwork
from ..window_heads import WindowHead
from .transformer import TransformerLayer

_SPECTRAL_CHANNELS, _CHANNELS = 8, 64
_HEADS, _HIDDEN = 8, 8
_LOST_PIXELS = 4


class SSFTTFeatures(nn.Module):
    """(n, components, h, w) → (n, 64, h − 4, w − 4): a 3-D convolution of 8@3×3×3 and a 2-D one of 64@3×3."""

    def __init__(self, n_components: int) -> None:
        super().__init__()
        self.spectral = nn.Sequential(
            nn.Conv3d(1, _SPECTRAL_CHANNELS, 3), nn.BatchNorm3d(_SPECTRAL_CHANNELS), nn.ReLU()
        )
        self.spatial = nn.Sequential(
            nn.Conv2d(_SPECTRAL_CHANNELS * (n_components - 2), _CHANNELS, 3), nn.BatchNorm2d(_CHANNELS), nn.ReLU()
        )

    def forward(self, patches: Tensor) -> Tensor:
        features: Tensor = self.spatial(self.spectral(patches.unsqueeze(1)).flatten(1, 2))
        return features


class Tokens(nn.Module):
    """Gaussian-weighted tokens: each is a mean of the pixels, by weights that a softmax over the window gives."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.attention = nn.Parameter(torch.empty(tokens, _CHANNELS))
        self.value = nn.Parameter(torch.empty(_CHANNELS, _CHANNELS))
        self.start = nn.Parameter(torch.zeros(1, 1, _CHANNELS))
        self.place = nn.Parameter(torch.empty(1, tokens + 1, _CHANNELS))
        for weight in (self.attention, self.value):
            nn.init.xavier_normal_(weight)
        nn.init.normal_(self.place, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        pixels = image.flatten(2).transpose(1, 2)  # (n, pixels, channels)
        weights = (pixels @ self.attention.T).transpose(1, 2).softmax(dim=2)  # (n, tokens, pixels)
        tokens = weights @ (pixels @ self.value)
        return torch.cat([self.start.expand(image.shape[0], -1, -1), tokens], dim=1) + self.place


class FirstToken(nn.Module):
    """(n, tokens, channels) → (n, channels)."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]


class SSFTT(PatchNetwork):
    """Features, tokens of the window, one transformer layer, a linear layer on the first token."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SSFTTOptions) -> None:
        super().__init__()
        self.features = SSFTTFeatures(n_components)
        self.head = WindowHead(
            channels=_CHANNELS,
            window=patch_size - _LOST_PIXELS,
            layers=nn.Sequential(
                Tokens(options.tokens),
                nn.Dropout(options.dropout),
                TransformerLayer(_CHANNELS, heads=_HEADS, width=_CHANNELS, hidden=_HIDDEN, dropout=options.dropout),
                FirstToken(),
                nn.Linear(_CHANNELS, n_classes),
            ),
        )
