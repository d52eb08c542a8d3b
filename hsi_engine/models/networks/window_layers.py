"""Heads on every window of a tile of features: directly, in the frequency domain, or with a gate a window."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from .overlap_save import OverlapSave, choose_square

HeadOnWindows = Callable[[Tensor], Tensor]
"""Features (h, w, channels), contiguous, to logits (classes, h − q + 1, w − q + 1)."""

# Outputs of the first layer, or gated rows of windows, that are held at once.
_CHUNK_BYTES = 16 * 2**20
# Gated windows at once: their features, one kernel row of 17 pixels and 64 channels, stay in the cache.
_GATED_BYTES = 2 * 2**20


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


def spectral_windows(kernel: Tensor, bias: Tensor, tile_shape: tuple[int, int]) -> OverlapSave | None:
    """The window layer in the frequency domain if that is cheaper than a convolution; otherwise None.

    Parameters
    ----------
    kernel : (width, channels, q, q).
    bias : (width,).
    tile_shape : (rows, cols) of the tiles that will be predicted, nearly; any others work as well.
    """
    width, channels, window, _ = kernel.shape
    size = choose_square(window=window, channels=channels, width=width, shape=tile_shape)
    return None if size is None else OverlapSave(kernel, bias, size)


class PixelsInChunks:
    """Layers that see one pixel alone, on some rows of pixels at a time."""

    def __init__(self, layers: nn.Module) -> None:
        self._layers = layers

    def __call__(self, features: Tensor) -> Tensor:
        rows, cols, channels = features.shape
        strip = max(1, _CHUNK_BYTES // (cols * channels * features.element_size()))
        parts = [self._layers(features[row : row + strip]) for row in range(0, rows, strip)]
        return torch.cat(parts).permute(2, 0, 1)


class ConvolvedWindows:
    """The first layer as a convolution, some rows at a time."""

    def __init__(self, rest: nn.Module, kernel: Tensor, bias: Tensor) -> None:
        self._rest = rest
        self._window = kernel.shape[-1]
        self._kernel = kernel.contiguous(memory_format=torch.channels_last)
        self._bias = bias

    def __call__(self, features: Tensor) -> Tensor:
        rows, cols = (edge - self._window + 1 for edge in features.shape[:2])
        image = features.permute(2, 0, 1)[None]
        strip = max(1, _CHUNK_BYTES // (cols * len(self._kernel) * features.element_size()))
        parts = []
        for row in range(0, rows, strip):
            some = image[:, :, row : row + strip + self._window - 1]
            hidden = functional.conv2d(some, self._kernel, self._bias)[0].permute(1, 2, 0)
            parts.append(self._rest(hidden))
        return torch.cat(parts).permute(2, 0, 1)


class SpectralWindows:
    """The first layer in the frequency domain."""

    def __init__(self, rest: nn.Module, layer: OverlapSave) -> None:
        self._rest = rest
        self._layer = layer

    def __call__(self, features: Tensor) -> Tensor:
        rows, cols = self._layer.windows(features)
        groups = [self._rest(self._layer(some)) for some in self._layer.squares(features)]
        logits = torch.cat(groups, dim=2)  # (step cols, step rows, squares, classes)
        step, classes = logits.shape[0], logits.shape[3]
        down, across = self._layer.size.squares((rows, cols))
        image = logits.view(step, step, down, across, classes).permute(4, 2, 1, 3, 0)
        return image.reshape(classes, down * step, across * step)[:, :rows, :cols]


class GatedWindows:
    """Each window's channels scaled by the window's own gate, then the first layer.

    The gate differs between windows, so no work is shared between neighbours beyond the features. The windows
    are never laid out whole: one row of the kernel after the other, the features of a strip of windows are
    scaled and multiplied while they are in the cache.
    """

    def __init__(self, rest: nn.Module, gate: SqueezeExcitation, kernel: Tensor, bias: Tensor) -> None:
        self._rest = rest
        self._gate = gate
        self._window = q = kernel.shape[-1]
        # One matrix (pixels of a kernel row × channels, width) per kernel row, channels innermost.
        self._rows = kernel.permute(2, 3, 1, 0).reshape(q, q * kernel.shape[1], -1).contiguous()
        self._bias = bias

    def __call__(self, features: Tensor) -> Tensor:
        q = self._window
        rows, cols = (edge - q + 1 for edge in features.shape[:2])
        channels = features.shape[2]
        means = functional.avg_pool2d(features.permute(2, 0, 1)[None], q, stride=1)[0].permute(1, 2, 0)
        gates = self._gate(means)[:, :, None]  # (rows, cols, 1, channels)
        kernel_rows = features.unfold(1, q, 1).permute(0, 1, 3, 2)  # (h, cols, q, channels), a view
        strip = max(1, _GATED_BYTES // (cols * q * channels * features.element_size()))
        parts = []
        for row in range(0, rows, strip):
            some = gates[row : row + strip]
            hidden = self._bias.repeat(len(some) * cols, 1)  # a copy: it is added to in place
            for i, matrix in enumerate(self._rows):
                scaled = kernel_rows[row + i : row + i + len(some)] * some
                hidden.addmm_(scaled.view(-1, q * channels), matrix)
            parts.append(self._rest(hidden).view(len(some), cols, -1))
        return torch.cat(parts).permute(2, 0, 1)
