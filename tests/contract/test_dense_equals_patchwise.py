"""The contract of ``features`` and ``head``, over every architecture and each of its variants."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hsi_engine.inference.dense import can_run_densely, dense_logits, patchwise_logits
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork

COMPONENTS, PATCH, CLASSES = 15, 13, 5
ROWS, COLS = 17, 9

CASES = [
    pytest.param(architecture.name, dict(options), id=f"{architecture.name}-{variant}")
    for architecture in registry.architectures().values()
    for variant, options in architecture.variants.items()
]


def trained_looking(name: str, options: dict[str, object]) -> PatchNetwork:
    """A network whose batch statistics are not the initial ones, so that eval mode has something to keep."""
    torch.manual_seed(3)
    network = registry.build(name, options, COMPONENTS, PATCH, CLASSES)
    network.train()
    for _ in range(3):
        network(3 * torch.randn(8, COMPONENTS, PATCH, PATCH) + 1)
    return network.eval()


def tile_with_hole_and_border() -> torch.Tensor:
    """A non-square tile with its zero margin, and a hole without data."""
    radius = PATCH // 2
    tile = torch.zeros(COMPONENTS, ROWS + 2 * radius, COLS + 2 * radius)
    tile[:, radius:-radius, radius:-radius] = 2 * torch.randn(COMPONENTS, ROWS, COLS)
    tile[:, radius + 4 : radius + 9, radius + 2 : radius + 5] = 0
    return tile


@pytest.mark.parametrize(("name", "options"), CASES)
def test_dense_and_patchwise_logits_agree(name: str, options: dict[str, object]) -> None:
    network = trained_looking(name, options)
    tile = tile_with_hole_and_border()
    patchwise = patchwise_logits(network, tile)
    assert patchwise.shape == (CLASSES, ROWS, COLS)
    assert patchwise.std() > 1e-3
    if registry.get(name).dense:
        assert can_run_densely(network)
        difference = (dense_logits(network, tile) - patchwise).abs().max()
        assert difference < 1e-4, f"dense and patch-wise logits differ by {difference:.2e}"


@pytest.mark.parametrize(("name", "options"), CASES)
def test_the_registry_decides_whether_a_network_runs_densely(
    name: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = registry.get(name)
    for dense in (True, False):
        changed = {**registry.architectures(), name: replace(architecture, dense=dense)}
        monkeypatch.setattr(registry, "_ARCHITECTURES", changed)
        assert can_run_densely(trained_looking(name, options)) is dense


@pytest.mark.parametrize(("name", "options"), CASES)
def test_features_of_a_shifted_tile_are_the_shifted_features(name: str, options: dict[str, object]) -> None:
    if not registry.get(name).dense:
        return
    network = trained_looking(name, options)
    tile = tile_with_hole_and_border()[None]
    with torch.inference_mode():
        whole = network.features(tile)
        part = network.features(tile[:, :, 3:, 2:])
    torch.testing.assert_close(part, whole[:, :, 3:, 2:], atol=1e-5, rtol=1e-4)
