"""Layers of 2-D convolutions and pooling that run strided on a patch and without stride on a whole tile.

Pooling with stride makes a network give one row of features for two rows of pixels, so features of a tile would serve every
second pixel only. The same layers without stride, each later one with its taps spread by the strides before it ("à trous";
Holschneider et al. 1990), give the features of all pixels at once; those of one patch are every second, fourth … of them. Every
layer here runs both ways: ``layer(x)`` strided, ``layer(x, spacing)`` without stride and with taps ``spacing`` pixels apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional


class Layer(nn.Module, ABC):
    """A layer that runs both ways.

    Attributes
    ----------
    stride : pixels from one output to the next on a patch.
    lost : rows and columns that it uses up, in pixels of its input.
    """

    stride: int = 1
    lost: int = 0

    @abstractmethod
    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        """(n, channels, rows, cols) → (n, channels', rows', cols'); None: on patches, with stride."""


class Conv(Layer):
    """A valid convolution, optional batch normalisation, an activation.

    Parameters
    ----------
    groups : of channels that are convolved apart; divides both numbers of channels.
    activation : None for none.
    """

    def __init__(
        self,
        before: int,
        after: int,
        kernel: int,
        *,
        groups: int = 1,
        batch_norm: bool = True,
        activation: nn.Module | None = None,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, groups=groups, bias=not batch_norm)
        self.norm = nn.BatchNorm2d(after) if batch_norm else nn.Identity()
        self.activation = nn.Identity() if linear else activation or nn.ReLU()
        self.lost = kernel - 1

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        conv = self.conv
        image = functional.conv2d(image, conv.weight, conv.bias, dilation=spacing or 1, groups=conv.groups)
        out: Tensor = self.activation(self.norm(image))
        return out


class Pool(Layer):
    """The maximum or mean of kernel × kernel pixels."""

    def __init__(self, kernel: int, stride: int, kind: Literal["max", "mean"] = "max") -> None:
        super().__init__()
        self.kernel, self.stride, self.kind = kernel, stride, kind
        self.lost = kernel - 1

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        stride = self.stride if spacing is None else 1
        if self.kind == "max":
            return functional.max_pool2d(image, self.kernel, stride=stride, dilation=spacing or 1)
        channels = int(image.shape[1])  # a number, so that an export knows the shape of the taps
        shape = (channels, 1, self.kernel, self.kernel)
        taps = torch.full(shape, 1 / self.kernel**2, dtype=image.dtype, device=image.device)
        return functional.conv2d(image, taps, stride=stride, dilation=spacing or 1, groups=channels)


class Stack(Layer):
    """Layers one after the other."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        stride, lost = 1, 0
        for layer in layers:
            lost += layer.lost * stride
            stride *= layer.stride
        self.stride, self.lost = stride, lost

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        for layer in self._in_order:
            image = layer(image, spacing)
            spacing = None if spacing is None else spacing * layer.stride
        return image

    @property
    def _in_order(self) -> list[Layer]:
        return [cast(Layer, layer) for layer in self.layers]

    def window(self, patch_size: int) -> int:
        """Rows of the features of a patch, with stride.

        Raises
        ------
        ValueError : the layers use up more than the patch.
        """
        rows = patch_size
        for layer in self._in_order:
            rows = (rows - layer.lost - 1) // layer.stride + 1 if rows > layer.lost else 0
        if rows < 1:
            raise ValueError(f"a patch of {patch_size} px is smaller than what the layers use up")
        return rows


class Parallel(Layer):
    """Layers without stride on the same input, their outputs cropped to the smallest and joined."""

    def __init__(self, branches: Sequence[Layer]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self._lost = [branch.lost for branch in branches]
        self.lost = max(self._lost)

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        parts = [
            cropped(branch(image, spacing), (self.lost - lost) // 2 * (spacing or 1))
            for branch, lost in zip(self.branches, self._lost, strict=True)
        ]
        return torch.cat(parts, dim=1)


class Residual(Layer):
    """Layers without stride whose output is added to the centre of their input (He et al. 2016), then ReLU.

    Parameters
    ----------
    body : uses up an even number of pixels.
    shortcut : 1×1 layer for the input where the channels differ; None: the input as it is.
    """

    def __init__(self, body: Layer, shortcut: Layer | None = None, *, relu: bool = True) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.lost = body.lost
        self.relu = relu

    def forward(self, image: Tensor, spacing: int | None = None) -> Tensor:
        out: Tensor = self.body(image, spacing)
        skip = cropped(image, self.lost // 2 * (spacing or 1))
        out = out + (skip if self.shortcut is None else self.shortcut(skip, spacing))
        return out.relu() if self.relu else out


class WithoutStride(nn.Module):
    """A stack on a whole tile: the features of every pixel."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.stack(image, 1)
        return out


def cropped(image: Tensor, margin: int) -> Tensor:
    """(n, channels, rows, cols) without ``margin`` pixels on each side."""
    return image[:, :, margin:-margin, margin:-margin] if margin else image
