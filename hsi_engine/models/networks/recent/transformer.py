"""A layer of a transformer with the normalisation first (Vaswani et al. 2017; Dosovitskiy et al. 2021)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class TransformerLayer(nn.Module):
    """Self-attention between tokens, then two linear layers with GELU, each added to its input.

    Parameters
    ----------
    channels : of a token.
    heads : of the attention, together ``width`` wide.
    hidden : width between the linear layers.
    """

    def __init__(self, channels: int, *, heads: int, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.projections = nn.Linear(channels, 3 * width, bias=False)
        self.out = nn.Sequential(nn.Linear(width, channels), nn.Dropout(dropout))
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, channels),
            nn.Dropout(dropout),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, tokens, channels) → the same."""
        n, count, _ = tokens.shape
        projected = self.projections(self.norm(tokens)).view(n, count, 3, self.heads, -1)
        query, key, value = projected.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.out(mixed.transpose(1, 2).reshape(n, count, -1))
        out: Tensor = tokens + self.feed_forward(tokens)
        return out
