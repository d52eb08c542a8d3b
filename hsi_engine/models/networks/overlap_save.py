"""The first fully connected layer of a head for every window of a tile, in the frequency domain.

A linear layer on a flattened q×q window is a q×q correlation of the features. Here it is computed by
overlap-save (Stockham 1966): the features are cut into overlapping squares of N×N pixels, each is
transformed, multiplied with the transformed kernel, summed over the channels and transformed back, and the
(N − q + 1)² pixels that no wrap-around has reached are kept.

With N of some 50 pixels and hundreds of channels, the discrete Fourier transforms themselves are cheapest as
products with their matrices: they run at the speed of the machine's matrix product, keep the channels
innermost all the way, so that nothing has to be transposed, and round less than a fast transform in float32.
The product over the channels is one matrix product a frequency. Complex numbers are pairs of real ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_MAX_SQUARE_PX = 96
# The spectrum of the kernel is kept with the model.
_MAX_SPECTRUM_BYTES = 256 * 2**20
# Arrays above 32 MiB are requested from the system each time (glibc), and filling new pages costs as much as the
# arithmetic.
_ARRAY_BYTES = 31 * 2**20
# MACs per second over those of the direct convolution: many small products, and five passes over memory.
# benchmarks/window_layer.py measured 0.28 for windows of 3 pixels, 0.33 for 5, 0.38 for 7 and 0.52 for 17; what counts
# is the point at which one way overtakes the other, between 3 and 5.
_RELATIVE_RATE = 0.35


@dataclass(frozen=True, kw_only=True)
class SquareSize:
    """Sizes of an overlap-save step.

    Parameters
    ----------
    square : N, edge of the squares that are transformed, in pixels; even.
    window : q, edge of the kernel.
    """

    square: int
    window: int

    @property
    def step(self) -> int:
        """Edge of what one square gives: N − q + 1."""
        return self.square - self.window + 1

    @property
    def frequencies(self) -> int:
        """Frequencies along the columns; those of real numbers are half redundant."""
        return self.square // 2 + 1

    def squares(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Squares along rows and columns that cover ``shape`` (rows, cols) of windows."""
        return -(-shape[0] // self.step), -(-shape[1] // self.step)

    def macs(self, channels: int, width: int) -> int:
        """MACs of one square, from ``channels`` features to ``width`` outputs."""
        n, s, v = self.square, self.step, self.frequencies
        forward = channels * (2 * v * n * n + v * 4 * n * 2 * n)
        product = 4 * n * v * channels * width
        backward = width * (v * 2 * s * 2 * n + s * 2 * v * s)
        return forward + product + backward


def choose_square(*, window: int, channels: int, width: int, shape: tuple[int, int]) -> SquareSize | None:
    """The size that computes windows of ``shape`` (rows, cols) with least work; None if the direct convolution is cheaper.

    Parameters
    ----------
    window : q, edge of the kernel in pixels.
    channels, width : features a pixel, outputs of the layer.
    """
    direct = shape[0] * shape[1] * window**2 * channels * width * _RELATIVE_RATE
    best, least = None, direct
    for square in range(window + window % 2 + 2, _MAX_SQUARE_PX + 1, 2):
        size = SquareSize(square=square, window=window)
        if 8 * square * size.frequencies * channels * width > _MAX_SPECTRUM_BYTES:
            break
        work = math.prod(size.squares(shape)) * size.macs(channels, width)
        if work < least:
            best, least = size, work
    return best


class OverlapSave:
    """A layer prepared: its transformed kernel and the matrices of the transforms.

    Parameters
    ----------
    weight : float32 (width, channels, q, q).
    bias : float32 (width,).
    size : from :func:`choose_square`.
    """

    def __init__(self, weight: Tensor, bias: Tensor, size: SquareSize) -> None:
        self.size = size
        self._matrices = tuple(m.to(weight) for m in _transforms(size))
        # Outputs in parts, so that their spectrum is not larger than that of the squares.
        part = 2 * weight.shape[1]
        self._kernels = [self._transformed(some) for some in torch.split(weight, part)]
        self._biases = torch.split(bias, part)

    def _transformed(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Real and imaginary part of a kernel's spectrum, both (frequencies, channels, width)."""
        n, q, v = self.size.square, self.size.window, self.size.frequencies
        width, channels, _, _ = weight.shape
        along_cols, along_rows, _, _ = self._matrices
        # Beyond the kernel its square is zero, which the last columns of the matrices would meet.
        along_rows = along_rows.view(n, 4, 2, n)[:, :2, :, :q].reshape(2 * n, 2 * q)
        half = along_cols[:, :q] @ weight.permute(3, 2, 1, 0).reshape(q, -1)
        spectrum = (along_rows @ half.view(v, 2 * q, -1)).view(v * n, 2, channels, width)
        # The layer correlates, it does not convolve: the conjugate.
        return spectrum[:, 0].contiguous(), spectrum[:, 1].neg()

    def squares(self, features: Tensor) -> list[Tensor]:
        """Cut features (h, w, channels) into groups of squares, each (N cols, N rows, squares, channels).

        Squares are counted row by row; below and right of the features follow zeros.
        """
        size = self.size
        channels = features.shape[2]
        down, across = size.squares(self.windows(features))
        reach = size.window - 1
        missing = [
            size.step * count + reach - edge for count, edge in zip((down, across), features.shape, strict=False)
        ]
        padded = functional.pad(features, (0, 0, 0, missing[1], 0, missing[0]))
        squares = padded.unfold(0, size.square, size.step).unfold(1, size.square, size.step)
        squares = squares.permute(4, 3, 0, 1, 2).flatten(2, 3)
        spectrum_bytes = 4 * size.square * size.frequencies * channels * features.element_size()
        groups = -(-down * across // max(1, _ARRAY_BYTES // spectrum_bytes))
        return list(squares.tensor_split(groups, dim=2))

    def windows(self, features: Tensor) -> tuple[int, int]:
        """(rows, cols) of the windows inside features (h, w, channels)."""
        reach = self.size.window - 1
        return features.shape[0] - reach, features.shape[1] - reach

    def __call__(self, squares: Tensor) -> Tensor:
        """The layer's outputs (step cols, step rows, squares, width) for one group of :meth:`squares`."""
        n, s, v = self.size.square, self.size.step, self.size.frequencies
        _, _, count, channels = squares.shape
        along_cols, along_rows, back_rows, back_cols = self._matrices
        half = along_cols @ squares.reshape(n, -1)  # (v, re|im ; row, square, channel)
        spectrum = (along_rows @ half.view(v, 2 * n, -1)).view(v * n, 2, 2 * count, channels)
        parts = []
        for (real, imaginary), bias in zip(self._kernels, self._biases, strict=True):
            product = torch.bmm(spectrum[:, 0], real)  # (v u ; re|im square, width)
            product.baddbmm_(spectrum[:, 1], imaginary)
            half = back_rows @ product.view(v, 2 * n, -1)  # (v ; re|im row, square, width)
            part = back_cols @ half.view(2 * v, -1)  # (col ; row, square, width)
            parts.append(part.view(s, s, count, -1).add_(bias))
        return torch.cat(parts, dim=3)


def _transforms(size: SquareSize) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Matrices of the four one-dimensional transforms; real and imaginary parts are separate rows.

    Forward along the columns (2v, N), forward along the rows (4N, 2N), back along the rows (2s, 2N) and back
    along the columns (s, 2v), where v counts the frequencies along the columns and s is the step. The second
    gives each frequency four times: re, im for the product with the real part of the kernel, and −im, re for
    that with the imaginary part.
    """
    n, s, v = size.square, size.step, size.frequencies
    pixel = torch.arange(n, dtype=torch.float64)
    angle = 2 * math.pi / n * torch.outer(pixel, pixel)
    cos, sin = angle.cos(), angle.sin()
    along_cols = torch.stack([cos[:v], -sin[:v]], dim=1).reshape(2 * v, n)
    real, imaginary = torch.cat([cos, sin], dim=1), torch.cat([-sin, cos], dim=1)
    along_rows = torch.stack([real, imaginary, -imaginary, real], dim=1).reshape(4 * n, 2 * n)
    real, imaginary = torch.stack([cos[:s], -sin[:s]], dim=2), torch.stack([sin[:s], cos[:s]], dim=2)
    back_rows = torch.cat([real.reshape(s, 2 * n), imaginary.reshape(s, 2 * n)]) / n
    # A real number's frequencies come in pairs, but for the first and, N being even, the last.
    weight = torch.full((v,), 2.0, dtype=torch.float64)
    weight[0] = weight[-1] = 1
    back_cols = torch.stack([cos[:s, :v] * weight, -sin[:s, :v] * weight], dim=2).reshape(s, 2 * v) / n
    return along_cols, along_rows, back_rows, back_cols
