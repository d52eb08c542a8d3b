"""Heads: from a q×q window of features to the logits of its centre pixel."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """Channel gate from the mean over the window (Hu, Shen, Sun 2018).

    Works on means, (…, channels) → (…, channels), so that a dense prediction can feed the means of all
    windows of a tile at once.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.squeeze = nn.Linear(channels, hidden)
        self.excite = nn.Linear(hidden, channels)

    def forward(self, means: Tensor) -> Tensor:
        gate: Tensor = self.excite(self.squeeze(means).relu()).sigmoid()
        return gate


class FlattenHead(nn.Module):
    """Optional channel gate, flatten, then fully connected layers with ReLU and dropout between.

    Attributes
    ----------
    gate : :class:`SqueezeExcitation` or None.
    first : the linear layer that sees the flattened window; equally a q×q convolution of the features.
    rest : what follows, acting on each pixel alone.
    """

    def __init__(
        self,
        *,
        channels: int,
        window: int,
        hidden: Sequence[int],
        n_classes: int,
        dropout: float,
        gate: SqueezeExcitation | None = None,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.window = window
        self.gate = gate
        self.first = nn.Linear(channels * window * window, hidden[0])
        layers: list[nn.Module] = []
        for i, width in enumerate(hidden):
            following = hidden[i + 1] if i + 1 < len(hidden) else n_classes
            layers += [nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, following)]
        self.rest = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        if self.gate is not None:
            features = features * self.gate(features.mean(dim=(2, 3)))[:, :, None, None]
        logits: Tensor = self.rest(self.first(features.flatten(1)))
        return logits
