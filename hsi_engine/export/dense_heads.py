"""A network on whole images, in operations that ONNX has and that keep their meaning for images of any size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..models.networks.heads import DenseHead, FlattenHead, PixelHead
from ..models.networks.patch_network import PatchNetwork
from ..models.networks.window_heads import MeanHead, StridedHead


class OnImages(nn.Module):
    """(n, components, rows + p − 1, cols + p − 1) → scores (n, classes, rows, cols).

    Parameters
    ----------
    network : in eval mode; its head has a dense form.
    """

    def __init__(self, network: PatchNetwork) -> None:
        super().__init__()
        self.features = network.tile_features()
        self.head = network.head

    def forward(self, image: Tensor) -> Tensor:
        features, head = self.features(image), self.head
        if isinstance(head, PixelHead):
            return _on_pixels(head.layers, features)
        if isinstance(head, FlattenHead) and head.gate is None:
            kernel = head.first.weight.view(-1, head.channels, head.window, head.window)
            return _on_pixels(head.rest, functional.conv2d(features, kernel, head.first.bias))
        if isinstance(head, StridedHead):
            kernel = head.first.weight.view(-1, head.channels, head.rows, head.rows)
            unused = head.window - 1 - (head.rows - 1) * head.stride
            used = features[:, :, : -unused or None, : -unused or None]
            return _on_pixels(head.rest, functional.conv2d(used, kernel, head.first.bias, dilation=head.stride))
        if isinstance(head, MeanHead):
            return _on_pixels(head.layers, functional.avg_pool2d(features, head.window, stride=1))
        return _on_windows(head, features)


class OnPatches(nn.Module):
    """(n, components, p, p) → scores (n, classes, 1, 1)."""

    def __init__(self, network: PatchNetwork) -> None:
        super().__init__()
        self.features, self.head = network.features, network.head

    def forward(self, patches: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(patches))
        return logits[:, :, None, None]


def _on_pixels(layers: nn.Module, features: Tensor) -> Tensor:
    """Layers over the last axis on every pixel of (n, channels, rows, cols)."""
    logits: Tensor = layers(features.permute(0, 2, 3, 1))
    return logits.permute(0, 3, 1, 2)


def _on_windows(head: nn.Module, features: Tensor) -> Tensor:
    """A head that sees a window as a whole, on all windows at once."""
    if not isinstance(head, DenseHead):
        raise TypeError(f"{type(head).__name__} sees no windows")
    q = head.window
    rows = torch.stack([features[:, :, i : i - q + 1 or None] for i in range(q)], dim=-1)
    windows = torch.stack([rows[:, :, :, j : j - q + 1 or None] for j in range(q)], dim=-1)
    n, channels, height, width = windows.shape[:4]
    flat = windows.permute(0, 2, 3, 1, 4, 5).reshape(-1, channels, q, q)
    logits: Tensor = head(flat)
    return logits.view(n, height, width, -1).permute(0, 3, 1, 2)
