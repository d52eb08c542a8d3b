"""Heads: from a q×q window of features to the scores of its centre pixel, one window at a time or all of a tile."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from .overlap_save import choose_square
from .window_layers import (
    ConvolvedWindows,
    GatedWindows,
    HeadOnWindows,
    PixelsInChunks,
    SpectralWindows,
    SqueezeExcitation,
    spectral_windows,
)


@dataclass(frozen=True, kw_only=True)
class HeadCost:
    """Multiply–accumulate operations (MACs) of a head on one pixel.

    Parameters
    ----------
    window_directly : the layer that sees the window, on one window.
    window_densely : the same layer as it is computed for all windows of a tile.
    rest : the layers after it.
    """

    window_directly: int
    window_densely: int
    rest: int


class DenseHead(nn.Module, ABC):
    """A head that knows how to run on every window of a tile.

    Attributes
    ----------
    channels : channels of the features.
    window : q, edge of the window in pixels.
    """

    channels: int
    window: int

    @abstractmethod
    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        """The fastest exact way to run on all windows of tiles of about ``tile_shape`` (rows, cols); in eval mode."""

    @abstractmethod
    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        """What :meth:`on_windows` costs per pixel."""


class FlattenHead(DenseHead):
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

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        kernel = self.first.weight.detach().view(-1, self.channels, self.window, self.window)
        bias = self.first.bias.detach()
        if self.gate is not None:
            return GatedWindows(self.rest, self.gate, kernel, bias)
        layer = spectral_windows(kernel, bias, tile_shape)
        return ConvolvedWindows(self.rest, kernel, bias) if layer is None else SpectralWindows(self.rest, layer)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        width, directly = self.first.out_features, self.first.in_features * self.first.out_features
        size = None
        if self.gate is None:
            size = choose_square(window=self.window, channels=self.channels, width=width, shape=tile_shape)
        densely = directly
        if size is not None:
            squares = math.prod(size.squares(tile_shape))
            densely = squares * size.macs(self.channels, width) // math.prod(tile_shape)
        rest = sum(layer.in_features * layer.out_features for layer in self.rest if isinstance(layer, nn.Linear))
        return HeadCost(window_directly=directly, window_densely=densely, rest=rest)


class PixelHead(DenseHead):
    """Layers that see the features of one pixel, (…, channels) → (…, classes).

    Parameters
    ----------
    channels : channels of the features.
    layers : the layers; a pixel's result does not depend on other pixels.
    macs_px : MACs of the layers on one pixel.
    """

    window = 1

    def __init__(self, *, channels: int, layers: nn.Module, macs_px: int) -> None:
        super().__init__()
        self.channels = channels
        self.layers = layers
        self._macs_px = macs_px

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.layers(features[:, :, 0, 0])
        return logits

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        return PixelsInChunks(self.layers)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        return HeadCost(window_directly=0, window_densely=0, rest=self._macs_px)
