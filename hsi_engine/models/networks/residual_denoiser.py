"""A network that finds the noise of component images, which is then subtracted."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

KERNEL = 3


class ResidualDenoiser(nn.Module):
    """DnCNN (Zhang et al. 2017, doi:10.1109/TIP.2017.2662206) on component images whose noise has variance 1.

    The noise it finds is that of a linear filter, :attr:`linear`, and what a stack of valid 3×3 convolutions adds to it.
    The stack begins at zero: without training, the network is the linear filter.

    Parameters
    ----------
    components : channels of the image.
    layers : convolutions of the stack, at least 2; a pixel is seen with so many pixels around it.
    width : channels between them.
    """

    scale: Tensor

    def __init__(self, *, components: int, layers: int, width: int) -> None:
        super().__init__()
        self.margin_px = layers * (KERNEL // 2)
        self.register_buffer("scale", torch.ones(components))
        self.linear = nn.Conv2d(components, components, KERNEL, bias=False)
        widths = (components, *(width,) * (layers - 1), components)
        stack: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            convolution = nn.Conv2d(before, after, KERNEL)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]  # it has one
            stack += [convolution, nn.ReLU(inplace=True)]
        stack.pop()
        nn.init.zeros_(convolution.weight)
        self.stack = nn.Sequential(*stack)

    def filtered(self, images: Tensor) -> Tensor:
        """The images after the linear filter alone, without their margin."""
        edge = self.margin_px - KERNEL // 2
        inner: Tensor = self.linear(images[:, :, edge : images.shape[2] - edge, edge : images.shape[3] - edge])
        return inner

    def remaining_noise(self, images: Tensor) -> Tensor:
        """What the stack finds in the noisy images beyond the linear filter, without their margin."""
        found: Tensor = self.stack(images / self.scale[:, None, None])
        return found

    def forward(self, images: Tensor) -> Tensor:
        """(n, components, h + 2 · margin, w + 2 · margin) noisy → (n, components, h, w) without noise."""
        return self.filtered(images) - self.remaining_noise(images)
