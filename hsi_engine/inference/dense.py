"""Logits of every pixel of a tile, computed once instead of patch by patch.

A patch network is ``features`` followed by ``head``. ``features`` holds valid convolutions without
stride, so running it once over the tile gives every patch's features at once; neighbouring patches
share almost all of them. The first fully connected layer of a :class:`FlattenHead` on a q×q window
*is* a q×q convolution over those features. Labels are those of patch-wise prediction; logits differ
by rounding only.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..models.heads import FlattenHead
from ..models.network import PatchNetwork

# The gated head multiplies every window by its own gate, so windows are laid out one by one; this
# many bytes of them at once.
_WINDOW_BYTES = 64 * 2**20


def can_run_densely(network: PatchNetwork) -> bool:
    """True where the architecture keeps the contract and :func:`dense_logits` knows its kind of head."""
    return network.dense and isinstance(network.head, FlattenHead)


@torch.inference_mode()
def dense_logits(network: PatchNetwork, tile: Tensor) -> Tensor:
    """Logits of every pixel whose patch lies inside the tile.

    Parameters
    ----------
    network : in eval mode, on the device of ``tile``.
    tile : float32 (components, rows + p − 1, cols + p − 1): the pixels wanted, with a margin of half
        a patch on each side.

    Returns
    -------
    float (classes, rows, cols).
    """
    head = network.head
    if not isinstance(head, FlattenHead):
        raise TypeError(f"no dense form is known for a head of type {type(head).__name__}")
    features = network.features(tile[None])
    gate = head.gate
    first = _window_linear(head, features[0]) if gate is None else _gated_window_linear(head, gate, features[0])
    rows, cols = (size - head.window + 1 for size in features.shape[2:])
    logits: Tensor = head.rest(first)
    return logits.T.reshape(-1, rows, cols)


def _window_linear(head: FlattenHead, features: Tensor) -> Tensor:
    """The first layer of the head for every window of (channels, rows, cols): (windows, width)."""
    kernel = head.first.weight.view(-1, head.channels, head.window, head.window)
    out = functional.conv2d(features[None], kernel, head.first.bias)
    return out[0].flatten(1).T


def _gated_window_linear(head: FlattenHead, gate: nn.Module, features: Tensor) -> Tensor:
    """As :func:`_window_linear`, with the channels of each window scaled by the window's own gate."""
    q = head.window
    means = functional.avg_pool2d(features[None], q, stride=1)[0]
    channels, rows, cols = means.shape
    gates: Tensor = gate(means.flatten(1).T).view(rows, cols, channels)
    windows = features.unfold(1, q, 1).unfold(2, q, 1).permute(1, 2, 0, 3, 4)
    strip = max(1, _WINDOW_BYTES // (cols * head.first.in_features * features.element_size()))
    out = []
    for row in range(0, rows, strip):
        gated = windows[row : row + strip] * gates[row : row + strip, :, :, None, None]
        out.append(head.first(gated.reshape(-1, head.first.in_features)))
    return torch.cat(out)


@torch.inference_mode()
def patchwise_logits(network: PatchNetwork, tile: Tensor, patch_size: int, batch_size: int = 128) -> Tensor:
    """The same as :func:`dense_logits`, one patch at a time: the definition, and the way for other heads."""
    patches = tile.unfold(1, patch_size, 1).unfold(2, patch_size, 1)
    rows, cols = patches.shape[1:3]
    pixels = [(row, col) for row in range(rows) for col in range(cols)]
    out = []
    for start in range(0, len(pixels), batch_size):
        at = torch.tensor(pixels[start : start + batch_size], device=tile.device)
        out.append(network(patches[:, at[:, 0], at[:, 1]].transpose(0, 1)))
    return torch.cat(out).T.reshape(-1, rows, cols)
