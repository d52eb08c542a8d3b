"""Training alone on the CPU: what lightning_fabric.Fabric does there, to the bit."""

from __future__ import annotations

import torch
from lightning_fabric import Fabric
from torch import nn

from hsi_engine.runtime.device import make_fabric
from hsi_engine.runtime.one_process import OneProcess
from hsi_engine.runtime.ranks import Ranks
from hsi_engine.training.optimizer import EagerAdamW


def test_the_weights_are_those_that_fabric_gives() -> None:
    alone = make_fabric(torch.device("cpu"), "auto")
    assert isinstance(alone, OneProcess)
    assert Ranks.of(alone) == Ranks()
    weights = []
    for fabric in (alone, Fabric(accelerator="cpu", devices=1, precision="32-true")):
        torch.manual_seed(3)
        network = nn.Sequential(nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(45, 2))
        model, optimizer = fabric.setup(network, EagerAdamW(network.parameters(), lr=0.01))
        for _ in range(3):
            optimizer.zero_grad()
            fabric.backward(nn.functional.cross_entropy(model(torch.randn(6, 4, 5, 5)), torch.arange(6) % 2))
            optimizer.step()
        weights.append(network.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_other_precisions_are_a_matter_of_fabric() -> None:
    assert isinstance(make_fabric(torch.device("cpu"), "bf16-mixed"), Fabric)
