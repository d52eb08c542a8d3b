"""Training by this process alone, on the CPU and in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)
Optimizer = TypeVar("Optimizer", bound=torch.optim.Optimizer)


@dataclass(frozen=True)
class OneProcess:
    """What the training loop asks of :class:`lightning_fabric.Fabric`, where that has nothing to do.

    Its import takes as long as that of torch itself, whose compiler it loads: a second or two of every start.
    """

    device: torch.device
    global_rank: int = 0
    world_size: int = 1

    def setup(self, model: Model, optimizer: Optimizer) -> tuple[Model, Optimizer]:
        """Both as they are: they lie on the CPU already."""
        return model, optimizer

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss, ()."""
        loss.backward()  # type: ignore[no-untyped-call]
