"""Beginning with the weights of another network: what is kept, what is new, and what stays frozen."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import make_fabric
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.initial_weights import Start, begin_with, new_network
from hsi_engine.training.loop import TrainingData, train

CONFIG = TrainingConfig(epochs=2, batch_size=16, learning_rate=3e-3)
NETWORKS = ["spectral_cnn", "hybridsn", "hybridsn_mobilenet_v3", "ssftt", "ssrn", "vgg"]


def built(name: str, n_classes: int, seed: int, options: dict[str, Any] | None = None) -> PatchNetwork:
    patch = registry.get(name).suggested["patch_size"]
    return new_network(name, options or {}, n_components=15, patch_size=patch, n_classes=n_classes, seed=seed)


def begun(name: str, old: PatchNetwork, classes: tuple[int | None, ...], *, freeze: bool = False) -> PatchNetwork:
    network = built(name, len(classes), seed=2)
    start = Start(weights=old.state_dict(), classes=classes, freeze_features=freeze, model_id="a")
    begin_with(network, start, model=name, options={}, n_components=15)
    return network


def inputs(network: PatchNetwork) -> torch.Tensor:
    return torch.randn(3, 15, network.patch_size, network.patch_size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", NETWORKS)
@torch.inference_mode()
def test_classes_are_told_apart_as_before_in_whatever_order(name: str) -> None:
    old = built(name, 4, seed=1).eval()
    new = begun(name, old, (3, 0, 2)).eval()
    torch.testing.assert_close(new(inputs(new)), old(inputs(old))[:, [3, 0, 2]])


@pytest.mark.parametrize("name", NETWORKS)
@torch.inference_mode()
def test_a_new_class_begins_with_the_weights_of_the_seed(name: str) -> None:
    old = built(name, 2, seed=1).eval()
    new = begun(name, old, (None, 1)).eval()
    scores = new(inputs(new))
    torch.testing.assert_close(scores[:, 1], old(inputs(old))[:, 1])
    last, untouched = list(new.state_dict().values())[-1], list(built(name, 2, seed=2).state_dict().values())[-1]
    assert last[0] == untouched[0]
    assert last[1] != untouched[1]


def test_frozen_features_keep_weights_and_statistics_while_the_head_learns(data: TrainingData) -> None:
    channels, classes = data.cube.n_components, len(data.train.legend)
    sizes = {"n_components": channels, "patch_size": data.cube.patch_size, "n_classes": classes}
    old = new_network("spectral_cnn", {}, **sizes, seed=1)
    network = new_network("spectral_cnn", {}, **sizes, seed=2)
    start = Start(weights=old.state_dict(), classes=tuple(range(classes)), freeze_features=True, model_id="a")
    begin_with(network, start, model="spectral_cnn", options={}, n_components=channels)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fabric = make_fabric(torch.device("cpu"), "32-true")
    train(network, data, CONFIG, fabric=fabric, reporter=SilentReporter())
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name in before if name.startswith("head.")}
