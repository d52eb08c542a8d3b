"""Counting the work of a network: by hand, and against what torch counts while it computes."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.inference.macs import count_macs
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork


def network(patch_size: int = 15, components: int = 15, **options: bool) -> PatchNetwork:
    return registry.build("hybridsn", options, components, patch_size, 6).eval()


def test_the_features_are_counted_as_by_hand() -> None:
    found = count_macs(network(25, 30), 30, (64, 64))
    by_layer = (24 * 8 * 7 * 9, 20 * 16 * 8 * 5 * 9, 18 * 32 * 16 * 3 * 9, 64 * 576 * 9)
    assert found.features == sum(by_layer)
    assert found.window_directly == 17 * 17 * 64 * 256
    assert found.rest == 256 * 128 + 128 * 6


@pytest.mark.parametrize(("patch_size", "components"), [(15, 15), (25, 30), (11, 13)])
def test_a_patch_takes_what_torch_counts_when_it_is_predicted(patch_size: int, components: int) -> None:
    net = network(patch_size, components)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(torch.zeros(3, components, patch_size, patch_size))
    assert count_macs(net, components, (64, 64)).patchwise == counter.get_total_flops() / 6


def test_the_features_of_a_tile_take_nearly_what_torch_counts_when_they_are_computed() -> None:
    shape = (180, 130)
    net = network(batch_norm=True)
    found = count_macs(net, 15, shape).features
    dense = DenseNetwork(net, shape)
    with FlopCounterMode(display=False) as counter:
        dense.features(torch.zeros(15, shape[0] + 14, shape[1] + 14))
    measured = counter.get_total_flops() / 2 / (shape[0] * shape[1])
    # They are computed in squares, which have margins of their own.
    assert found < measured < 1.6 * found


def test_what_is_done_densely_is_far_less_than_patch_by_patch_and_never_more_than_directly() -> None:
    found = count_macs(network(25, 30), 30, (256, 256))
    assert found.dense < found.dense_directly < found.patchwise / 40
    assert found.dense_directly - found.features == found.window_directly + found.rest


def test_a_gate_takes_the_direct_way() -> None:
    found = count_macs(network(squeeze_excitation=True), 15, (256, 256))
    assert found.window_densely == found.window_directly


def test_the_network_is_left_as_it_was() -> None:
    net = network()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    count_macs(net, 15, (64, 64))
    assert all(tensor.device.type == "cpu" and torch.equal(tensor, before[k]) for k, tensor in net.state_dict().items())


def test_another_kind_of_head_is_refused() -> None:
    net = network()
    net.head = torch.nn.Identity()
    with pytest.raises(TypeError, match="no dense form is known for a head of type Identity"):
        count_macs(net, 15, (64, 64))


@pytest.mark.parametrize("name", [name for name, a in registry.architectures().items() if not a.second_source])
def test_the_layers_of_every_method_add_up_to_what_torch_counts(name: str) -> None:
    edge = registry.get(name).suggested.get("patch_size", 1)
    net = registry.build(name, {}, 30, edge, 6).eval().to("meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net.features(torch.empty(1, 30, edge, edge, device="meta"))
    cost = net.head.macs((64, 64))
    assert count_macs(net, 30, (64, 64)).patchwise == counter.get_total_flops() // 2 + cost.window_directly + cost.rest
