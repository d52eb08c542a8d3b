"""Layers that look beyond a single sample: if ranks share a batch, they compute what one process with all of it would."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from ...runtime.ranks import Ranks


class WholeBatch:
    """The batch that the ranks work on.

    Parameters
    ----------
    ranks : what shares it.

    Attributes
    ----------
    size : samples of the batch over all ranks; the loop sets it before each step.
    """

    def __init__(self, ranks: Ranks) -> None:
        self.ranks = ranks
        self.size = 0

    @property
    def mine(self) -> slice:
        """The samples of this rank."""
        return self.ranks.share(self.size)


@contextmanager
def seeing_whole_batches(network: nn.Module, ranks: Ranks) -> Iterator[WholeBatch]:
    """Let batch normalisation and dropout of ``network`` see whole batches during training; other layers need not.

    Batch normalisation takes mean and variance over the samples of all ranks. Dropout draws for the whole batch on each
    rank, from the same generator, and a rank uses its share of the draws: what is dropped depends on the seed and on the
    place of a sample in its batch, not on the number of ranks. A single rank keeps the layers as they are.
    """
    whole = WholeBatch(ranks)
    changed: list[nn.Module] = []
    try:
        if ranks.size > 1:
            for layer in network.modules():
                if isinstance(layer, _BatchNorm):
                    layer.forward = _Normalise(layer, whole)  # type: ignore[assignment, method-assign]
                elif isinstance(layer, nn.Dropout):
                    layer.forward = _LeaveOut(layer, whole)  # type: ignore[assignment, method-assign]
                else:
                    continue
                changed.append(layer)
        yield whole
    finally:
        for layer in changed:
            del layer.forward  # the method of the class is back


class _LeaveOut:
    """The forward pass of a dropout layer."""

    def __init__(self, layer: nn.Dropout, whole: WholeBatch) -> None:
        self._layer = layer
        self._whole = whole

    def __call__(self, values: Tensor) -> Tensor:
        if not self._layer.training:
            return values
        shape = (self._whole.size, *values.shape[1:])
        factors = functional.dropout(values.new_ones(shape), self._layer.p)
        return values * factors[self._whole.mine]


class _Normalise:
    """The forward pass of a batch normalisation. torch's own for several processes works on GPUs only."""

    def __init__(self, layer: _BatchNorm, whole: WholeBatch) -> None:
        self._layer = layer
        self._whole = whole

    def __call__(self, values: Tensor) -> Tensor:
        layer = self._layer
        if not layer.training:
            return functional.batch_norm(
                values, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps
            )
        exact = values.float() if values.dtype in (torch.float16, torch.bfloat16) else values
        axes = [0, *range(2, exact.ndim)]
        shape = (1, -1, *(1,) * (exact.ndim - 2))
        count = self._whole.size * math.prod(exact.shape[2:])
        if count < 2:  # as torch does
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {values.size()}")
        mean = _sum_over_ranks(exact.sum(axes), self._whole.ranks) / count
        centred = exact - mean.view(shape)
        variance = _sum_over_ranks(centred.square().sum(axes), self._whole.ranks) / count
        self._remember(mean.detach(), variance.detach() * (count / (count - 1)))
        factor = torch.rsqrt(variance + layer.eps) * layer.weight
        return (centred * factor.view(shape) + layer.bias.view(shape)).to(values.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        layer = self._layer
        for kept, seen in ((layer.running_mean, mean), (layer.running_var, variance)):
            if kept is not None:
                kept.lerp_(seen, 0.0 if layer.momentum is None else layer.momentum)
        if layer.num_batches_tracked is not None:
            layer.num_batches_tracked.add_(1)


class _SumOverRanks(Function):
    """Sum forward; the gradient of each rank's part is the sum of the gradients of all."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, ranks: Ranks) -> Tensor:
        ctx.ranks = ranks
        return ranks.sum(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.ranks.sum(gradient), None


def _sum_over_ranks(values: Tensor, ranks: Ranks) -> Tensor:
    total: Tensor = _SumOverRanks.apply(values, ranks)  # type: ignore[no-untyped-call]
    return total
