"""The contract of ``features`` and ``head``, over every architecture and each of its variants."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
import torch

from classifiers import cases, components_of, trained
from hsi_engine.inference.dense import can_run_densely, dense_logits, patchwise_logits
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork

CLASSES = 5
ROWS, COLS = 17, 9
CASES = pytest.mark.parametrize(("name", "options", "patch"), cases())


_networks: dict[tuple[str, str, int], PatchNetwork] = {}


def new_network_of(name: str, options: dict[str, Any], patch: int) -> PatchNetwork:
    return trained(name, options, n_components=components_of(name), patch_size=patch, n_classes=CLASSES)[0]


def network_of(name: str, options: dict[str, Any], patch: int) -> PatchNetwork:
    """The same for all tests, of which none changes it."""
    key = name, repr(sorted(options.items())), patch
    if key not in _networks:
        _networks[key] = new_network_of(name, options, patch)
    return _networks[key]


def tile_with_hole_and_border(name: str, patch: int) -> torch.Tensor:
    """A non-square tile with its zero margin, and a hole without data."""
    radius, components = patch // 2, components_of(name)
    tile = torch.zeros(components, ROWS + 2 * radius, COLS + 2 * radius)
    inside = torch.randn(components, ROWS, COLS, generator=torch.Generator().manual_seed(patch))
    tile[:, radius : radius + ROWS, radius : radius + COLS] = 2 * inside
    tile[:, radius + 4 : radius + 9, radius + 2 : radius + 5] = 0
    return tile


def test_all_architectures_are_tested() -> None:
    assert {case.values[0] for case in cases()} == set(registry.architectures())


@CASES
def test_dense_and_patchwise_logits_agree(name: str, options: dict[str, Any], patch: int) -> None:
    network = network_of(name, options, patch)
    tile = tile_with_hole_and_border(name, patch)
    patchwise = patchwise_logits(network, tile)
    assert patchwise.shape == (CLASSES, ROWS, COLS)
    assert patchwise.std() > 1e-3
    if registry.get(name).fit is not None or patch == 1:
        assert len(patchwise.argmax(0).unique()) > 1
    if registry.get(name).dense:
        assert can_run_densely(network)
        difference = (dense_logits(network, tile) - patchwise).abs().max()
        assert difference < 1e-4, f"dense and patch-wise logits differ by {difference:.2e}"


@CASES
def test_the_registry_decides_whether_a_network_runs_densely(
    name: str, options: dict[str, Any], patch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = registry.architectures()
    for dense in (True, False):
        changed = MappingProxyType({**known, name: replace(known[name], dense=dense)})
        monkeypatch.setattr(registry, "architectures", lambda changed=changed: changed)
        assert can_run_densely(new_network_of(name, options, patch)) is dense


@CASES
def test_features_of_a_shifted_tile_are_the_shifted_features(name: str, options: dict[str, Any], patch: int) -> None:
    if not registry.get(name).dense:
        return
    network = network_of(name, options, patch)
    tile = tile_with_hole_and_border(name, patch)[None]
    with torch.inference_mode():
        whole = network.tile_features()(tile)
        part = network.tile_features()(tile[:, :, 3:, 2:])
    torch.testing.assert_close(part, whole[:, :, 3:, 2:], atol=1e-5, rtol=1e-4)


@CASES
def test_the_features_lose_as_many_pixels_as_the_window_of_the_head_leaves(
    name: str, options: dict[str, Any], patch: int
) -> None:
    if not registry.get(name).dense:
        return
    network = network_of(name, options, patch)
    with torch.inference_mode():
        features = network.tile_features()(torch.zeros(2, components_of(name), patch, patch))
    assert features.shape == (2, network.head.channels, network.head.window, network.head.window)
