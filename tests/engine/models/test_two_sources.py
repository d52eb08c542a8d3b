"""The network of two sources: its losses against their formulas, what is left out in training, its parts for one source."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from hsi_engine.errors import ParameterError
from hsi_engine.models import registry
from hsi_engine.models.networks import two_sources
from hsi_engine.models.networks.two_sources import TwoSources, common_space_loss, invariance_loss

SCENE, SECOND, CLASSES, PATCH = 11, 3, 4, 5


def network(patch: int = PATCH, **options: float) -> TwoSources:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        built = registry.build("two_sources", {"second_bands": SECOND, **options}, SCENE + SECOND, patch, CLASSES)
    assert isinstance(built, TwoSources)
    return built


def patches(n: int = 12, seed: int = 0, patch: int = PATCH) -> tuple[Tensor, Tensor]:
    draws = torch.Generator().manual_seed(seed)
    images = torch.randn(n, SCENE + SECOND, patch, patch, generator=draws)
    return images, torch.randint(CLASSES, (n,), generator=draws)


def test_the_loss_of_the_common_space_is_that_of_the_paper() -> None:
    draws = torch.Generator().manual_seed(2)
    u, v = torch.randn(2, 6, 5, generator=draws, dtype=torch.float64)
    classes = torch.tensor([0, 1, 1, 2, 0, 1])
    expected = 0.0
    for a, b in ((u, v), (u, u), (v, v)):
        for i, j in product(range(6), range(6)):
            half = 0.5 * float(a[i] @ b[j] / (a[i].norm() * b[j].norm()))
            expected += (math.log(1 + math.exp(half)) - (classes[i] == classes[j]).item() * half) / 36
    assert float(common_space_loss(u, v, classes)) == pytest.approx(expected, rel=1e-9)


def test_the_loss_of_the_common_space_falls_as_classes_part() -> None:
    classes = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    mixed = torch.tensor([[1.0, 0], [-1, 0], [1, 0], [-1, 0]])
    assert common_space_loss(apart, apart, classes) < common_space_loss(mixed, mixed, classes)


def test_the_loss_of_invariance_is_the_mean_distance() -> None:
    u, v = torch.tensor([[0.0, 0], [1, 1]]), torch.tensor([[3.0, 4], [1, 1]])
    assert float(invariance_loss(u, v)) == pytest.approx(2.5)


def test_both_weights_enter_the_loss() -> None:
    images, classes = patches()
    added = {}
    for weights in ((0.0, 0.0), (2.0, 0.0), (0.0, 3.0), (2.0, 3.0)):
        one = network(common_weight=weights[0], invariance_weight=weights[1], dropout=0.0).train()
        added[weights] = float(one(images, classes)[1].detach())
    assert added[0.0, 0.0] == 0
    assert added[2.0, 0.0] > 0
    assert added[0.0, 3.0] > 0
    assert added[2.0, 3.0] == pytest.approx(added[2.0, 0.0] + added[0.0, 3.0], rel=1e-5)


def test_gradients_reach_both_branches() -> None:
    one, (images, classes) = network(modality_dropout=0.5).train(), patches()
    logits, added = one(images, classes)
    (torch.nn.functional.cross_entropy(logits, classes) + added).backward()
    for name, weight in one.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_of_the_share_one_source_alone_is_scored_each_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    both = torch.stack([torch.zeros(4000, 1), torch.ones(4000, 1)])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = two_sources._mean_of_present(both, 0.3)
    counts = [int((found == value).sum()) for value in (0.0, 0.5, 1.0)]
    assert sum(counts) == 4000
    assert counts[1] == pytest.approx(2800, abs=120)
    assert counts[0] == pytest.approx(600, abs=90)
    assert counts[2] == pytest.approx(600, abs=90)
    assert (two_sources._mean_of_present(both, 0.0) == 0.5).all()


def part(whole: TwoSources, source: str) -> TwoSources:
    """The network of one source with the weights of ``whole``."""
    other = "features.second." if source == "scene" else "features.scene."
    channels, second = (SCENE, 0) if source == "scene" else (SECOND, SECOND)
    options = {"second_bands": second}
    one = registry.build("two_sources", options, channels, PATCH, CLASSES)
    one.load_state_dict({k: v for k, v in whole.state_dict().items() if not k.startswith(other)})
    assert isinstance(one, TwoSources)
    return one.eval()


def test_without_a_hidden_unit_of_doubt_the_whole_is_the_mean_of_its_parts() -> None:
    # The shared layers are linear, so the scores of both sources are the mean of those of each.
    whole, (images, _) = network().eval(), patches()
    with torch.inference_mode():
        scene, second = part(whole, "scene")(images[:, :SCENE]), part(whole, "second")(images[:, SCENE:])
        assert torch.allclose(whole(images), (scene + second) / 2, atol=1e-5)
        assert not torch.allclose(scene, second, atol=0.1)


def test_each_source_sees_its_own_channels_only() -> None:
    whole, (images, _) = network().eval(), patches()
    changed = images.clone()
    changed[:, SCENE:] += 1
    with torch.inference_mode():
        before, after = whole.features(images), whole.features(changed)
    assert torch.equal(before[:, :64], after[:, :64])
    assert not torch.equal(before[:, 64:], after[:, 64:])


def test_more_bands_of_the_second_source_than_channels_are_refused() -> None:
    with pytest.raises(ParameterError, match="the last 6 of 5 channels"):
        registry.build("two_sources", {"second_bands": 6}, 5, 3, 2)


def test_a_patch_of_one_pixel_has_no_surroundings() -> None:
    one, (images, classes) = network(patch=1).train(), patches(patch=1)
    assert one(images, classes)[0].shape == (12, CLASSES)
