"""Heads for features with stride, for means over the window, and for layers that see each window as a whole."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from .heads import DenseHead, HeadCost
from .window_layers import HeadOnWindows

# Windows, or outputs of a layer, that are held at once.
_CHUNK_BYTES = 4 * 2**20


class StridedHead(DenseHead):
    """Flatten, then fully connected layers, on features that a patch has with stride.

    Parameters
    ----------
    channels : channels of the features.
    rows : rows of the features of a patch, with stride.
    stride : pixels from one to the next.
    window : rows of the features of a patch without stride.
    hidden : widths of the hidden layers, with dropout after each; without any, dropout comes before the linear layer.
    activation : the activation after each of them.
    """

    def __init__(
        self,
        *,
        channels: int,
        rows: int,
        stride: int,
        window: int,
        hidden: Sequence[int],
        n_classes: int,
        dropout: float,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.channels, self.rows, self.stride, self.window = channels, rows, stride, window
        widths = [*hidden, n_classes]
        self.before = nn.Identity() if hidden else nn.Dropout(dropout)
        self.first = nn.Linear(channels * rows * rows, widths[0])
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [activation(), nn.Dropout(dropout), nn.Linear(before, after)]
        self.rest = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.rest(self.first(self.before(features.flatten(1))))
        return logits

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        kernel = self.first.weight.detach().view(-1, self.channels, self.rows, self.rows)
        return _StridedWindows(self.rest, kernel, self.first.bias.detach(), self.stride, self.window)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        first = self.first.in_features * self.first.out_features
        rest = sum(layer.in_features * layer.out_features for layer in self.rest if isinstance(layer, nn.Linear))
        return HeadCost(window_directly=first, window_densely=first, rest=rest)


class _StridedWindows:
    """The first layer as a convolution with its taps apart, some rows at a time."""

    def __init__(self, rest: nn.Module, kernel: Tensor, bias: Tensor, stride: int, window: int) -> None:
        self._rest = rest
        self._kernel = kernel.contiguous(memory_format=torch.channels_last)
        self._bias, self._stride, self._window = bias, stride, window

    def __call__(self, features: Tensor) -> Tensor:
        rows, cols = (edge - self._window + 1 for edge in features.shape[:2])
        reach = (self._kernel.shape[-1] - 1) * self._stride
        image = features[:, : cols + reach].permute(2, 0, 1)[None]
        strip = max(1, _CHUNK_BYTES // (cols * len(self._kernel) * features.element_size()))
        parts = []
        for row in range(0, rows, strip):
            some = image[:, :, row : min(row + strip, rows) + reach]
            hidden = functional.conv2d(some, self._kernel, self._bias, dilation=self._stride)[0].permute(1, 2, 0)
            parts.append(self._rest(hidden))
        return torch.cat(parts).permute(2, 0, 1)


class MeanHead(DenseHead):
    """The mean over the window (Lin, Chen, Yan 2014), then layers on it."""

    def __init__(self, *, channels: int, window: int, layers: nn.Module, macs_px: int) -> None:
        super().__init__()
        self.channels, self.window = channels, window
        self.layers = layers
        self._macs_px = macs_px

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.layers(features.mean(dim=(2, 3)))
        return logits

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        return self._on_tile

    def _on_tile(self, features: Tensor) -> Tensor:
        means = functional.avg_pool2d(features.permute(2, 0, 1)[None], self.window, stride=1)[0]
        logits: Tensor = self.layers(means.permute(1, 2, 0))
        return logits.permute(2, 0, 1)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        return HeadCost(window_directly=0, window_densely=0, rest=self._macs_px)


class DepthwiseHead(DenseHead):
    """A weight for each channel and place of the window, then layers over the channels.

    The separable form of a fully connected layer on the flattened window ("global depthwise convolution"; Chen, Liu, Gao,
    Han 2018, MobileFaceNets).

    Parameters
    ----------
    multiplier : sums over the window per channel.
    hidden : width of the layer that joins them.
    """

    def __init__(
        self, *, channels: int, window: int, multiplier: int, hidden: int, n_classes: int, dropout: float
    ) -> None:
        super().__init__()
        self.channels, self.window = channels, window
        self.depthwise = nn.Conv2d(channels, channels * multiplier, window, groups=channels, bias=False)
        self.norm = nn.BatchNorm1d(channels * multiplier)
        self.rest = nn.Sequential(
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(channels * multiplier, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, n_classes),
        )

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.rest(self.norm(self.depthwise(features)[:, :, 0, 0]))
        return logits

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        return self._on_tile

    def _on_tile(self, features: Tensor) -> Tensor:
        rows, cols = (edge - self.window + 1 for edge in features.shape[:2])
        norm = self.norm
        mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
        scale = norm.weight / (variance + norm.eps).sqrt()
        offset = norm.bias - mean * scale
        kernel = self.depthwise.weight * scale[:, None, None, None]
        # torch is several times slower where a channel has several sums: one convolution for each, in turn. Pixels stay
        # innermost, so that the layers over the channels are products of matrices without a transposed copy.
        order = torch.arange(len(kernel), device=kernel.device).view(self.channels, -1).T
        joined, last = (layer for layer in self.rest if isinstance(layer, nn.Linear))
        each = [(kernel[some].contiguous(), offset[some], joined.weight[:, some].contiguous()) for some in order]
        image = features.permute(2, 0, 1)[None]
        strip = max(1, _CHUNK_BYTES // (cols * len(kernel) * features.element_size()))
        parts = []
        for row in range(0, rows, strip):
            # Laid out once: each convolution would copy a part of an image for itself.
            some = image[:, :, row : min(row + strip, rows) + self.window - 1].contiguous()
            hidden = joined.bias[:, None].repeat(1, (some.shape[2] - self.window + 1) * cols)
            for taps, bias, weight in each:
                sums = functional.conv2d(some, taps, bias, groups=self.channels)[0].relu_()
                hidden.addmm_(weight, sums.flatten(1))
            logits = torch.addmm(last.bias[:, None], last.weight, hidden.relu_())
            parts.append(logits.view(len(logits), -1, cols))
        return torch.cat(parts, dim=1)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        window = self.depthwise.weight.numel()
        rest = sum(layer.in_features * layer.out_features for layer in self.rest if isinstance(layer, nn.Linear))
        return HeadCost(window_directly=window, window_densely=window, rest=rest)


class WindowHead(DenseHead):
    """Layers that see a window as a whole, such as attention or a gate; neighbouring windows share nothing of them.

    Parameters
    ----------
    layers : (n, channels, q, q) → (n, classes).
    """

    def __init__(self, *, channels: int, window: int, layers: nn.Module) -> None:
        super().__init__()
        self.channels, self.window = channels, window
        self.layers = layers

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.layers(features)
        return logits

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        return self._on_tile

    def _on_tile(self, features: Tensor) -> Tensor:
        q = self.window
        windows = features.unfold(0, q, 1).unfold(1, q, 1)  # (rows, cols, channels, q, q), a view
        rows, cols = windows.shape[:2]
        some = max(1, _CHUNK_BYTES // (q * q * self.channels * features.element_size()))
        parts = [
            self.layers(windows[row, col : col + some].contiguous())
            for row in range(rows)
            for col in range(0, cols, some)
        ]
        return torch.cat(parts).T.reshape(-1, rows, cols)

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        layers = copy.deepcopy(self.layers).to("meta").eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            layers(torch.empty(1, self.channels, self.window, self.window, device="meta"))
        each = int(counter.get_total_flops()) // 2  # a multiplication and an addition count as two there
        return HeadCost(window_directly=each, window_densely=each, rest=0)
