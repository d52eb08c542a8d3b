"""SpectralFormer: a transformer over groups of neighbouring bands (Hong et al. 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...architectures.recent.spectralformer import SpectralFormerOptions
from ..patch_network import PatchNetwork
from ..window_heads import WindowHead
from .ssftt import FirstToken
from .transformer import TransformerLayer

_CHANNELS, _HEADS, _WIDTH, _HIDDEN, _DEPTH = 64, 4, 64, 8, 5


class BandTokens(nn.Module):
    """A token per band: the patch of the band and of its neighbours, flattened, through one linear layer.

    Parameters
    ----------
    neighbours : bands that a token sees, centred on its own; at the ends of the spectrum the last band is repeated.
    """

    bands: Tensor

    def __init__(self, n_bands: int, patch_size: int, neighbours: int, dropout: float) -> None:
        super().__init__()
        before = (neighbours - 1) // 2
        offsets = torch.arange(neighbours) - before
        at = (torch.arange(n_bands)[:, None] + offsets).clamp(0, n_bands - 1)
        self.register_buffer("bands", at, persistent=False)
        self.embed = nn.Linear(neighbours * patch_size**2, _CHANNELS)
        self.start = nn.Parameter(torch.randn(1, 1, _CHANNELS))
        self.place = nn.Parameter(torch.randn(1, n_bands + 1, _CHANNELS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, patches: Tensor) -> Tensor:
        groups = patches.flatten(2)[:, self.bands]  # (n, bands, neighbours, pixels)
        tokens = torch.cat([self.start.expand(patches.shape[0], -1, -1), self.embed(groups.flatten(2))], dim=1)
        out: Tensor = self.dropout(tokens + self.place)
        return out


class FusedLayers(nn.Module):
    """Five layers; from the third on, each sees its input fused with that of two layers before, by two learned weights."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            TransformerLayer(_CHANNELS, heads=_HEADS, width=_WIDTH, hidden=_HIDDEN, dropout=dropout)
            for _ in range(_DEPTH)
        )
        self.fusion = nn.Parameter(torch.full((_DEPTH - 2, 2), 0.5))

    def forward(self, tokens: Tensor) -> Tensor:
        earlier: list[Tensor] = []
        for i, layer in enumerate(self.layers):
            earlier.append(tokens)
            if i >= 2:
                now, before = self.fusion[i - 2]
                tokens = now * tokens + before * earlier[i - 2]
            tokens = layer(tokens)
        return tokens


class SpectralFormer(PatchNetwork):
    """Tokens of groups of bands, five transformer layers with cross-layer fusion, a linear layer on the first token.

    It sees the patch as a whole from the first layer on: neighbouring pixels share nothing, and a map is made patch by
    patch.
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SpectralFormerOptions) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.head = WindowHead(
            channels=n_components,
            window=patch_size,
            layers=nn.Sequential(
                BandTokens(n_components, patch_size, min(options.neighbours, n_components), options.dropout),
                FusedLayers(options.dropout),
                FirstToken(),
                nn.LayerNorm(_CHANNELS),
                nn.Linear(_CHANNELS, n_classes),
            ),
        )
