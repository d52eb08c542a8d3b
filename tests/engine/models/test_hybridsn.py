"""HybridSN against the figures of the paper, and its limits."""

from __future__ import annotations

import pytest
import torch

from hsi_engine.errors import ParameterError
from hsi_engine.models import registry


def parameters(*, batch_norm: bool = False, **options: bool) -> int:
    network = registry.build("hybridsn", {"batch_norm": batch_norm, **options}, 30, 25, 16)
    return sum(p.numel() for p in network.parameters())


def test_the_plain_network_has_the_number_of_parameters_of_the_paper() -> None:
    assert parameters() == 5_122_176


def test_squeeze_excitation_adds_two_linear_layers_of_64_and_4_units() -> None:
    assert parameters(squeeze_excitation=True) - parameters() == (64 * 4 + 4) + (4 * 64 + 64)


def test_batch_norm_replaces_the_bias_of_a_convolution_by_scale_and_shift() -> None:
    assert parameters(batch_norm=True) - parameters() == 8 + 16 + 32 + 64


def test_groups_divide_the_weights_of_all_convolutions_but_the_first() -> None:
    weights = 16 * 8 * 5 * 9 + 32 * 16 * 3 * 9 + 64 * 576 * 9
    grouped = registry.build("hybridsn", {"batch_norm": False, "groups": 4}, 30, 25, 16)
    assert parameters() - sum(p.numel() for p in grouped.parameters()) == weights - weights // 4


@pytest.mark.parametrize(("components", "patch_size"), [(13, 9), (15, 25), (40, 11)])
def test_shapes_follow_from_components_and_patch_size(components: int, patch_size: int) -> None:
    network = registry.build("hybridsn", {}, components, patch_size, 3).eval()
    patches = torch.randn(2, components, patch_size, patch_size)
    assert network.features(patches).shape == (2, 64, patch_size - 8, patch_size - 8)
    assert network(patches).shape == (2, 3)


def test_the_network_gives_logits_not_probabilities() -> None:
    logits = registry.build("hybridsn", {}, 15, 9, 3).eval()(torch.randn(4, 15, 9, 9))
    assert not torch.allclose(logits.sum(1), torch.ones(4))


def test_too_few_components_are_refused_with_what_is_needed() -> None:
    with pytest.raises(ParameterError, match=r"at least 13 components.*found 12.*15 to 30"):
        registry.build("hybridsn", {}, 12, 25, 3)


def test_a_patch_that_the_convolutions_use_up_is_refused() -> None:
    with pytest.raises(
        ParameterError, match=r"a patch of 9×9 to 99×99 pixels; found 7×7\. Set the patch size from 9 to 99"
    ):
        registry.build("hybridsn", {}, 30, 7, 3)


def test_an_unknown_model_names_its_near_matches() -> None:
    with pytest.raises(ParameterError, match=r"no model called 'HybridNS'.*Did you mean hybridsn or "):
        registry.get("HybridNS")


def test_an_unknown_model_without_near_match_names_all() -> None:
    with pytest.raises(ParameterError, match=rf"'xyz'.*Known models: {', '.join(registry.architectures())}\."):
        registry.get("xyz")


def test_an_unknown_option_is_refused_with_the_options_there_are() -> None:
    with pytest.raises(ParameterError, match=r"HybridSN .* has no option 'batchnorm'.*batch_norm, squeeze"):
        registry.build("hybridsn", {"batchnorm": True}, 30, 25, 3)


def test_a_value_that_an_option_cannot_have_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"Option 'dropout' of model 'hybridsn'.*less than 1; found 1"):
        registry.build("hybridsn", {"dropout": 1}, 30, 25, 3)
