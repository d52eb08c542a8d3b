"""The optimizer: AdamW, in one pass where the installed torch can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training import optimizer
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.optimizer import new_optimizer, updates_in_one_pass

CONFIG = TrainingConfig(epochs=1, batch_size=4, learning_rate=3e-3, schedule="constant", weight_decay=0.1)


@pytest.mark.parametrize(
    ("device", "version", "expected"),
    [
        ("cpu", "2.3.1+cpu", False),
        ("cpu", "2.4.0", True),
        ("cpu", "2.13.0+cpu", True),
        ("cuda", "2.2.2+cu121", True),
        ("mps", "2.4.1", False),
        ("mps", "2.5.0", True),
        ("xpu", "2.13.0", False),
    ],
)
def test_one_pass_is_used_where_torch_has_it(device: str, version: str, expected: bool) -> None:
    assert updates_in_one_pass(device, version) is expected


def test_both_ways_give_the_same_weights_up_to_rounding(
    new_network: Callable[[], PatchNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = []
    for one_pass in (True, False):
        monkeypatch.setattr(optimizer, "updates_in_one_pass", lambda *_, answer=one_pass: answer)
        network = new_network()
        stepper = new_optimizer(network, CONFIG)
        assert stepper.defaults["fused"] is one_pass
        generator = torch.Generator().manual_seed(1)
        for _ in range(3):
            for parameter in network.parameters():
                parameter.grad = torch.randn(parameter.shape, generator=generator)
            stepper.step()
        networks.append(network)
    for one, other in zip(*(network.parameters() for network in networks), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_without_the_compiler_the_steps_are_those_of_torch(new_network: Callable[[], PatchNetwork]) -> None:
    networks, states = [], []
    for kind in (torch.optim.AdamW, optimizer.EagerAdamW):
        network = new_network()
        stepper = kind(network.parameters(), lr=3e-3, weight_decay=0.1)
        generator = torch.Generator().manual_seed(1)
        for _ in range(2):
            for parameter in network.parameters():
                parameter.grad = torch.randn(parameter.shape, generator=generator)
            stepper.step()
            stepper.zero_grad()
            again = kind(network.parameters())
            again.load_state_dict(stepper.state_dict())
            stepper = again
        networks.append(network)
        states.append(stepper.state_dict())
    for one, other in zip(*(network.parameters() for network in networks), strict=True):
        assert one.grad is other.grad is None
        assert torch.equal(one, other)
    assert states[0]["param_groups"] == states[1]["param_groups"]
