"""The linear filter of the least error, from the noisy images alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ...models.networks.residual_denoiser import KERNEL
from ...reporting import Reporter
from .squares import Square, spread

_MOST_PX = 40_000
_CHUNK_PX = 4_096
_RIDGE = 0.1


def linear_filter(squares: Sequence[Square], margin_px: int, reporter: Reporter) -> Tensor:
    """Weights (components, components, 3, 3) that minimise the estimated error of a linear filter, in closed form.

    The filter of the least squares on the noisy image itself would return that image. Its error exceeds the one on the
    clean image by twice the weight a pixel has in its own result, which the noise of variance 1 makes known.
    """
    components = len(squares[0].images)
    size = components * KERNEL**2
    gram = torch.zeros(size, size, dtype=torch.float64)
    target = torch.zeros(size, components, dtype=torch.float64)
    total, edge = 0, margin_px - KERNEL // 2
    share = min(1.0, _MOST_PX / max(1, sum(int(square.valid.sum()) for square in squares)))
    for number, square in enumerate(squares):
        rows, cols = square.valid.shape
        inner = square.images[None, :, edge : edge + rows + KERNEL - 1, edge : edge + cols + KERNEL - 1]
        picked = functional.unfold(inner, KERNEL)[0][:, square.valid.reshape(-1)]
        keep = max(1, math.ceil(share * picked.shape[1]))
        picked = picked[:, spread(picked.shape[1], keep, number)]
        for start in range(0, picked.shape[1], _CHUNK_PX):
            reporter.check_cancelled()
            part = picked[:, start : start + _CHUNK_PX].double()
            gram += part @ part.T
            target += part @ part[KERNEL**2 // 2 :: KERNEL**2].T
        total += picked.shape[1]
    own = torch.arange(components)
    target[own * KERNEL**2 + KERNEL**2 // 2, own] -= total
    gram += _RIDGE * total * torch.eye(size, dtype=torch.float64)
    weights: Tensor = torch.linalg.solve(gram, target)
    return weights.T.reshape(components, components, KERNEL, KERNEL).float().contiguous()
